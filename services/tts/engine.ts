/** The engines that the config names. When another engine fails, eSpeak speaks instead. */
import { backoffMs } from "livecue/backoff";
import { t } from "livecue/language";
import type { ServiceLog } from "livecue/service";
import { z } from "zod";
import { bestVoice } from "./best_voice.ts";
import { CommandEngine, type CommandOptions, commandOptions } from "./engines/command.ts";
import { Edge, type EdgeOptions, edgeOptions, usualVoices } from "./engines/edge.ts";
import { Espeak } from "./engines/espeak.ts";
import type { Engine, Sound, SpeechRequest, Voice } from "./speech.ts";

export const engineNames = ["espeak", "edge", "command"] as const;

export type EngineName = typeof engineNames[number];

export const engineSchema = z.enum(engineNames, { error: () => t`expected "espeak", "edge" or "command"` });

/** The engines' part of the service's options. */
export const engineOptions = {
  engine: engineSchema.default("espeak"),
  edge: edgeOptions.prefault({}),
  command: commandOptions.optional(),
};

export interface EngineOptions {
  edge: EdgeOptions;
  command?: CommandOptions | undefined;
}

interface EnginesParts {
  /** Relative paths start from this folder. */
  folder: string;
  log: Pick<ServiceLog, "info" | "warn">;
  /** A monotonic time in milliseconds. Default: `performance.now`. */
  now?(): number;
}

/** The failures of an engine since it last spoke. */
interface Trouble {
  failures: number;
  /** Livecue does not ask the engine again before this time. */
  untilMs: number;
}

const warmRounds = 4;
const retry = { firstMs: 5000, longestMs: 300_000 };
const lastResort: Voice = { engine: "espeak", name: "en-us", language: "en-US" };

export class Engines {
  readonly #espeak = new Espeak();
  readonly #others: Map<string, Engine>;
  readonly #troubles = new Map<string, Trouble>();
  readonly #lists = new Map<EngineName, Promise<Voice[]>>();
  readonly #log: EnginesParts["log"];
  readonly #now: () => number;

  constructor(
    { edge, command }: EngineOptions,
    { folder, log, now = () => performance.now() }: EnginesParts,
  ) {
    this.#others = new Map<string, Engine>([["edge", new Edge(edge)]]);
    if (command !== undefined) this.#others.set("command", new CommandEngine(command, folder));
    this.#log = log;
    this.#now = now;
  }

  /** Keeps the list once the engine has given it. Rejects when the engine cannot list its voices now. */
  voices(engine: EngineName): Promise<Voice[]> {
    const known = this.#lists.get(engine);
    if (known !== undefined) return known;
    const asking = engine === "espeak" ? this.#espeak.voices() : this.#other(engine).voices();
    this.#lists.set(engine, asking);
    asking.catch(() => this.#lists.delete(engine));
    return asking;
  }

  /** The engine's voices, or its best-known ones when edge does not list its voices. */
  async usualVoices(engine: EngineName): Promise<Voice[]> {
    try {
      return await this.voices(engine);
    } catch (error) {
      if (engine !== "edge") throw error;
      this.#log.warn(
        t`edge did not list its voices (${
          messageOf(error)
        }): Livecue chooses only among its best-known voices`,
      );
      return [...usualVoices];
    }
  }

  /** The variants that each of the engine's voices has, such as "f3" for "en-us+f3". */
  variants(engine: EngineName): Promise<string[]> {
    return engine === "espeak" ? this.#espeak.variants() : Promise.resolve([]);
  }

  /** Rejects when the engine fails, and then for a pause that grows with each failure. eSpeak has no pause. */
  async speak(voice: Voice, request: Omit<SpeechRequest, "voice">): Promise<Sound> {
    const named = { ...request, voice: voice.name };
    if (voice.engine === "espeak") return await this.#espeak.speak(named);
    const trouble = this.#troubles.get(voice.engine);
    if (trouble !== undefined && trouble.untilMs > this.#now()) {
      throw new Error(t`${voice.engine} failed a short time ago, and Livecue waits before it tries again`);
    }
    try {
      const sound = await this.#other(voice.engine).speak(named);
      if (trouble !== undefined) this.#recover(voice.engine);
      return sound;
    } catch (error) {
      if (!request.signal.aborted) this.#fail(voice.engine, error);
      throw error;
    }
  }

  /** Calls `make` with the voice. If that rejects, calls `make` with eSpeak's voice of the same language. */
  async withStandIn<Made>(
    voice: Voice,
    make: (voice: Voice) => Promise<Made>,
    signal: AbortSignal,
  ): Promise<Made> {
    try {
      return await make(voice);
    } catch (error) {
      if (voice.engine === "espeak" || signal.aborted) throw error;
      return await make(bestVoice(await this.voices("espeak"), voice.language) ?? lastResort);
    }
  }

  /** Speaks a few words that nobody hears. Without this, the first texts would take several times as long. */
  async warmUp(): Promise<void> {
    const { signal } = new AbortController();
    for (let round = 0; round < warmRounds; round++) {
      await this.speak(lastResort, { text: "Thank you, 25 times!", rate: 1, pitch: 1, volume: 1, signal });
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#espeak, ...this.#others.values()].map((engine) => engine.close()));
  }

  #other(name: string): Engine {
    const engine = this.#others.get(name);
    if (engine === undefined) throw new Error(t`the options have no "${name}"`);
    return engine;
  }

  /** When many texts fail together, only the first failure counts. */
  #fail(name: string, error: unknown): void {
    const { failures, untilMs } = this.#troubles.get(name) ?? { failures: 0, untilMs: 0 };
    if (untilMs > this.#now()) return;
    this.#troubles.set(name, {
      failures: failures + 1,
      untilMs: this.#now() + backoffMs(failures + 1, retry),
    });
    if (failures === 0) {
      this.#log.warn(t`${name} did not speak (${messageOf(error)}): espeak speaks until ${name} works again`);
    }
  }

  #recover(name: string): void {
    if (!this.#troubles.delete(name)) return;
    this.#log.info(t`${name} speaks again`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
