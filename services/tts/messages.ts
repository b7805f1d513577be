/** What the pages are told, and what they say. */
import type { SpeechStatus, SpokenWord } from "./speech.ts";

/** Counts up where pages of an earlier version would not understand it. */
export const messagesVersion = 1;

/** A text that a page has to speak, from one of its segments on. */
export interface SpokenText {
  id: number;
  text: string;
  segmentCount: number;
  /** Where to begin, from 0. */
  segment: number;
}

/** What pages ask of a segment, as JSON, beside its sound. */
export interface SegmentOfPage {
  /** [from, to) of the text. */
  from: number;
  to: number;
  durationMs: number;
  /** Counted from the beginning of the sound. */
  words: SpokenWord[];
}

export interface Caption {
  id: number;
  text: string;
  from: number;
  to: number;
  words: SpokenWord[];
  /** How long it has been heard for. */
  ageMs: number;
}

export interface Status {
  volume: number;
  isMuted: boolean;
  speaking: { id: number; text: string; name: string } | null;
  waiting: number;
  speakingPages: number;
}

export interface Hello extends Status {
  version: number;
  /** What a page that was gone goes on with. */
  interrupted: SpokenText | null;
}

export interface Messages {
  hello: Hello;
  /** To pages that ask for `wants=speech`. */
  speak: SpokenText;
  /** To pages that ask for `wants=captions`. */
  caption: Caption;
  end: { id: number; status: SpeechStatus };
  status: Status;
}

export type MessageName = keyof Messages;
