/** What tests need of sources: traits with what a test does not care about filled in. */
import type { SourceTraits } from "../../src/source.ts";

/** A source of made-up events that happen now, by default. */
export function traitsOf(given: Partial<SourceTraits> = {}): SourceTraits {
  return {
    type: "test",
    isLive: true,
    keepsIds: false,
    hasHistory: false,
    keeps: "all",
    isEndless: false,
    hasRooms: false,
    follows: null,
    ...given,
  };
}

/** As TikTok's. */
export const roomTraits: SourceTraits = traitsOf({
  type: "tiktok",
  keepsIds: false,
  hasHistory: true,
  hasRooms: true,
});
