/**
 * How long rules have to wait until they may act again. Time is the live's own (when TikTok made the event), so
 * that a replay at any speed acts as the live did.
 */
import type { LiveEvent } from "./event.ts";
import type { ServiceState } from "./service.ts";

export interface Cooldown {
  rule_seconds?: number | undefined;
  viewer_seconds?: number | undefined;
}

const stateKey = "cooldowns";

interface Use {
  /** `createdAt` of the event that used it, Unix milliseconds. */
  at: number;
  seconds: number;
  eventId: number;
}

export class Cooldowns {
  readonly #state: ServiceState;
  /** By rule, or rule and viewer. */
  #uses: Promise<Map<string, Use>> | null = null;
  #writing: Promise<void> | null = null;
  #hasUnwritten = false;
  /** The newest event that used a rule. */
  #now = 0;

  constructor(state: ServiceState) {
    this.#state = state;
  }

  /**
   * Uses a rule for an event, and resolves with whether it may be: true and committed, or false where it or
   * its viewer is still waiting. An event that used it may use it again, since an item may be handed out twice.
   */
  async start(rule: number, { rule_seconds, viewer_seconds }: Cooldown, event: LiveEvent): Promise<boolean> {
    const waits: { key: string; seconds: number }[] = [];
    if (rule_seconds !== undefined) waits.push({ key: `${rule}`, seconds: rule_seconds });
    if (viewer_seconds !== undefined && event.user.id !== "") {
      waits.push({ key: `${rule} ${event.user.id}`, seconds: viewer_seconds });
    }
    if (waits.length === 0) return true;

    this.#uses ??= this.#load();
    const uses = await this.#uses;
    const isWaiting = waits.some(({ key, seconds }) => {
      const last = uses.get(key);
      // Events may come out of their order, as priorities have it: an older one waits as well.
      return last !== undefined && last.eventId !== event.id &&
        Math.abs(event.createdAt - last.at) < seconds * 1000;
    });
    if (isWaiting) return false;
    for (const { key, seconds } of waits) uses.set(key, { at: event.createdAt, seconds, eventId: event.id });
    this.#now = Math.max(this.#now, event.createdAt);
    await this.#save(uses);
    return true;
  }

  async #load(): Promise<Map<string, Use>> {
    return new Map(await this.#state.get<[string, Use][]>(stateKey));
  }

  /** One write at a time; what is used meanwhile goes with the next. */
  async #save(uses: Map<string, Use>): Promise<void> {
    this.#hasUnwritten = true;
    this.#writing ??= this.#write(uses).finally(() => this.#writing = null);
    await this.#writing;
  }

  async #write(uses: Map<string, Use>): Promise<void> {
    while (this.#hasUnwritten) {
      this.#hasUnwritten = false;
      for (const [key, { at, seconds }] of uses) {
        if (this.#now - at >= seconds * 1000) uses.delete(key);
      }
      await this.#state.set(stateKey, [...uses]);
    }
  }
}
