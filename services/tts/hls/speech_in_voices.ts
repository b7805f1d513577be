/** A speech in its own voice and in other voices. */
import type { Clip } from "../clip.ts";
import type { Speech, Voice } from "../speech.ts";
import type { HlsDesk, HlsVoice } from "./hls.ts";

export interface SpeechInVoicesParts {
  find(speechId: number): Speech | null;
  /** Starts to synthesize the speech. Returns a promise per segment. */
  make(speech: Speech): Promise<readonly Promise<Pick<Clip, "frames">>[]>;
  /** All voices of the service's engine. */
  voices(): readonly Voice[];
  /** The voice or variant of this name, of the service's engine. */
  findVoice(name: string): Voice | undefined;
}

export class SpeechInVoices implements HlsDesk {
  readonly #parts: SpeechInVoicesParts;

  constructor(parts: SpeechInVoicesParts) {
    this.#parts = parts;
  }

  /** The speech's own voice, and others of the same engine and language. */
  voicesOf(speechId: number): HlsVoice[] {
    const speech = this.#parts.find(speechId);
    if (speech === null) return [];
    const { voice: own } = speech;
    const others = this.#parts.voices().filter((voice) =>
      voice.engine === own.engine && languageOf(voice) === languageOf(own) && idOf(voice) !== idOf(own)
    );
    return [own, ...others].map((voice) => ({ id: idOf(voice), name: voice.name }));
  }

  async clips(speechId: number, voiceId: string): Promise<readonly Pick<Clip, "frames">[]> {
    const speech = this.#parts.find(speechId);
    const voice = speech === null ? null : this.#find(voiceId, speech.voice);
    if (speech === null || voice === null) return [];
    return await Promise.all(await this.#parts.make({ ...speech, voice }));
  }

  #find(voiceId: string, own: Voice): Voice | null {
    if (voiceId === idOf(own)) return own;
    const name = voiceId.slice(voiceId.indexOf(":") + 1);
    const voice = this.#parts.findVoice(name);
    return voice !== undefined && idOf(voice) === voiceId ? voice : null;
  }
}

function idOf({ engine, name }: Voice): string {
  return `${engine}:${name}`;
}

function languageOf({ language }: Voice): string | undefined {
  return language.split("-")[0]?.toLowerCase();
}
