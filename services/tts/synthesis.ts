/** Texts become sound: cut into segments, each of which is made in a slot of its viewer's. */
import type { Slots } from "./slots.ts";
import {
  sampleRate,
  type Segment,
  type Sound,
  type Speech,
  type SpeechRequest,
  type SpokenWord,
  type Voice,
} from "./speech.ts";
import { segmentsOf } from "./segments.ts";
import { type Speakable, speakable } from "./speakable.ts";
import { encodeWav } from "./wav.ts";
import type { Place } from "./words.ts";

/** The sound of a segment. */
export interface MadeSegment extends Segment {
  readonly wav: Uint8Array<ArrayBuffer>;
  readonly durationMs: number;
  /** Counted from the beginning of the sound, with their places in the speech's text. */
  readonly words: readonly SpokenWord[];
  /** Which engine made it. */
  readonly engine: string;
  /** The name of its file. */
  readonly file: string;
}

/** The names of emoji are longer than they are. */
const roomForNames = 200;

export interface SynthesisParts {
  slots: Slots;
  speak(voice: Voice, request: Omit<SpeechRequest, "voice">): Promise<Sound & { engine: string }>;
  signal: AbortSignal;
}

export class Synthesis {
  readonly #parts: SynthesisParts;

  constructor(parts: SynthesisParts) {
    this.#parts = parts;
  }

  /** Whether there is something in it that a voice of this language can say. */
  async canSay(text: string, language: string): Promise<boolean> {
    return (await spokenOf(text, language)).text !== "";
  }

  /**
   * Begins to make all of its sound, a promise a segment; none where nothing of it can be said. None of the promises is
   * left unhandled where it rejects.
   */
  async make(speech: Speech): Promise<readonly Promise<MadeSegment>[]> {
    const { text, voice: { language } } = speech;
    const spoken = await spokenOf(text, language);
    return segmentsOf(spoken.text).map((place) => {
      const making = this.#make(speech, { spoken, place });
      making.catch(() => {});
      return making;
    });
  }

  async #make(
    speech: Speech,
    { spoken, place }: { spoken: Speakable; place: Place },
  ): Promise<MadeSegment> {
    const { slots, speak, signal } = this.#parts;
    const { voice, delivery, viewer, priority } = speech;
    const text = spoken.text.slice(place.from, place.to);
    const sound = await slots.run(
      { viewer: viewer.id, priority },
      () => speak(voice, { text, ...delivery, signal }),
    );
    const words = sound.words.map((word) => ({
      ...word,
      ...spoken.placeOf(place.from + word.from, place.from + word.to),
    }));
    return {
      ...spoken.placeOf(place.from, place.to),
      wav: encodeWav(sound.samples),
      durationMs: sound.samples.length / sampleRate * 1000,
      words,
      engine: sound.engine,
      file: `${speech.id}/${place.from}.wav`,
    };
  }
}

function spokenOf(text: string, language: string): Promise<Speakable> {
  return speakable(text, { language, maxLetters: 2 * text.length + roomForNames });
}
