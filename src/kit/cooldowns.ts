/**
 * How long rules have to wait until they may act again. A wait is of its live, and goes on over a restart in its
 * midst; time is the live's own (when TikTok made the event), so that a replay at any speed acts as the live did.
 */
import type { LiveEvent } from "../event.ts";
import type { KeptState } from "./service.ts";

export interface Cooldown {
  rule_seconds?: number | undefined;
  viewer_seconds?: number | undefined;
}

const stateKey = "cooldowns";
/** What was used in a live that began so many lives ago is forgotten: nothing of it can be going on. */
const maxLivesBetween = 20;

/** Something that has to wait: a rule, or a rule for one viewer. */
interface Waiting {
  key: string;
  /** Under which key of the state its last use is kept. */
  keptUnder: string;
  seconds: number;
}

/** An event that used a rule. */
interface Use {
  /** Its `createdAt`, Unix milliseconds. */
  at: number;
  seconds: number;
  eventId: number;
  liveId: number;
}

export class Cooldowns {
  readonly #state: KeptState;
  /** The last use of each, by where it is kept and by its key. */
  readonly #kept = new Map<string, Promise<Map<string, Use>>>();

  constructor(state: KeptState) {
    this.#state = state;
  }

  /**
   * Uses a rule for an event, and resolves with whether it may be: true and committed, or false where it or
   * its viewer is still waiting. An event that used it may use it again, since an item may be handed out twice.
   * A test event neither waits nor makes others wait.
   */
  async start(rule: number, cooldown: Cooldown, event: LiveEvent): Promise<boolean> {
    if (event.isTest) return true;
    const waiting = await Promise.all(
      waitingFor(rule, cooldown, event).map(async (each) => ({
        ...each,
        uses: await this.#usesUnder(each.keptUnder),
      })),
    );
    if (waiting.some(({ key, seconds, uses }) => holdsUp(uses.get(key), seconds, event))) return false;
    await Promise.all(waiting.map(({ key, keptUnder, seconds, uses }) => {
      const { createdAt: at, id: eventId, liveId } = event;
      const last = uses.get(key);
      // An older event that comes late does not shorten the wait after a newer one.
      if (last === undefined || last.at <= at) uses.set(key, { at, seconds, eventId, liveId });
      for (const [other, use] of uses) {
        if (isOver(use, event)) uses.delete(other);
      }
      return this.#state.set(keptUnder, [...uses]);
    }));
    return true;
  }

  #usesUnder(keptUnder: string): Promise<Map<string, Use>> {
    const known = this.#kept.get(keptUnder);
    if (known !== undefined) return known;
    const uses = this.#state.get<[string, Use][]>(keptUnder).then((entries) => new Map(entries));
    this.#kept.set(keptUnder, uses);
    return uses;
  }
}

function waitingFor(
  rule: number,
  { rule_seconds, viewer_seconds }: Cooldown,
  { liveId, user: { id: viewer } }: LiveEvent,
): Waiting[] {
  const waiting: Waiting[] = [];
  if (rule_seconds !== undefined) {
    waiting.push({ key: `${liveId} ${rule}`, keptUnder: stateKey, seconds: rule_seconds });
  }
  if (viewer_seconds !== undefined && viewer !== "") {
    // Many viewers are kept in parts, by the last digits of their ids: each use writes one of the parts.
    const keptUnder = `${stateKey} ${viewer.slice(-2)}`;
    waiting.push({ key: `${liveId} ${rule} ${viewer}`, keptUnder, seconds: viewer_seconds });
  }
  return waiting;
}

/** Events may come out of their order, as priorities have it: an older one waits as well. */
function holdsUp(last: Use | undefined, seconds: number, event: LiveEvent): boolean {
  if (last === undefined || last.eventId === event.id) return false;
  return Math.abs(event.createdAt - last.at) < seconds * 1000;
}

/** Whether nobody waits for it any longer; also of what an earlier version kept, without its live. */
function isOver(use: Use, { createdAt, liveId }: LiveEvent): boolean {
  if (use.liveId === liveId) return createdAt - use.at >= use.seconds * 1000;
  return !(use.liveId >= liveId - maxLivesBetween);
}
