/** Which channels of a source are lost: silent for too long, or without a signal by the source's own word. */
import type { SignalData } from "../../event.ts";
import { t } from "../../language.ts";
import type { ChannelBuffer } from "./buffer.ts";

export interface SignalRecord {
  /** Channels that are lost. */
  lost: string[];
  /** The time at which the source's signal was back, as far as it is known. */
  backAt: number;
}

export class Signals {
  readonly #source: string;
  readonly #maxGapMs: number;
  readonly #lost: Set<string>;
  #backAt: number;

  constructor(options: { source: string; maxGapMs: number; record: SignalRecord }) {
    this.#source = options.source;
    this.#maxGapMs = options.maxGapMs;
    this.#lost = new Set(options.record.lost);
    this.#backAt = options.record.backAt;
  }

  record(): SignalRecord {
    return { lost: [...this.#lost], backAt: this.#backAt };
  }

  /** The source's time has gone back. */
  goBack(to: number): void {
    this.#backAt = Math.min(this.#backAt, to);
  }

  /** Whether nothing can change before the channel's next reading. */
  isSilent({ channel, last }: ChannelBuffer): boolean {
    return last === null || this.#lost.has(channel);
  }

  /** What has changed at a tick. `signal`: the source's own word. While it says "lost", its channels may be silent. */
  judge(tick: number, channels: readonly ChannelBuffer[], signal: ChannelBuffer | null): SignalData[] {
    const changed: SignalData[] = [];
    const last = signal?.last ?? null;
    if (signal !== null && last !== null) {
      const isLost = last.value === 0;
      if (this.#note(signal.channel, isLost)) {
        if (!isLost) this.#backAt = last.at;
        const text = isLost
          ? t`${this.#source} says that it has no signal.`
          : t`${this.#source} says that it has a signal again.`;
        changed.push(this.#event(signal.channel, { isLost, tick, lastAt: last.at, text }));
      }
      if (isLost) return changed;
    }
    for (const buffer of channels) {
      const { channel, last } = buffer;
      if (last === null) continue;
      const isLost = tick - Math.max(last.at, this.#backAt) > this.#maxGapMs;
      if (!this.#note(channel, isLost)) continue;
      const text = isLost
        ? t`${this.#source}: no reading of ${channel} for more than ${Math.round(this.#maxGapMs / 1000)} s.`
        : t`${this.#source}: readings of ${channel} come again.`;
      changed.push(this.#event(channel, { isLost, tick, lastAt: last.at, text }));
    }
    return changed;
  }

  /** Whether this is news. */
  #note(channel: string, isLost: boolean): boolean {
    if (this.#lost.has(channel) === isLost) return false;
    if (isLost) this.#lost.add(channel);
    else this.#lost.delete(channel);
    return true;
  }

  #event(
    channel: string,
    { isLost, tick, lastAt, text }: { isLost: boolean; tick: number; lastAt: number; text: string },
  ): SignalData {
    return { channel, state: isLost ? "lost" : "back", at: tick, lastAt, text, source: this.#source };
  }
}
