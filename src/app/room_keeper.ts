/**
 * Captures many streamers on one machine, each in a room of its own, out of a database that several machines share. A
 * streamer whom no machine captures is taken, up to `maxStreamers`; what another machine has is taken over when that
 * machine is lost. One round looks at all streamers, once a second.
 */
import { type Clock, sleep } from "../clock.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import type { RunResult } from "./run_options.ts";

/** A streamer, as the database knows it. */
export interface KnownStreamer {
  name: string;
  /** The machine that has the room now; null if none has. */
  machine: string | null;
  wantedMachine: string | null;
  isRemoved: boolean;
}

export interface StreamerBook {
  list(): KnownStreamer[];
  /** The machines that run now. */
  machines(): string[];
  /** Deletes a removed streamer that no machine has. */
  forget(name: string): Promise<void>;
}

/** The run of one room. */
export interface RoomRun {
  run(): Promise<RunResult>;
  stop(reason: string): Promise<void>;
  stopNow(): string | null;
}

export interface RoomKeeperOptions {
  machine: string;
  maxStreamers: number;
  streamers: StreamerBook;
  /** Takes the room and opens its run; null if another machine was faster, or the database is away. */
  open(streamer: string): Promise<RoomRun | null>;
  /** Whether an error means that the database is away, so that the next round may find it back. */
  isAway(error: unknown): boolean;
  clock: Clock;
  log: Log;
  /** From 0 up to 1. */
  random(): number;
  /** A room was opened, or has ended. */
  onChange?: () => void;
}

const roundMs = 1_000;
/** How many rooms are opened at once. */
const openedAtOnce = 10;
/** A room whose run ended by itself is tried again after this long. */
const againAfterMs = 30_000;
/** A free streamer is left for a machine with fewer rooms for so many rounds. */
const patientRounds = 2;

export class RoomKeeper {
  readonly #options: RoomKeeperOptions;
  readonly #rooms = new Map<string, { run: RoomRun; ended: Promise<void> }>();
  readonly #opening = new Set<string>();
  /** By streamer: the time, by the monotonic clock, before which the room is not tried again. */
  readonly #notBefore = new Map<string, number>();
  /** By streamer: for how many rounds it was free. */
  readonly #freeFor = new Map<string, number>();
  readonly #toldOf = new Map<string, string>();
  readonly #stopping = new AbortController();
  #stopped: Promise<void> | null = null;

  constructor(options: RoomKeeperOptions) {
    this.#options = options;
  }

  /** The streamers whose rooms are open. */
  get names(): string[] {
    return [...this.#rooms.keys()];
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    const { clock, isAway } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#round();
      } catch (error) {
        if (!isAway(error)) throw error;
      }
      await sleep(clock, roundMs, signal);
    }
    await this.#stopped;
  }

  /** Closes all rooms in order. */
  stop(reason: string): Promise<void> {
    this.#stopped ??= this.#stop(reason);
    return this.#stopped;
  }

  /** For a caller that cannot wait. Returns a sentence about what could not be stored, or null. */
  stopNow(): string | null {
    this.#stopping.abort();
    return [...this.#rooms.values()].map(({ run }) => run.stopNow()).filter((text) => text !== null)[0] ??
      null;
  }

  async #stop(reason: string): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#rooms.values()].map(({ run }) => run.stop(reason)));
    await Promise.all([...this.#rooms.values()].map(({ ended }) => ended));
  }

  async #round(): Promise<void> {
    const { streamers, machine } = this.#options;
    const known = streamers.list();
    const machines = new Set(streamers.machines());
    for (const name of this.#rooms.keys()) {
      this.#leaveIfAsked(
        name,
        known.find((each) => each.name === name),
        machines,
      );
    }
    const others = known.filter(({ name }) => !this.#rooms.has(name) && !this.#opening.has(name));
    for (const { name, isRemoved, machine: owner } of others) {
      if (isRemoved && owner === null) await streamers.forget(name);
    }
    this.#tellOfHeld(others.filter(({ machine: owner }) => owner !== null && owner !== machine));
    const free = others.filter((each) => this.#mayTake(each, machines));
    for (const name of this.#freeFor.keys()) {
      if (!free.some((each) => each.name === name)) this.#freeFor.delete(name);
    }
    const load = loadOf(known);
    const taken = free.filter(({ name, wantedMachine }) => {
      const rounds = (this.#freeFor.get(name) ?? 0) + 1;
      this.#freeFor.set(name, rounds);
      return wantedMachine === machine || rounds > patientRounds || !this.#isOtherLessFull(load, machines);
    }).slice(0, Math.max(0, this.#options.maxStreamers - this.#rooms.size - this.#opening.size));
    for (let index = 0; index < taken.length && !this.#stopping.signal.aborted; index += openedAtOnce) {
      await Promise.all(taken.slice(index, index + openedAtOnce).map(({ name }) => this.#take(name)));
    }
  }

  #mayTake(
    { name, machine: owner, wantedMachine, isRemoved }: KnownStreamer,
    machines: ReadonlySet<string>,
  ): boolean {
    const { machine, clock } = this.#options;
    if (isRemoved || owner !== null) return false;
    if (wantedMachine !== null && wantedMachine !== machine && machines.has(wantedMachine)) return false;
    return clock.monotonic() >= (this.#notBefore.get(name) ?? -Infinity);
  }

  /** Of two machines, this one and another at random, the one with fewer rooms takes the next. */
  #isOtherLessFull(load: ReadonlyMap<string, number>, machines: ReadonlySet<string>): boolean {
    const { machine, random } = this.#options;
    const others = [...machines].filter((each) => each !== machine);
    const other = others[Math.floor(random() * others.length)];
    return other !== undefined && (load.get(other) ?? 0) < this.#rooms.size;
  }

  #leaveIfAsked(name: string, known: KnownStreamer | undefined, machines: ReadonlySet<string>): void {
    const { machine, log } = this.#options;
    const room = this.#rooms.get(name);
    if (room === undefined) return;
    const wanted = known?.wantedMachine ?? null;
    if (known === undefined || known.isRemoved) {
      log.info(t`@${name} was removed.`);
      void room.run.stop(t`The streamer was removed.`);
    } else if (wanted !== null && wanted !== machine && machines.has(wanted)) {
      log.info(t`@${name} moves to ${wanted}.`);
      void room.run.stop(t`The room moved to another machine.`);
    }
  }

  async #take(name: string): Promise<void> {
    const { open, log, clock } = this.#options;
    this.#opening.add(name);
    try {
      const run = await open(name);
      if (run === null) return;
      log.info(t`@${name} is captured here.`);
      const ended = this.#follow(name, run);
      this.#rooms.set(name, { run, ended });
      this.#options.onChange?.();
      if (this.#stopping.signal.aborted) await run.stop(t`Stopped.`);
    } catch (error) {
      this.#notBefore.set(name, clock.monotonic() + againAfterMs);
      log.error(t`@${name} cannot be captured: ${(error as Error).message}`);
    } finally {
      this.#opening.delete(name);
    }
  }

  /** Resolves when the room's run has ended, for whatever reason. */
  async #follow(name: string, run: RoomRun): Promise<void> {
    const { log, clock } = this.#options;
    try {
      const { failure } = await run.run();
      if (failure !== null) log.warn(`@${name}: ${failure}`);
    } catch (error) {
      log.error(`@${name}: ${(error as Error).message}`);
    } finally {
      this.#rooms.delete(name);
      this.#options.onChange?.();
      if (!this.#stopping.signal.aborted) this.#notBefore.set(name, clock.monotonic() + againAfterMs);
    }
  }

  /** Once for each streamer and machine; of many at once only their number. */
  #tellOfHeld(held: readonly KnownStreamer[]): void {
    const { log } = this.#options;
    const news = held.filter(({ name, machine }) => this.#toldOf.get(name) !== machine);
    for (const { name, machine } of news) this.#toldOf.set(name, machine as string);
    if (news.length > 3) {
      log.info(
        t`Other machines capture ${news.length} streamers. This machine takes over those of a machine that is lost.`,
      );
      return;
    }
    for (const { name, machine } of news) {
      log.info(
        t`@${name} is captured by ${machine as string}. This machine takes over when ${machine as string} is lost.`,
      );
    }
  }
}

/** How many rooms each machine has. */
function loadOf(known: readonly KnownStreamer[]): Map<string, number> {
  const load = new Map<string, number>();
  for (const { machine } of known) if (machine !== null) load.set(machine, (load.get(machine) ?? 0) + 1);
  return load;
}
