/**
 * Computes the times of words from the marks before them. eSpeak loses a mark after a full stop, but reports the end of
 * the sentence, which is the time when the next word begins. When eSpeak joins words, such as "for the", it reports the
 * later marks at the end of the joined words, with a place before all of them.
 */
import type { SpokenWord } from "../speech.ts";
import type { Place } from "../words.ts";
import type { EspeakEvent } from "./espeak_library.ts";

/** The sound from a mark or the end of a sentence to the next mark or end. */
interface Stretch {
  /** The numbers of the words in the stretch; empty after the end of a sentence. */
  words: number[];
  /** Its start in the text that eSpeak received. */
  place: number;
  startMs: number;
  /** The end of its last sound, without the pause after it. */
  endMs: number;
  hasSound: boolean;
  /** The times at which eSpeak reports the start of a word. */
  wordStarts: number[];
}

/** A word without a sound has no time. Marks are named by the word's number. */
export function timesOf(words: readonly Place[], events: readonly EspeakEvent[]): SpokenWord[] {
  const told: Stretch[] = [];
  let sentences: Stretch[] = [];
  /** Words before `index` with lost marks get the last sentences. A sentence left over belongs to the last word. */
  const settle = (index: number) => {
    const next = lastOf(told) + 1;
    const lost = Array.from({ length: index - next }, (_, offset) => next + offset);
    const beginning = lost.slice(Math.max(0, lost.length - sentences.length));
    const last = told.at(-1);
    const before = sentences.splice(0, sentences.length - beginning.length).at(-1);
    if (last) {
      last.words.push(...lost.slice(0, lost.length - beginning.length));
      last.endMs = before?.endMs ?? last.endMs;
    }
    for (const [offset, sentence] of sentences.entries()) {
      told.push({ ...sentence, words: [beginning[offset] as number] });
    }
    sentences = [];
  };
  for (const stretch of stretchesOf(events)) {
    const [first] = stretch.words;
    if (first === undefined && stretch.hasSound) sentences.push(stretch);
    // In hostile text, a mark may come twice.
    if (first === undefined || first <= lastOf(told)) continue;
    settle(first);
    told.push(stretch);
  }
  settle(words.length);
  return told.filter(({ hasSound }) => hasSound).flatMap((stretch) => shared(stretch, words));
}

/** The number of the last word; -1 before the first. */
function lastOf(told: readonly Stretch[]): number {
  return told.at(-1)?.words.at(-1) ?? -1;
}

function stretchesOf(events: readonly EspeakEvent[]): Stretch[] {
  const stretches: Stretch[] = [];
  let isSounding = false;
  for (const { type, id, audio_position, text_position } of events) {
    const current = stretches.at(-1);
    const isSound = type === "phoneme" && id !== "";
    if (isSounding && !isSound && current) current.endMs = audio_position;
    if (type === "mark" && current?.hasSound && text_position < current.place) {
      current.words.push(Number(id));
    } else if (type === "mark" || type === "end") {
      const words = type === "mark" ? [Number(id)] : [];
      const [place, startMs, endMs] = [text_position, audio_position, audio_position];
      stretches.push({ words, place, startMs, endMs, hasSound: false, wordStarts: [] });
      isSounding = false;
    } else if (type === "phoneme") {
      isSounding = isSound;
      if (isSound && current) current.hasSound = true;
    } else if (type === "word") {
      current?.wordStarts.push(audio_position);
    }
  }
  return stretches;
}

/** The times of a stretch's words. When eSpeak reports no time for a word, its length decides. */
function shared({ words, startMs, endMs, wordStarts }: Stretch, places: readonly Place[]): SpokenWord[] {
  const found = words.map((index) => places[index]).filter((place) => place !== undefined);
  const letters = found.reduce((sum, { from, to }) => sum + to - from, 0);
  const isTold = wordStarts.length === found.length;
  let before = 0;
  const starts = found.map(({ from, to }, index) => {
    const byLetters = startMs + (endMs - startMs) * before / letters;
    before += to - from;
    return index === 0 ? startMs : isTold ? wordStarts[index] as number : byLetters;
  });
  return found.map((place, index) => ({
    ...place,
    startMs: starts[index] as number,
    endMs: starts[index + 1] ?? endMs,
  }));
}
