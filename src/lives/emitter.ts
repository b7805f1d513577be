/** Events that services make: stored, counted, shown and dispatched as all others are. */
import type { Clock } from "../clock.ts";
import { type LiveEvent, nobody } from "../event.ts";
import type { Emission } from "../item.ts";
import type { Log } from "../log/log.ts";
import type { OperationLog } from "../operation.ts";
import type { LiveSession } from "../session.ts";
import type { KnownIds } from "./known_ids.ts";
import type { Lives } from "./lives.ts";
import type { Pipeline } from "./pipeline.ts";

/** How many services may stand between an event and its source. */
export const maxDepth = 8;

/** Who speaks. */
export interface Speaker {
  serviceId: number;
  slug: string;
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
  readonly #toldOf = new Set<string>();

  constructor(options: EmitterOptions) {
    this.#options = options;
  }

  /** What an item emitted, to be committed with its completion: call it within `operations.together`. */
  emitFrom(cause: LiveEvent, speaker: Speaker, emission: Emission): void {
    const depth = cause.depth + 1;
    if (depth > maxDepth) return this.#tellOfDepth(speaker, emission, depth);
    if (this.#isKnown(speaker, emission)) return;
    const { sessionId, liveId, source, roomId, isTest, isForeign, createdAt, user } = cause;
    const origin = { sessionId, liveId, source, roomId, isTest, isForeign, createdAt, user };
    this.#take({ ...origin, causedBy: cause.id, depth }, speaker, emission);
  }

  /** What a service emits outside of an item; resolves when it is committed, or was known already. */
  emit(session: LiveSession, speaker: Speaker, emission: Emission): Promise<void> {
    const { operations, clock } = this.#options;
    if (this.#isKnown(speaker, emission)) return operations.flush();
    const { id: sessionId, liveId, source, roomId } = session;
    const origin = { sessionId, liveId, source, roomId, isTest: false, isForeign: false, user: nobody };
    operations.together(() =>
      this.#take({ ...origin, createdAt: clock.now(), causedBy: null, depth: 1 }, speaker, emission)
    );
    return operations.flush();
  }

  #take(origin: Partial<LiveEvent>, speaker: Speaker, { type, data, id }: Emission): void {
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
    pipeline.take({ event, memory, emittedBy: speaker.serviceId });
    operations.add({ kind: "extend_session", id: event.sessionId, eventId: event.id });
    if (id !== null) knownIds.add(ownerOf(speaker), id);
  }

  #isKnown(speaker: Speaker, { id }: Emission): boolean {
    return id !== null && this.#options.knownIds.has(ownerOf(speaker), id);
  }

  #tellOfDepth({ slug }: Speaker, { type }: Emission, depth: number): void {
    if (this.#toldOf.has(`${slug} ${type}`)) return;
    this.#toldOf.add(`${slug} ${type}`);
    this.#options.log.warn(
      `${slug} emitted a ${type} as step ${depth} of a chain of services, and a chain ends at ${maxDepth}: ` +
        "services set each other off in a circle. Change one of their subscriptions or emits.",
    );
  }
}

function ownerOf({ slug }: Speaker): string {
  return `service:${slug}`;
}
