/** The messages between the service and its pages. */
import type { SpeechStatus, SpokenWord } from "./speech.ts";

/** Increases when pages of an earlier version would not understand the messages. */
export const messagesVersion = 1;

/** A text for a page to speak, starting from one of its segments. */
export interface SpokenText {
  id: number;
  text: string;
  segmentCount: number;
  /** The index of the first segment to speak. */
  segment: number;
}

/** The JSON that pages fetch with the sound of a segment. */
export interface SegmentOfPage {
  /** [from, to) of the text. */
  from: number;
  to: number;
  durationMs: number;
  /** Times count from the beginning of the segment's sound. */
  words: SpokenWord[];
}

export interface Caption {
  id: number;
  text: string;
  from: number;
  to: number;
  words: SpokenWord[];
  /** The time since its sound began. */
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
  /** The text that a page continues after it reconnects. */
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
