/**
 * The spans of a run. A trace begins when an event arrives:
 *
 * receive (arrival until its row is committed) ─▶ queue (in the queue of a service) and process (in its worker)
 *
 * An event that a service emits while it handles an item continues the trace of that item.
 */
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { systemClock } from "../clock.ts";
import type { LiveEvent } from "../event.ts";
import type { Outcome, QueuedItem } from "../item.ts";
import type { Commit } from "../run_observer.ts";
import { labels, sourceLabel } from "./labels.ts";
import { traceparentOf } from "./traces.ts";

/** Of the latest events, so many are remembered. An item of an older event begins a trace of its own. */
const maxEvents = 20_000;

export class RunTraces {
  readonly #tracer = trace.getTracer("livecue");
  /** The span of each event, by the event's id. */
  readonly #events = new Map<number, Context>();
  /** The spans that end with the commit of their event, by its id. */
  readonly #receiving = new Map<number, Span>();
  readonly #processing = new Map<QueuedItem, Span>();
  /** By the id of an event: the span of its item that was handed out or came back last, for what that item emits. */
  readonly #causes = new Map<number, Context>();

  arrived({ id, type, source, receivedAt, causedBy }: LiveEvent, room: Attributes): void {
    const parent = causedBy === null ? undefined : this.#causes.get(causedBy) ?? this.#events.get(causedBy);
    const span = this.#tracer.startSpan(`receive ${type}`, {
      kind: SpanKind.CONSUMER,
      startTime: receivedAt,
      attributes: {
        "messaging.system": "livecue",
        "messaging.operation.name": "receive",
        "messaging.operation.type": "receive",
        "messaging.message.id": String(id),
        [labels.eventType]: type,
        [labels.source]: sourceLabel(source),
        ...room,
      },
    }, parent ?? ROOT_CONTEXT);
    this.#receiving.set(id, span);
    this.#remember(this.#events, id, span);
  }

  committed({ operations }: Commit): void {
    for (const { operation } of operations) {
      if (operation.kind !== "insert_event") continue;
      const { id } = operation.event;
      this.#receiving.get(id)?.end();
      this.#receiving.delete(id);
    }
  }

  /** Returns the `traceparent` for the worker. */
  handedOut(slug: string, item: QueuedItem, waitMs: number | null): string {
    const { id, event, attempts } = item;
    const parent = this.#events.get(event.id) ?? ROOT_CONTEXT;
    const attributes = {
      "messaging.system": "livecue",
      "messaging.destination.name": slug,
      "messaging.message.id": String(event.id),
      "livecue.item.id": id,
      [labels.eventType]: event.type,
    };
    if (waitMs !== null) {
      const startTime = systemClock.now() - waitMs;
      this.#tracer.startSpan(`queue ${slug}`, { startTime, attributes }, parent).end();
    }
    const span = this.#tracer.startSpan(`process ${slug}`, {
      kind: SpanKind.CONSUMER,
      attributes: {
        ...attributes,
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "livecue.item.attempt": attempts,
      },
    }, parent);
    this.#processing.set(item, span);
    this.#remember(this.#causes, event.id, span);
    return traceparentOf(span);
  }

  settled(item: QueuedItem, outcome: Outcome["kind"]): void {
    const span = this.#processing.get(item);
    if (span === undefined) return;
    this.#processing.delete(item);
    if (outcome !== "completed") span.setAttribute("livecue.item.outcome", outcome);
    if (outcome === "failed" || outcome === "crashed") {
      span.setAttribute("error.type", outcome);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
    this.#remember(this.#causes, item.event.id, span);
  }

  #remember(contexts: Map<number, Context>, id: number, span: Span): void {
    contexts.set(id, trace.setSpan(ROOT_CONTEXT, span));
    if (contexts.size <= maxEvents) return;
    const [oldest] = contexts.keys();
    contexts.delete(oldest as number);
  }
}
