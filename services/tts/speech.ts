/** The types that all parts of the service share. Places in a text count UTF-16 units. */

/** Samples per second, of the engines and the stream. */
export const sampleRate = 24_000;

/** A word, [from, to) of the original text, and its time in milliseconds of the sound. */
export interface SpokenWord {
  readonly startMs: number;
  readonly endMs: number;
  readonly from: number;
  readonly to: number;
}

/** One channel of `sampleRate` samples per second, each from -1 to 1. */
export interface Sound {
  readonly samples: Float32Array;
  readonly words: readonly SpokenWord[];
}

/** A voice of an engine; `language` is a BCP 47 tag, such as "en-US". */
export interface Voice {
  readonly engine: string;
  readonly name: string;
  readonly language: string;
}

/** Factors of a voice's rate, pitch and volume, from 0.5 to 2; 1 changes nothing. */
export interface Delivery {
  readonly rate: number;
  readonly pitch: number;
  readonly volume: number;
}

/** A request to an engine. The words of the result have their places in `text`. */
export interface SpeechRequest extends Delivery {
  readonly text: string;
  /** The name of one of the engine's voices. */
  readonly voice: string;
  readonly signal: AbortSignal;
}

/** Converts text to sound. `speak` rejects when the engine fails and when the signal aborts. */
export interface Engine {
  readonly name: string;
  voices(): Promise<Voice[]>;
  speak(request: SpeechRequest): Promise<Sound>;
  close(): Promise<void>;
}

/** The first two are states of a speech in progress. The others are its ends. */
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

/** The author of a text. Both are "" for a text without a viewer. */
export interface Viewer {
  readonly id: string;
  readonly name: string;
}

/** A text to speak. */
export interface NewSpeech {
  /** The original text without blocked words, cut at the limit. */
  readonly text: string;
  readonly voice: Voice;
  readonly delivery: Delivery;
  /** 1 to 10; 10 is spoken first. Among equals, the lowest id is first. */
  readonly priority: number;
  /** Whether the text may be left out when too many wait. Never true of a text that somebody paid for. */
  readonly isDiscardable: boolean;
  readonly viewer: Viewer;
  /** `live_event.id`; null for a text of another program. */
  readonly liveEventId: number | null;
}

/** A row of the table `speech`: a text to speak, or one that has ended. */
export interface Speech extends NewSpeech {
  readonly id: number;
  readonly status: SpeechStatus;
}

/** A part of a speech that is synthesized, cached and played as a unit: sentences of up to 200 characters in all. */
export interface Segment {
  /** [from, to) of the speech's text. */
  readonly from: number;
  readonly to: number;
}
