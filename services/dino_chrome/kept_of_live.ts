/** A value that a live keeps: it starts empty in each live, and survives restarts in it. */
import type { KeptState } from "livecue/service";

/** The live of an event. State that is written outside of `processEvent` must name its source. */
export interface LiveOfEvent {
  liveId: number;
  source: string;
}

export class KeptOfLive<Value extends object> {
  readonly #state: KeptState;
  readonly #key: string;
  readonly #make: () => Value;
  #live: (LiveOfEvent & { value: Value }) | null = null;

  constructor(state: KeptState, key: string, make: () => Value) {
    this.#state = state;
    this.#key = key;
    this.#make = make;
  }

  /** Null until the first event. */
  get value(): Value | null {
    return this.#live?.value ?? null;
  }

  /** Switches to the event's live. To be called while one of its items is processed. Resolves with its value. */
  async enter({ liveId, source }: LiveOfEvent): Promise<Value> {
    if (this.#live?.liveId === liveId) return this.#live.value;
    const kept = await this.#state.get<Value>(this.#key, { scope: "live" });
    this.#live = { liveId, source, value: { ...this.#make(), ...kept } };
    return this.#live.value;
  }

  async save(): Promise<void> {
    if (this.#live === null) return;
    const { source, value } = this.#live;
    await this.#state.set(this.#key, value, { scope: "live", source });
  }
}
