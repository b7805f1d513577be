/**
 * Cooldowns: how long rules have to wait before they act again. A cooldown belongs to a live and continues after a
 * restart. Time is the live's own (when TikTok created the event), so that a replay at any speed acts as the live
 * did.
 */
import type { LiveEvent } from "../event.ts";
import type { KeptState } from "./service.ts";

export interface Cooldown {
  rule_seconds?: number | undefined;
  viewer_seconds?: number | undefined;
}

const stateKey = "cooldowns";
/** Uses from a live this many lives ago are forgotten, because their cooldowns must be over. */
const maxLivesBetween = 20;

/** Something with a cooldown: a rule, or a rule for one viewer. */
interface Waiting {
  key: string;
  /** The state key that has its last use. */
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
  /** The last uses, by state key and then by key. */
  readonly #kept = new Map<string, Promise<Map<string, Use>>>();

  constructor(state: KeptState) {
    this.#state = state;
  }

  /**
   * Tries to use a rule for an event. Resolves to true when the use is committed, or to false if the rule or the
   * viewer is cooling down. The same event may use the rule again, because an item may be handed out twice. A test
   * event ignores cooldowns and starts none.
   */
  async start(rule: number, cooldown: Cooldown, event: LiveEvent): Promise<boolean> {
    if (event.isTest) return true;
    const waiting = await Promise.all(
      waitingFor(rule, cooldown, event).map(async (each) => ({
        ...each,
        uses: await this.#usesUnder(each.keptUnder),
      })),
    );
    if (waiting.some(({ key, seconds, uses }) => isCoolingDown(uses.get(key), seconds, event))) return false;
    await Promise.all(waiting.map(({ key, keptUnder, seconds, uses }) => {
      const { createdAt: at, id: eventId, liveId } = event;
      const last = uses.get(key);
      // A late, older event does not shorten the cooldown of a newer one.
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
    // Viewers are split into parts by the last digits of their ids, so that a use writes only one part.
    const keptUnder = `${stateKey} ${viewer.slice(-2)}`;
    waiting.push({ key: `${liveId} ${rule} ${viewer}`, keptUnder, seconds: viewer_seconds });
  }
  return waiting;
}

/** Priorities may change the order of events, so an older event has to wait too. */
function isCoolingDown(last: Use | undefined, seconds: number, event: LiveEvent): boolean {
  if (last === undefined || last.eventId === event.id) return false;
  return Math.abs(event.createdAt - last.at) < seconds * 1000;
}

/** Whether the cooldown is over; true for uses without a live, which an earlier version stored. */
function isOver(use: Use, { createdAt, liveId }: LiveEvent): boolean {
  if (use.liveId === liveId) return createdAt - use.at >= use.seconds * 1000;
  return !(use.liveId >= liveId - maxLivesBetween);
}
