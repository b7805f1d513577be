/** What is spoken, as every part of the service knows it. Places in a text count UTF-16 units. */

/** The engines' and the stream's. */
export const sampleRate = 24_000;

/** A word of the original text, [from, to) of it, and when it is heard: in milliseconds of its sound. */
export interface SpokenWord {
  readonly startMs: number;
  readonly endMs: number;
  readonly from: number;
  readonly to: number;
}

/** One channel of `sampleRate` samples a second, each from -1 to 1. */
export interface Sound {
  readonly samples: Float32Array;
  readonly words: readonly SpokenWord[];
}

/** A voice of an engine; `language` is a BCP 47 tag, as "en-US". */
export interface Voice {
  readonly engine: string;
  readonly name: string;
  readonly language: string;
}

/** How a voice speaks: 1 is as it is; 0.5 to 2. */
export interface Delivery {
  readonly rate: number;
  readonly pitch: number;
  readonly volume: number;
}

/** What an engine is asked for. It places the words in `text`. */
export interface SpeechRequest extends Delivery {
  readonly text: string;
  /** The name of one of the engine's voices. */
  readonly voice: string;
  readonly signal: AbortSignal;
}

/** What makes sound of a text. `speak` rejects when the engine cannot, and when the signal aborts. */
export interface Engine {
  readonly name: string;
  voices(): Promise<Voice[]>;
  speak(request: SpeechRequest): Promise<Sound>;
  close(): Promise<void>;
}

/** How a speech stands. The first two are live; the others are how it ended. */
export const speechStatuses = [
  "waiting",
  "speaking",
  "spoken",
  "skipped",
  "not heard",
  "failed",
  "discarded",
] as const;

export type SpeechStatus = typeof speechStatuses[number];

/** Whose text it is; both "" for a text that no viewer asked for. */
export interface Viewer {
  readonly id: string;
  readonly name: string;
}

/** A text that is to be spoken. */
export interface NewSpeech {
  /** As it was written, but for blocked words and what passes the limit. */
  readonly text: string;
  readonly voice: Voice;
  readonly delivery: Delivery;
  /** 1 to 10, 10 first; among equals the lowest id. */
  readonly priority: number;
  /** What may be left out when too many wait: never what was paid for. */
  readonly isDiscardable: boolean;
  readonly viewer: Viewer;
  /** `live_event.id`; null for a text from outside. */
  readonly liveEventId: number | null;
}

/** A text that is to be spoken, or was: a row of the table `speech`. */
export interface Speech extends NewSpeech {
  readonly id: number;
  readonly status: SpeechStatus;
}

/** A part of a speech that is synthesized, cached and played as one: whole sentences, about 200 letters. */
export interface Segment {
  /** [from, to) of the speech's text. */
  readonly from: number;
  readonly to: number;
}
