/** Stores, counts, shows and dispatches events that services emit, as it is done for all other events. */
import type { Clock } from "../clock.ts";
import { type LiveEvent, nobody } from "../event.ts";
import type { Emission } from "../item.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import type { OperationLog } from "../operation.ts";
import type { LiveSession } from "../session.ts";
import type { Subscriptions } from "../subscription.ts";
import type { KnownIds } from "./known_ids.ts";
import type { Lives } from "./lives.ts";
import type { Pipeline } from "./pipeline.ts";

/** The most services in a chain of events that cause each other. */
export const maxDepth = 8;

/** The service that emits. */
export interface EmittingService {
  serviceId: number;
  slug: string;
  subscriptions: Subscriptions;
}

export interface EmitterOptions {
  clock: Clock;
  log: Log;
  operations: OperationLog;
  knownIds: KnownIds;
  lives: Lives;
  pipeline: Pipeline;
}

export class Emitter {
  readonly #options: EmitterOptions;
  readonly #warnedOf = new Set<string>();
  /** How many events services have emitted. */
  count = 0;

  constructor(options: EmitterOptions) {
    this.#options = options;
  }

  /** Takes an event that an item emitted. Call it within `operations.together`, with the item's completion. */
  emitFrom(cause: LiveEvent, emittingService: EmittingService, emission: Emission): void {
    const depth = cause.depth + 1;
    if (depth > maxDepth) return this.#warnOfDepth(emittingService, emission, depth);
    if (this.#isKnown(emittingService, emission)) return;
    const { sessionId, liveId, source, roomId, isTest, isForeign, createdAt, user } = cause;
    const origin = { sessionId, liveId, source, roomId, isTest, isForeign, createdAt, user };
    this.#take({ ...origin, causedBy: cause.id, depth }, emittingService, emission);
  }

  /** Takes an event that a service emitted outside of an item. */
  emit(session: LiveSession, emittingService: EmittingService, emission: Emission): void {
    const { operations, clock } = this.#options;
    if (this.#isKnown(emittingService, emission)) return;
    const { id: sessionId, liveId, source, roomId } = session;
    const origin = { sessionId, liveId, source, roomId, isTest: false, isForeign: false, user: nobody };
    operations.together(() =>
      this.#take({ ...origin, createdAt: clock.now(), causedBy: null, depth: 1 }, emittingService, emission)
    );
  }

  #take(origin: Partial<LiveEvent>, emittingService: EmittingService, emission: Emission): void {
    const { type, data, id, toSelf } = emission;
    const { pipeline, lives, clock, operations, knownIds } = this.#options;
    const memory = lives.get(origin.liveId as number);
    const userId = origin.user?.id ?? "";
    const event = {
      ...origin,
      id: pipeline.takeEventId(),
      messageId: id,
      isHistory: false,
      receivedAt: clock.now(),
      isFirstOfUser: !origin.isTest && !origin.isForeign && (memory?.isFirst(type, userId, null) ?? false),
      streak: null,
      type,
      data,
    } as LiveEvent;
    this.count++;
    const receivers = pipeline.take({ event, memory, exceptFor: toSelf ? null : emittingService.serviceId });
    if (receivers === 0 && !toSelf) this.#warnOfNobody(emittingService, emission);
    operations.add({ kind: "extend_session", id: event.sessionId, eventId: event.id });
    if (id !== null) knownIds.add(ownerOf(emittingService), id);
  }

  #isKnown(emittingService: EmittingService, { id }: Emission): boolean {
    return id !== null && this.#options.knownIds.has(ownerOf(emittingService), id);
  }

  #warnOfDepth({ slug }: EmittingService, { type }: Emission, depth: number): void {
    this.#warnOnce(
      t`${slug} emitted a ${type} as step ${depth} of a chain of services, and a chain may have ${maxDepth} steps. Perhaps services trigger each other, or one triggers itself, in a loop. Change one of their subscriptions or emits.`,
    );
  }

  /** Nothing else tells an author who forgot `toSelf`. */
  #warnOfNobody({ slug, subscriptions }: EmittingService, { type }: Emission): void {
    if (!subscriptions[type]?.isEnabled) return;
    this.#warnOnce(
      t`No service received the ${type} that ${slug} emitted. ${slug} subscribes to ${type}, but a service receives an event of its own only if it emits the event with { toSelf: true }.`,
    );
  }

  /** Logs each sentence once per run. */
  #warnOnce(text: string): void {
    if (this.#warnedOf.has(text)) return;
    this.#warnedOf.add(text);
    this.#options.log.warn(text);
  }
}

function ownerOf({ slug }: EmittingService): string {
  return `service:${slug}`;
}
