/** The app as the screen sees it: snapshots of it, actions on it, questions to its database. */
import type { Source } from "../source.ts";
import { type Clock, every } from "../clock.ts";
import { bareHandle, handleWords } from "../config/handle.ts";
import { describeEvent } from "../describe.ts";
import { type EventType, eventTypes } from "../event.ts";
import type { QueuedItem } from "../item.ts";
import type { StoredItem } from "../item.ts";
import type {
  Action,
  ActionResult,
  Answer,
  Control,
  EventDetail,
  EventsPage,
  ItemLine,
  Query,
  ServiceDetail,
  Snapshot,
  TestEvent,
} from "../control.ts";
import { UserError } from "../user_error.ts";
import type { App } from "./app.ts";
import { lineOf, type Monitor } from "./monitor.ts";
import { makeTestEvent } from "./test_event.ts";

/** In the database: the user that was typed last. */
export const lastUserKey = "last_user";

const maxPendingLines = 200;
const maxFailureLines = 20;
const maxTestAmount = 100_000;

export interface ScreenControlOptions {
  app: App;
  monitor: Monitor;
  clock: Clock;
  /** Makes a source of a user's live, or of a made-up one. Throws a `UserError`. */
  openSource(choice: { username: string } | "demo"): Promise<Source>;
  /** For a second quit. */
  exitNow(): void;
}

export class ScreenControl implements Control {
  /** The mistake in the config that keeps the old settings in force. */
  configError: string | null = null;
  readonly #options: ScreenControlOptions;
  readonly #stopTicking: () => void;
  #isStopping = false;

  /** Measures from now on; call `close` in the end. */
  constructor(options: ScreenControlOptions) {
    this.#options = options;
    const { app, monitor, clock } = options;
    this.#stopTicking = every(clock, 1000, () => {
      monitor.tick();
      app.services.tick(clock.now());
    });
  }

  close(): void {
    this.#stopTicking();
  }

  snapshot(): Snapshot {
    const { app, monitor, clock } = this.#options;
    const now = clock.now();
    const { session, captured, totals: { likes, diamonds, follows } } = app.snapshot();
    const services = app.services.views(now);
    return {
      at: now,
      connection: monitor.connection,
      hasSource: app.hasSource,
      session: session && { id: session.id, startedAt: session.startedAt },
      viewers: monitor.viewers,
      totals: { likes, diamonds, follows },
      eventCount: captured.stored,
      rates: monitor.rates(),
      events: monitor.events(),
      services,
      log: monitor.log(),
      stopping: this.#isStopping ? describeStop(services) : null,
      configError: this.configError,
    };
  }

  async dispatch(action: Action): Promise<ActionResult> {
    try {
      return { text: await this.#perform(action), isError: false };
    } catch (error) {
      if (error instanceof UserError) return { text: error.message, isError: true };
      throw error;
    }
  }

  query<Asked extends Query>(query: Asked): Promise<Answer<Asked>> {
    return this.#answer(query) as Promise<Answer<Asked>>;
  }

  async #perform(action: Action): Promise<string> {
    const { app, clock } = this.#options;
    switch (action.kind) {
      case "pause":
        app.services.pause(action.slug);
        return `${action.slug ?? "All services"} paused: the queue keeps filling, under its rules.`;
      case "resume":
        app.services.resume(action.slug);
        return `${action.slug ?? "All services"} resumed.`;
      case "restart":
        await this.#service(action.slug).runner?.restart();
        return `${action.slug} was restarted.`;
      case "empty":
        return `${describeItems(await app.services.empty(action.slug))} of ${action.slug} discarded.`;
      case "retry":
        return `${
          describeItems(await app.services.retryAll(action.slug, action.status))
        } of ${action.slug} put back.`;
      case "retry_item":
        return `${describeItems(await app.services.retry([this.#endedItem(action.itemId)]))} put back.`;
      case "send_test_event":
        app.inject(makeTestEvent(checked(action.event), clock.now()));
        return `A ${action.event.type} was sent, to try your services.`;
      case "switch_user":
        return await this.#switchUser(action.username);
      case "start_demo":
        app.switchSource(await this.#options.openSource("demo"));
        return "A made-up live has started.";
      case "quit":
        return this.#quit();
    }
  }

  #quit(): string {
    if (this.#isStopping) this.#options.exitNow();
    this.#isStopping = true;
    this.#options.app.stop("Stopped by the user.");
    return "Stopping; once more stops at once.";
  }

  async #switchUser(given: string): Promise<string> {
    const { app, openSource } = this.#options;
    const username = bareHandle(given);
    if (!username) throw new UserError(`${JSON.stringify(given)} is no TikTok user. Give ${handleWords}.`);
    app.switchSource(await openSource({ username }));
    app.keepValue(lastUserKey, username);
    return `Going to @${username}.`;
  }

  #answer(query: Query): Promise<EventsPage | EventDetail | ServiceDetail> {
    switch (query.kind) {
      case "events":
        return this.#eventsPage(query);
      case "event":
        return this.#eventDetail(query.id);
      case "service":
        return this.#serviceDetail(query.slug);
    }
  }

  async #eventsPage({ before, limit, type, text }: Query & { kind: "events" }): Promise<EventsPage> {
    const { app } = this.#options;
    const sessionId = app.snapshot().session?.id;
    const options = {
      ...(sessionId !== undefined && { sessionId }),
      ...(before !== null && { before }),
      ...(type !== null && { type }),
      text,
      limit: limit + 1,
    };
    const events = await app.questions.ask("events", options, "events page");
    return {
      kind: "events",
      events: events.slice(0, limit).reverse().map(lineOf),
      hasMore: events.length > limit,
    };
  }

  async #eventDetail(id: number): Promise<EventDetail> {
    const { questions } = this.#options.app;
    const [event, items] = await Promise.all([questions.ask("event", id), questions.ask("itemsOf", id)]);
    return {
      kind: "event",
      event,
      items: items.map(storedLine),
    };
  }

  async #serviceDetail(slug: string): Promise<ServiceDetail> {
    const { app, monitor } = this.#options;
    const unit = this.#service(slug);
    const options = { serviceSlug: slug, status: "failed", limit: maxFailureLines } as const;
    const failures = await app.questions.ask("queue", options, "failures");
    return {
      kind: "service",
      subscriptions: eventTypes.flatMap((type: EventType) => {
        const subscription = unit.subscriptions[type];
        return subscription ? [{ type, ...subscription }] : [];
      }),
      pending: unit.queue.pendingItems().slice(0, maxPendingLines).map((item) => pendingLine(item, slug)),
      failures: failures.map(storedLine),
      log: monitor.log().filter(({ from }) => from === slug),
    };
  }

  #endedItem(id: number): StoredItem {
    const item = this.#options.app.reader.item(id);
    if (item === null) throw new UserError(`There is no item ${id}.`);
    if (item.status !== "failed" && item.status !== "discarded") {
      throw new UserError(`Item ${id} is ${item.status}: only failed and discarded ones can be put back.`);
    }
    return item;
  }

  #service(slug: string) {
    const unit = this.#options.app.services.find(slug);
    if (unit === null) throw new UserError(`${slug} is not among the active services any more.`);
    return unit;
  }
}

function checked(event: TestEvent): TestEvent {
  if (Number.isInteger(event.amount) && event.amount >= 1 && event.amount <= maxTestAmount) return event;
  throw new UserError(
    `An amount of ${event.amount} cannot be sent. It is a whole number from 1 to ${maxTestAmount}.`,
  );
}

function describeStop(services: Snapshot["services"]): string[] {
  const busy = services.filter(({ inFlight }) => inFlight > 0)
    .map(({ slug, inFlight }) => `${slug} finishes ${describeItems(inFlight)}`);
  return busy.length > 0 ? busy : ["writing what is left"];
}

function describeItems(count: number): string {
  return `${count} item${count === 1 ? "" : "s"}`;
}

function storedLine(item: StoredItem): ItemLine {
  const { id, serviceSlug, status, priority, attempts, createdAt, startedAt, finishedAt, event } = item;
  const why = item.error ?? item.discardReason ?? "";
  const text = describeEvent(event);
  return {
    id,
    serviceSlug,
    status,
    priority,
    attempts,
    queuedAt: createdAt,
    startedAt,
    finishedAt,
    text,
    why,
  };
}

function pendingLine(
  { id, priority, attempts, event, notBefore }: QueuedItem,
  serviceSlug: string,
): ItemLine {
  return {
    id,
    serviceSlug,
    status: "pending",
    priority,
    attempts,
    queuedAt: event.receivedAt,
    startedAt: null,
    finishedAt: null,
    text: describeEvent(event),
    why: notBefore === null ? "" : "waits for its next try",
  };
}
