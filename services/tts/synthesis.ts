/** Converts texts to sound. Each segment is synthesized in a slot of its viewer and kept in the cache. */
import { type Cache, keyOf } from "./cache.ts";
import { type Clip, makeClip } from "./clip.ts";
import type { Engines } from "./engine.ts";
import { Mp3Encoder } from "./mp3.ts";
import { segmentsOf } from "./segments.ts";
import type { Slots } from "./slots.ts";
import { type Speakable, speakable } from "./speakable.ts";
import type { Segment, Speech, SpokenWord, Voice } from "./speech.ts";
import type { Place } from "./words.ts";

/** A segment with its sound. Its words have their places in the speech's text. */
export interface MadeSegment extends Segment, Clip {
  /** The voice that spoke. It differs from the requested voice if that voice's engine failed. */
  readonly voice: Voice;
  /** The name of its file in the cache. */
  readonly name: string;
}

export interface SynthesisParts {
  slots: Slots;
  cache: Cache;
  engines: Pick<Engines, "speak" | "withStandIn">;
  /** Aborts all synthesis. */
  signal: AbortSignal;
}

/** The name of an emoji is longer than the emoji. */
const roomForNames = 200;

export class Synthesis {
  readonly #parts: SynthesisParts;
  readonly #encoder = Mp3Encoder.open();

  constructor(parts: SynthesisParts) {
    this.#parts = parts;
  }

  /** Whether a voice of this language can say any part of the text. */
  async canSay(text: string, language: string): Promise<boolean> {
    return (await spokenOf(text, language)).text !== "";
  }

  /**
   * Starts to synthesize the speech. Returns a promise per segment, and none when no part of the text can be spoken. A
   * rejection that nobody handles does no harm.
   */
  async make(speech: Speech): Promise<readonly Promise<MadeSegment>[]> {
    const spoken = await spokenOf(speech.text, speech.voice.language);
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
    const { engines, signal } = this.#parts;
    const text = spoken.text.slice(place.from, place.to);
    const make = (voice: Voice) => this.#clip(speech, { voice, text });
    const { clip, voice, key } = await engines.withStandIn(speech.voice, make, signal);
    const words = joined(clip.words.map((word) => ({
      ...word,
      ...spoken.placeOf(place.from + word.from, place.from + word.to),
    })));
    const { from, to } = spoken.placeOf(place.from, place.to);
    return { ...clip, from, to, words, voice, name: `${key}.mp3` };
  }

  async #clip(
    { delivery, viewer, priority }: Speech,
    { voice, text }: { voice: Voice; text: string },
  ): Promise<{ clip: Clip; voice: Voice; key: string }> {
    const { cache, slots, engines, signal } = this.#parts;
    const key = keyOf(voice.engine, { ...delivery, voice: voice.name, text });
    const task = { viewer: viewer.id, priority, isMadeHere: voice.engine !== "edge" };
    const make = (stop: AbortSignal) =>
      slots.run(task, async () => {
        const sound = await engines.speak(voice, { ...delivery, text, signal: stop });
        return makeClip(await this.#encoder, sound);
      });
    return { clip: await cache.get(key, make, signal), voice, key };
  }
}

/** Joins words of the same part of the original, such as the words of "$12.50". */
function joined(words: readonly SpokenWord[]): SpokenWord[] {
  const whole: SpokenWord[] = [];
  for (const word of words) {
    const last = whole.at(-1);
    if (last?.from === word.from && last.to === word.to) {
      whole[whole.length - 1] = { ...last, endMs: word.endMs };
    } else whole.push(word);
  }
  return whole;
}

function spokenOf(text: string, language: string): Promise<Speakable> {
  return speakable(text, { language, maxLetters: 2 * text.length + roomForNames });
}
