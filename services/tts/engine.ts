/** The engines that the config names, and what is done where one of them does not speak: eSpeak always does. */
import { backoffMs } from "livecue/backoff";
import type { ServiceLog } from "livecue/service";
import { z } from "zod";
import { bestVoice } from "./best_voice.ts";
import { CommandEngine, type CommandOptions, commandOptions } from "./engines/command.ts";
import { Edge, type EdgeOptions, edgeOptions, usualVoices } from "./engines/edge.ts";
import { Espeak } from "./engines/espeak.ts";
import type { Engine, Sound, SpeechRequest, Voice } from "./speech.ts";

export const engineNames = ["espeak", "edge", "command"] as const;

export type EngineName = typeof engineNames[number];

export const engineSchema = z.enum(engineNames, { error: 'expected "espeak", "edge" or "command"' });

/** In the service's options. */
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
  /** Where relative paths start. */
  folder: string;
  log: Pick<ServiceLog, "info" | "warn">;
  /** Milliseconds since some moment; `performance.now` where it is left out. */
  now?(): number;
}

/** How an engine does that has failed. */
interface Trouble {
  failures: number;
  /** Until then it is not asked. */
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

  /** Asks the engine until it has listed them. Rejects where it cannot now. */
  voices(engine: EngineName): Promise<Voice[]> {
    const known = this.#lists.get(engine);
    if (known !== undefined) return known;
    const asking = engine === "espeak" ? this.#espeak.voices() : this.#other(engine).voices();
    this.#lists.set(engine, asking);
    asking.catch(() => this.#lists.delete(engine));
    return asking;
  }

  /** Those that can be counted on where the engine does not list its voices. */
  async usualVoices(engine: EngineName): Promise<Voice[]> {
    try {
      return await this.voices(engine);
    } catch (error) {
      if (engine !== "edge") throw error;
      this.#log.warn(
        `edge did not list its voices (${messageOf(error)}): only its best known ones are chosen`,
      );
      return [...usualVoices];
    }
  }

  /** What each of its voices may be changed by, as "f3" for "en-us+f3". */
  variants(engine: EngineName): Promise<string[]> {
    return engine === "espeak" ? this.#espeak.variants() : Promise.resolve([]);
  }

  /** Rejects where the engine fails, and for a while afterwards, longer each time. eSpeak does not fail. */
  async speak(voice: Voice, request: Omit<SpeechRequest, "voice">): Promise<Sound> {
    const named = { ...request, voice: voice.name };
    if (voice.engine === "espeak") return await this.#espeak.speak(named);
    const trouble = this.#troubles.get(voice.engine);
    if (trouble !== undefined && trouble.untilMs > this.#now()) {
      throw new Error(`${voice.engine} has failed, and is left alone for a while`);
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

  /** What `make` makes with the voice; where that rejects, with eSpeak's voice of the same language. */
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

  /** Speaks some words that nobody hears: the first texts after the start would take several times as long. */
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
    if (engine === undefined) throw new Error(`the options have no "${name}"`);
    return engine;
  }

  /** Of many texts that fail together, the first one counts. */
  #fail(name: string, error: unknown): void {
    const { failures, untilMs } = this.#troubles.get(name) ?? { failures: 0, untilMs: 0 };
    if (untilMs > this.#now()) return;
    this.#troubles.set(name, {
      failures: failures + 1,
      untilMs: this.#now() + backoffMs(failures + 1, retry),
    });
    if (failures === 0) {
      this.#log.warn(`${name} did not speak (${messageOf(error)}): espeak speaks until ${name} does again`);
    }
  }

  #recover(name: string): void {
    if (!this.#troubles.delete(name)) return;
    this.#log.info(`${name} speaks again`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
