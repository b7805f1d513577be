/** Finds out which channels have newer readings than those that were sent. */
import type { Reading } from "livecue/service";
import { keyOf } from "./charts.ts";
import type { NewReading } from "./messages.ts";

/** The most readings of one message. The others are sent with the next one. */
export const maxReadings = 1000;

export class News {
  readonly #sent = new Map<string, { at: number; value: number }>();

  /** `latest`: the newest reading of each channel. */
  take(latest: readonly Reading[]): NewReading[] {
    const found: NewReading[] = [];
    for (const { channel, at, value } of latest) {
      const key = keyOf(channel);
      const sent = this.#sent.get(key);
      if (sent?.at === at && sent.value === value) continue;
      if (found.length === maxReadings) break;
      this.#sent.set(key, { at, value });
      found.push([key, at, value]);
    }
    return found;
  }
}
