/**
 * Loads a service's code anew when its file was saved. The types are checked first. Code with a mistake is not loaded:
 * the service keeps the code that it has, and its row says why. Looks at the times of files, because a watch by the
 * system would give up SQLite's locks.
 */
import { basename } from "node:path";
import { type Clock, every } from "../clock.ts";
import { t } from "../language.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Log } from "../log/log.ts";
import { mistakeInTypes } from "../runner/type_check.ts";
import type { ServiceUnit } from "./service_unit.ts";

export interface ServiceFilesOptions {
  /** The services of the run, at this moment. */
  units(): readonly ServiceUnit[];
  clock: Clock;
  log: Log;
}

const lookEveryMs = 500;

interface SavedFile {
  /** When and how large it was at the last look; null if there was no file. */
  seen: string | null;
  /** The same of the code that was loaded or refused. */
  taken: string | null;
}

export class ServiceFiles implements Lifecycle {
  readonly #options: ServiceFilesOptions;
  readonly #files = new Map<string, SavedFile>();
  readonly #stopping = new AbortController();
  #stopLooking: (() => void) | null = null;
  #taking: Promise<void> = Promise.resolve();

  constructor(options: ServiceFilesOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#stopLooking !== null || this.#stopping.signal.aborted) return;
    this.#look();
    this.#stopLooking = every(this.#options.clock, lookEveryMs, () => this.#look());
  }

  async stop(): Promise<void> {
    this.#stopLooking?.();
    this.#stopping.abort();
    await this.#taking;
  }

  /** A file counts as saved when two looks find the same, because editors write in several steps. */
  #look(): void {
    for (const unit of this.#options.units()) {
      // A host has code of its own.
      if (unit.runner === null || unit.config.runsOn !== null) continue;
      const path = unit.config.serviceClass;
      const found = stateOf(path);
      const file = this.#files.get(path) ?? { seen: found, taken: found };
      this.#files.set(path, file);
      const isSettled = file.seen === found;
      file.seen = found;
      if (!isSettled || found === null || found === file.taken) continue;
      file.taken = found;
      this.#taking = this.#taking.then(() => this.#take(path));
    }
  }

  /** The services whose code is in this file: several may share it. */
  async #take(path: string): Promise<void> {
    const { signal } = this.#stopping;
    const mistake = await mistakeInTypes(path, signal);
    for (const unit of this.#options.units()) {
      if (unit.config.serviceClass !== path || unit.config.runsOn !== null || signal.aborted) continue;
      const log = this.#options.log.named(unit.slug);
      if (mistake === null) {
        log.info(t`${basename(path)} was saved: the service loads it.`);
        await unit.restart();
      } else {
        const { sentence, place } = mistake;
        const text = t`${
          basename(path)
        } was saved with a mistake, so the service keeps its code: ${sentence}`;
        unit.troubles.refuseCode(text);
        log.error(`${text}\n${place}`);
      }
    }
  }
}

function stateOf(path: string): string | null {
  try {
    const { mtime, size, ino } = Deno.statSync(path);
    return `${mtime?.getTime()} ${size} ${ino}`;
  } catch {
    // While an editor replaces it, there may be no file.
    return null;
  }
}
