/**
 * Answers the screen's queries about a run: pages of events, the history of an event, a service's details, items that
 * can be put back, and channels of readings.
 */
import type { Clock } from "../clock.ts";
import type {
  Answer,
  EventDetail,
  GiftsPage,
  ItemLine,
  ItemsCount,
  Query,
  ReceivedItem,
  ServiceDetail,
  StepLine,
  StreakDetail,
  SubscriptionLine,
  TestEvent,
} from "../control.ts";
import { describeEvent } from "../describe.ts";
import { eventTypes, type LiveEvent } from "../event.ts";
import { findGift, giftMatches, giftsWith, type KnownGift, sortedGifts } from "../gift.ts";
import { discardReasonWords, type QueuedItem, type StoredItem } from "../item.ts";
import { t, translated } from "../language.ts";
import { type Step, stepDurationMs } from "../step.ts";
import type { Subscriptions } from "../subscription.ts";
import { UserError } from "../user_error.ts";
import type { EndedItem } from "../store/reader.ts";
import type { App } from "./app.ts";
import { ChannelQuestions } from "./channel_questions.ts";
import { withCatalog } from "./gift_catalog.ts";
import { EventQuestions } from "./event_questions.ts";
import type { Monitor } from "./monitor.ts";
import type { ServiceUnit } from "./service_unit.ts";

const maxPendingLines = 200;
const maxFailureLines = 20;
const maxRunningLines = 20;
const maxStreakEvents = 200;

export class Questions {
  readonly #app: App;
  readonly #monitor: Monitor;
  readonly #clock: Clock;
  readonly #channels: ChannelQuestions;
  readonly #events: EventQuestions;

  constructor({ app, monitor, clock }: { app: App; monitor: Monitor; clock: Clock }) {
    this.#app = app;
    this.#monitor = monitor;
    this.#clock = clock;
    this.#channels = new ChannelQuestions({ app, clock });
    this.#events = new EventQuestions(app);
  }

  async answer(query: Query): Promise<Answer> {
    switch (query.kind) {
      case "events":
      case "event_place":
      case "event_search":
      case "event_time":
        return await this.#events.answer(query);
      case "event":
        return await this.#eventDetail(query.id);
      case "sessions": {
        const { first, limit } = query;
        return {
          kind: "sessions",
          ...await this.#app.questions.ask("pastSessions", { first, limit }, "sessions"),
        };
      }
      case "session_sums":
        return { kind: "session_sums", sums: await this.#app.questions.ask("sessionSums", query.ids) };
      case "session_work":
        return { kind: "session_work", services: await this.#app.questions.ask("sessionWork", query.id) };
      case "gifts":
        return await this.#giftsPage(query);
      case "items":
        return await this.#itemsCount(query);
      case "service":
        return await this.#serviceDetail(query.slug);
      case "viewer":
        return { kind: "viewer", ...await this.#app.questions.ask("viewerOf", query.eventId) };
      case "channels":
        return await this.#channels.page(query);
      case "channel":
        return await this.#channels.channel(query);
    }
  }

  /** The gift that a test event names; null if it is unknown. */
  async gift({ id, name }: TestEvent["gift"]): Promise<KnownGift | null> {
    const gifts = await this.#gifts();
    return gifts.find((gift) => gift.id === id && gift.name === name) ?? findGift(gifts, name);
  }

  /** All known gifts, seen or not. */
  async #gifts(): Promise<KnownGift[]> {
    return withCatalog(await this.#app.questions.ask("gifts"));
  }

  async #giftsPage(
    { text, order, isAll, session, first, limit }: Query & { kind: "gifts" },
  ): Promise<GiftsPage> {
    const { questions } = this.#app;
    const gifts = session !== null
      ? await questions.ask("sessionGifts", session)
      : isAll
      ? await this.#gifts()
      : await questions.ask("gifts");
    const found = order === null ? giftMatches(gifts, text) : sortedGifts(giftsWith(gifts, text), order);
    return { kind: "gifts", count: found.length, lines: found.slice(first, first + limit) };
  }

  /** Throws a `UserError` if there is no such service. */
  service(slug: string): ServiceUnit {
    const unit = this.#app.services.find(slug);
    if (unit === null) throw new UserError(t`${slug} is no longer an active service.`);
    return unit;
  }

  /** Those of these items that are failed or discarded. Throws a `UserError` if none is. */
  async endedItems(ids: readonly number[]): Promise<EndedItem[]> {
    const items = await Promise.all(ids.map((id) => this.#app.questions.ask("item", id)));
    const ended = items.flatMap((item) =>
      item !== null && (item.status === "failed" || item.status === "discarded")
        ? [{ ...item, status: item.status }]
        : []
    );
    if (ended.length > 0) return ended;
    throw new UserError(t`None of these items is failed or discarded any more, so nothing is put back.`);
  }

  async #eventDetail(id: number): Promise<EventDetail> {
    const { questions } = this.#app;
    const [event, items] = await Promise.all([questions.ask("event", id), questions.ask("itemsOf", id)]);
    const streak = event === null ? null : await this.#streakOf(event);
    return { kind: "event", event, items: await this.#withSteps(items), streak };
  }

  async #streakOf({ sessionId, streak }: LiveEvent): Promise<StreakDetail | null> {
    if (streak === null) return null;
    const asked = { sessionId, streakId: streak.id, limit: maxStreakEvents };
    const { count, events } = await this.#app.questions.ask("streak", asked);
    if (count < 2) return null;
    const now = this.#clock.now();
    return {
      count,
      events: events.map(({ event: { id, createdAt, streak }, items }) => ({
        id,
        at: createdAt,
        total: streak?.count ?? 0,
        added: streak?.delta ?? 0,
        hasEnded: streak?.hasEnded ?? false,
        items: items.map(({ item, steps }) => receivedItem(item, steps, now)),
      })),
    };
  }

  async #withSteps(items: StoredItem[]): Promise<ReceivedItem[]> {
    const steps = await Promise.all(items.map(({ id }) => this.#app.questions.ask("steps", id)));
    const now = this.#clock.now();
    return items.map((item, i) => receivedItem(item, steps[i] ?? [], now));
  }

  /** Counts in the database, because the counts in memory cover only this run. */
  async #itemsCount({ slug, status }: Query & { kind: "items" }): Promise<ItemsCount> {
    await this.#app.services.discardsWritten();
    return {
      kind: "items",
      asked: await this.#app.questions.ask("countItems", { serviceSlug: slug, status }),
      room: this.#app.services.find(slug)?.room ?? null,
    };
  }

  async #serviceDetail(slug: string): Promise<ServiceDetail> {
    const unit = this.service(slug);
    const { questions } = this.#app;
    const options = { serviceSlug: slug, status: "failed", limit: maxFailureLines } as const;
    const ids = unit.feed?.runningIds.slice(0, maxRunningLines) ?? [];
    const [failures, ...running] = await Promise.all([
      questions.ask("queue", options, "failures"),
      ...ids.map((id) => questions.ask("item", id)),
    ]);
    return {
      kind: "service",
      subscriptions: subscriptionLines(unit.subscriptions),
      running: await this.#withSteps(running.flatMap((item) => item?.status === "processing" ? [item] : [])),
      pending: unit.pendingItems().slice(0, maxPendingLines).map((item) => pendingLine(item, slug)),
      failures: failures.map(storedLine),
      log: this.#monitor.log().filter(({ from }) => from === slug),
    };
  }
}

/** Livecue's own types in their usual order, then the types that services emit, and "*". */
function subscriptionLines(subscriptions: Subscriptions): SubscriptionLine[] {
  const types = new Set([...eventTypes, ...Object.keys(subscriptions)]);
  return [...types].flatMap((type) => {
    const subscription = subscriptions[type];
    if (subscription === undefined) return [];
    return [{ type, ...subscription, sources: subscription.sources ? [...subscription.sources] : null }];
  });
}

function storedLine(item: StoredItem): ItemLine {
  const { id, serviceSlug, status, priority, attempts, createdAt, startedAt, finishedAt, event } = item;
  const why = item.error ?? (item.discardReason && translated(discardReasonWords[item.discardReason])) ?? "";
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

function receivedItem(item: StoredItem, steps: Step[], now: number): ReceivedItem {
  return { ...storedLine(item), steps: steps.map((step) => stepLine(step, item, now)) };
}

function stepLine(step: Step, { status: itemStatus }: StoredItem, now: number): StepLine {
  const { name, status, attempts, notBefore, progress, error } = step;
  const goesOn = status === "waiting" && (itemStatus === "pending" || itemStatus === "processing");
  return {
    name,
    status,
    attempts,
    durationMs: stepDurationMs(step, now),
    inMs: goesOn && notBefore !== null ? Math.max(0, notBefore - now) : null,
    progress,
    why: error ?? "",
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
    why: notBefore === null ? "" : t`waits for its retry`,
  };
}
