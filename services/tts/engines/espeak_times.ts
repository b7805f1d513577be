/**
 * When each word is heard, by the marks before them. eSpeak loses a mark that follows a full stop; what it tells
 * there is that one sentence has ended, and that is when the next word begins.
 */
import type { SpokenWord } from "../speech.ts";
import type { Place } from "../words.ts";
import type { EspeakEvent } from "./espeak_library.ts";

/** What is heard from a mark or the end of a sentence to the next one. */
interface Stretch {
  /** The number of the word that begins here; null at a sentence's end. */
  mark: number | null;
  startMs: number;
  /** When its last sound ends: the pause behind it is no part of it. */
  endMs: number;
  hasSound: boolean;
}

/** A word without a sound has no time. Marks are named by the word's number. */
export function timesOf(words: readonly Place[], events: readonly EspeakEvent[]): SpokenWord[] {
  const spoken: SpokenWord[] = [];
  let unmarked: Stretch[] = [];
  let next = 0;
  const add = (index: number, { startMs, endMs }: Stretch) => {
    const place = words[index];
    if (place !== undefined) spoken.push({ ...place, startMs, endMs });
  };
  /** Words up to `index` whose marks were lost begin the last sentences; those before them are the last word's. */
  const settle = (index: number) => {
    const lost = Math.min(index - next, unmarked.length);
    const ofLast = unmarked.splice(0, unmarked.length - lost).at(-1);
    const last = spoken.at(-1);
    if (ofLast && last) spoken[spoken.length - 1] = { ...last, endMs: ofLast.endMs };
    for (const [offset, stretch] of unmarked.entries()) add(index - lost + offset, stretch);
    unmarked = [];
    next = index + 1;
  };
  for (const stretch of stretchesOf(events)) {
    if (stretch.mark === null) {
      if (stretch.hasSound) unmarked.push(stretch);
      continue;
    }
    settle(stretch.mark);
    if (stretch.hasSound) add(stretch.mark, stretch);
  }
  settle(words.length);
  return spoken;
}

function stretchesOf(events: readonly EspeakEvent[]): Stretch[] {
  const stretches: Stretch[] = [];
  let isSounding = false;
  for (const { type, id, audio_position } of events) {
    const current = stretches.at(-1);
    const isSound = type === "phoneme" && id !== "";
    if (isSounding && !isSound && current) current.endMs = audio_position;
    if (type === "mark" || type === "end") {
      const mark = type === "mark" ? Number(id) : null;
      stretches.push({ mark, startMs: audio_position, endMs: audio_position, hasSound: false });
      isSounding = false;
    } else if (type === "phoneme") {
      isSounding = isSound;
      if (isSound && current) current.hasSound = true;
    }
  }
  return stretches;
}
