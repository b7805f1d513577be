/**
 * The metrics of the runs of a process: one, or one for each room. `room` has the label of a room. What the database keeps is counted by its operations once they are committed, so a count is
 * the number of rows. Names and units follow the conventions of OpenTelemetry.
 */
import { type Attributes, type Counter, type Histogram, type Meter, metrics } from "@opentelemetry/api";
import type { Outcome } from "../item.ts";
import type { Operation } from "../operation.ts";
import type { Commit, ObservedRun } from "../run_observer.ts";
import { EventTypes, labels, sourceLabel } from "./labels.ts";
import { RunStates } from "./run_state.ts";

/** Limits of the groups of durations, in seconds. */
const itemSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const commitSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const batchSizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

export class RunMetrics {
  readonly #meter: Meter = metrics.getMeter("livecue");
  readonly #events: Counter;
  readonly #lost: Counter;
  readonly #items: Counter;
  readonly #wait: Histogram;
  readonly #run: Histogram;
  readonly #commit: Histogram;
  readonly #batch: Histogram;
  readonly #states: RunStates;
  readonly #types = new EventTypes();
  /** Names of services that have left the config. */
  readonly #slugs = new Map<number, string>();
  /** By open session: its source, and what it has shed so far. */
  readonly #sessions = new Map<number, { source: string; shed: Record<string, number> }>();

  constructor() {
    this.#states = new RunStates(this.#meter);
    this.#events = this.#counter("livecue.events", "{event}", "Events that were stored.");
    this.#lost = this.#counter(
      "livecue.events.lost",
      "{event}",
      "Events that were dropped before the database.",
    );
    this.#items = this.#counter("livecue.items", "{item}", "Items that ended.");
    this.#wait = this.#histogram("livecue.queue.wait.duration", "s", {
      description: "How long an item waited in the queue before it was handed to the worker.",
      limits: itemSeconds,
    });
    this.#run = this.#histogram("messaging.process.duration", "s", {
      description: "How long the service worked on an item.",
      limits: itemSeconds,
    });
    this.#commit = this.#histogram("livecue.store.commit.duration", "s", {
      description: "How long a transaction of the database took.",
      limits: commitSeconds,
    });
    this.#batch = this.#histogram("livecue.store.commit.size", "{operation}", {
      description: "How many changes a transaction wrote.",
      limits: batchSizes,
    });
  }

  committed({ operations, tookMs, slugOf }: Commit, room: Attributes): void {
    this.#commit.record(tookMs / 1000);
    this.#batch.record(operations.length);
    for (const { operation } of operations) this.#count(operation, slugOf, room);
  }

  waited(slug: string, waitMs: number): void {
    this.#wait.record(waitMs / 1000, { [labels.service]: slug });
  }

  /** An item that was only interrupted or waits for a step adds no duration. */
  ran(slug: string, { outcome, runMs }: { outcome: Outcome["kind"]; runMs: number }): void {
    if (outcome === "released" || outcome === "waiting") return;
    const attributes: Attributes = {
      "messaging.system": "livecue",
      "messaging.operation.name": "process",
      "messaging.destination.name": slug,
    };
    if (outcome !== "completed") attributes["error.type"] = outcome;
    this.#run.record(runMs / 1000, attributes);
  }

  watch(run: ObservedRun, room: Attributes): () => void {
    return this.#states.watch(run, room);
  }

  #count(operation: Operation, slugOf: Commit["slugOf"], room: Attributes): void {
    switch (operation.kind) {
      case "insert_event": {
        const { type, source } = operation.event;
        const attributes = {
          [labels.eventType]: this.#types.label(type),
          [labels.source]: sourceLabel(source),
          ...room,
        };
        return this.#events.add(1, attributes);
      }
      case "finish_item":
        return this.#end({ slug: this.#nameOf(operation.serviceId, slugOf), end: operation.status }, room);
      case "set_aside_item":
        return this.#end({ slug: this.#nameOf(operation.serviceId, slugOf), end: "failed" }, room);
      case "discard_item":
        return this.#discard(this.#nameOf(operation.serviceId, slugOf), operation.reason, room);
      case "insert_item":
        if (operation.as !== "discarded") return;
        return this.#discard(this.#nameOf(operation.row.serviceId, slugOf), "queue_full", room);
      case "open_session": {
        const { id, source } = operation.session;
        this.#sessions.set(id, { source: sourceLabel(source), shed: {} });
        return;
      }
      case "close_session":
        this.#sessions.delete(operation.id);
        return;
      case "update_shed":
        return this.#countShed(operation.id, operation.shed, room);
    }
  }

  #end({ slug, end }: { slug: string; end: string }, more: Attributes): void {
    this.#items.add(1, { [labels.service]: slug, [labels.itemEnd]: end, ...more });
  }

  #discard(slug: string, reason: string, room: Attributes): void {
    this.#end({ slug, end: "discarded" }, { [labels.discardReason]: reason, ...room });
  }

  /** `shed` has the counts of the whole session. */
  #countShed(sessionId: number, shed: Record<string, number>, room: Attributes): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    for (const [type, count] of Object.entries(shed)) {
      const more = count - (session.shed[type] ?? 0);
      const { source } = session;
      const attributes = { [labels.eventType]: this.#types.label(type), [labels.source]: source, ...room };
      if (more > 0) this.#lost.add(more, attributes);
    }
    session.shed = shed;
  }

  #nameOf(serviceId: number, slugOf: Commit["slugOf"]): string {
    const slug = slugOf(serviceId) ?? this.#slugs.get(serviceId) ?? "";
    this.#slugs.set(serviceId, slug);
    return slug;
  }

  #counter(name: string, unit: string, description: string): Counter {
    return this.#meter.createCounter(name, { unit, description });
  }

  #histogram(
    name: string,
    unit: string,
    { description, limits }: { description: string; limits: number[] },
  ): Histogram {
    return this.#meter.createHistogram(name, {
      unit,
      description,
      advice: { explicitBucketBoundaries: limits },
    });
  }
}
