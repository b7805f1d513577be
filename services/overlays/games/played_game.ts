/**
 * A game that is played: keeps its state, shows it and emits its results. Everything is stored before it is shown, so
 * that after a kill the game goes on with what viewers have seen. Each item counts once.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { counted, noun, t, translated } from "livecue/language";
import { type KeptState, type Pane, type ServiceLog, UserError } from "livecue/service";
import { Kept } from "../kept.ts";
import type { Game, Moment, Result, Turn } from "./game.ts";

/** The parts of the service that games need. */
export interface GameHost {
  state: KeptState;
  log: ServiceLog;
  emit(type: string, data: object, options: { id: string; source?: string }): Promise<void>;
  show(pane: Pane): void;
  every(seconds: number, run: () => void | Promise<void>): () => void;
}

export interface PlayedGameOptions {
  /** Its name in the state, and in messages to pages. */
  name: string;
  /** Whether its pane is shown before it is first played. */
  isConfigured: boolean;
  /** A stored change is to be shown on pages. */
  onChange(): void;
}

/** The JSON in the service's state. */
interface KeptGame<State> {
  state: State;
  /** Ids of the items that have counted, oldest first. */
  countedIds: number[];
  /** What has not been emitted yet. */
  results: (Result & { id: string })[];
  /** Unix milliseconds. */
  savedAt: number;
}

/** More items than can be in progress when the program crashes. */
const maxCountedIds = 1000;
const maxResults = 100;
const pauseMs = 100;
/** After a start, so that items of the last run can still count before a time that is up ends a game. */
const settlingMs = 1500;
/** A timer of JavaScript cannot wait for longer than 24 days. */
const longestWaitMs = 86_400_000;
/** The most time that a crash gives to a game that is held by stops. */
const heartbeatSeconds = 2;
/** More than passes between two looks at the clock, unless it was set. */
const clockStepMs = 5000;
const refusalsEveryMs = 60_000;

export class PlayedGame<State, Command, View> {
  readonly #game: Game<State, Command, View>;
  readonly #host: GameHost;
  readonly #options: PlayedGameOptions;
  readonly #kept: Kept;
  /** Emits outside of the item that has caused the result. */
  readonly #outside = AsyncLocalStorage.snapshot();
  readonly #countedIds = new Set<number>();
  #state: State;
  #results: KeptGame<State>["results"] = [];
  #written: State;
  /** The state that is stored. Pages see only this one. */
  #stored: State;
  /** The types of results that could not be emitted. */
  readonly #toldTypes = new Set<string>();
  #saving: Promise<void> | null = null;
  #emitting: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #quietUntil = 0;
  /** The time at the last look at the clock. */
  #latest = Date.now();
  #wasPlayed = false;
  #isStopped = false;
  #refusedCount = 0;
  #toldRefusalAt = -Infinity;

  constructor(game: Game<State, Command, View>, host: GameHost, options: PlayedGameOptions) {
    this.#game = game;
    this.#host = host;
    this.#options = options;
    this.#state = this.#written = this.#stored = game.first;
    this.#kept = new Kept(host.state, { key: this.#key, pauseMs, value: () => this.#toKeep() });
  }

  get view(): View {
    return this.#game.view(this.#stored, Date.now());
  }

  /** What pages may know. */
  get stored(): State {
    return this.#stored;
  }

  async load(): Promise<void> {
    const kept = await this.#host.state.get<KeptGame<State>>(this.#key);
    const now = Date.now();
    if (kept !== undefined) {
      const awayMs = now - kept.savedAt;
      // Below 0, the clock was set back.
      const byMs = this.#game.isHeldByStops || awayMs < 0 ? awayMs : 0;
      this.#state = this.#written = this.#stored = this.#game.postpone(kept.state, byMs);
      this.#results = kept.results;
      for (const id of kept.countedIds) this.#countedIds.add(id);
      this.#wasPlayed = true;
    }
    this.#quietUntil = now + settlingMs;
    this.#emitResults();
    this.#plan();
    this.#showPane();
    this.#host.every(1, () => {
      this.#followClock();
      this.#showPane();
    });
    if (this.#game.isHeldByStops) this.#host.every(heartbeatSeconds, () => this.#beat());
  }

  /** Resolves when the change is stored. Rejects with a `UserError` if the game cannot do this now. */
  async act(command: Command, moment: Moment): Promise<void> {
    this.#followClock();
    await this.#take(this.#game.act(this.#state, command, moment));
  }

  /** Lets an item count: what its event changes by itself, and by these commands. Resolves when that is stored. */
  async hear(commands: readonly Command[], moment: Moment, itemId: number): Promise<void> {
    const { event } = moment;
    if (event === null) return;
    // The item may be here again because its change could not be stored.
    if (this.#countedIds.has(itemId)) return this.#kept.save();
    this.#followClock();
    const before = this.#state;
    const results: Result[] = [];
    const turn = (make: (state: State) => Turn<State> | null) => {
      const made = this.#tried(() => make(this.#state));
      if (made === null) return;
      this.#state = made.state;
      results.push(...made.results ?? []);
    };
    turn((state) => this.#game.hear(state, event, moment));
    for (const command of commands) turn((state) => this.#game.act(state, command, moment));
    if (this.#state === before && results.length === 0) return;
    this.#countedIds.add(itemId);
    for (const id of this.#countedIds) {
      if (this.#countedIds.size <= maxCountedIds) break;
      this.#countedIds.delete(id);
    }
    await this.#take({ state: this.#state, results });
  }

  /** Stores the state a last time. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#kept.stop();
    if (this.#wasPlayed) await this.#host.state.set(this.#key, this.#toKeep());
  }

  async onKeyPressed(key: string): Promise<void> {
    const pressed = this.#game.keys.find((each) => each.key === key);
    if (pressed === undefined) return;
    try {
      await this.act(pressed.command, byPerson());
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#host.log.warn(error.message);
    }
  }

  get title(): string {
    return translated(this.#game.title);
  }

  get #key(): string {
    return `game ${this.#options.name}`;
  }

  #toKeep(): KeptGame<State> {
    this.#written = this.#state;
    return {
      state: this.#state,
      countedIds: [...this.#countedIds],
      results: this.#results,
      savedAt: Date.now(),
    };
  }

  /** A rule may ask for what is not possible now: nobody can be told but the log. */
  #tried<Value>(act: () => Value): Value | null {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#tellRefused(error.message);
      return null;
    }
  }

  /** At most once a minute. */
  #tellRefused(why: string): void {
    this.#refusedCount++;
    const now = performance.now();
    if (now - this.#toldRefusalAt < refusalsEveryMs) return;
    this.#toldRefusalAt = now;
    const events = counted(this.#refusedCount, noun("event"));
    this.#host.log.warn(t`${this.title}: an event could not act. ${why} So far: ${events}.`);
  }

  #take({ state, results = [] }: Turn<State>): Promise<void> {
    this.#state = state;
    this.#wasPlayed = true;
    for (const result of results) this.#results.push({ ...result, id: crypto.randomUUID() });
    this.#forgetOldestResults();
    this.#plan();
    const saving = this.#kept.save();
    if (saving !== this.#saving) {
      this.#saving = saving;
      // Whoever waits for `saving` hears of a failure.
      saving.then(() => this.#show(), () => {});
    }
    return saving;
  }

  /** Of what could not be emitted. */
  #forgetOldestResults(): void {
    const over = this.#results.length - maxResults;
    if (over <= 0) return;
    this.#results = this.#results.slice(over);
    this.#host.log.warn(t`${this.title}: ${over} results were not emitted, because too many wait.`);
  }

  #show(): void {
    this.#stored = this.#written;
    this.#options.onChange();
    this.#showPane();
    this.#emitResults();
  }

  #showPane(): void {
    if (this.#isStopped || !(this.#options.isConfigured || this.#wasPlayed)) return;
    this.#host.show({
      title: this.title,
      lines: this.#game.lines(this.#stored, Date.now()),
      keys: this.#game.keys.map(({ key, does }) => ({ key, does: translated(does) })),
    });
  }

  /**
   * If the computer's clock was set back, the game's times move with it, so that nothing takes longer. If it was set
   * forward, that time has passed.
   */
  #followClock(): void {
    const now = Date.now();
    const byMs = now - this.#latest;
    this.#latest = now;
    // A timer of JavaScript does not hear of a clock that was set forward.
    if (byMs > clockStepMs) this.#plan();
    if (byMs >= 0) return;
    this.#stored = this.#game.postpone(this.#stored, byMs);
    this.#written = this.#game.postpone(this.#written, byMs);
    if (this.#game.dueAt(this.#state) === null) {
      this.#state = this.#game.postpone(this.#state, byMs);
      return;
    }
    this.#quietUntil += byMs;
    void this.#take({ state: this.#game.postpone(this.#state, byMs) }).catch(() => {});
  }

  #beat(): void {
    if (this.#game.dueAt(this.#state) !== null) void this.#take({ state: this.#state }).catch(() => {});
  }

  /** Waits until time changes the game. */
  #plan(): void {
    clearTimeout(this.#timer);
    const dueAt = this.#game.dueAt(this.#state);
    if (dueAt === null || this.#isStopped) return;
    const waitMs = Math.max(dueAt, this.#quietUntil) - Date.now();
    this.#timer = setTimeout(() => this.#pass(), Math.min(longestWaitMs, Math.max(0, waitMs)));
  }

  #pass(): void {
    this.#followClock();
    const now = Date.now();
    const dueAt = this.#game.dueAt(this.#state);
    if (dueAt === null || dueAt > now) return this.#plan();
    this.#take(this.#game.pass(this.#state, now)).catch((error) =>
      this.#host.log.error(t`${this.title}: its state could not be stored: ${error}`)
    );
  }

  #emitResults(): void {
    this.#emitting ??= this.#outside(() => this.#emitAll()).finally(() => this.#emitting = null);
  }

  /** By ids, so that no result is emitted twice, even if the program is killed in between. */
  async #emitAll(): Promise<void> {
    for (let [result] = this.#results; result !== undefined; [result] = this.#results) {
      await this.#emit(result);
      this.#results = this.#results.filter(({ id }) => id !== result?.id);
      void this.#kept.save().catch(() => {});
    }
  }

  async #emit({ type, data, id }: KeptGame<State>["results"][number]): Promise<void> {
    try {
      // With several lives open, a result belongs to none of them.
      await this.#host.emit(type, data, { id })
        .catch((error) => {
          if (error instanceof TypeError) throw error;
          return this.#host.emit(type, data, { id, source: "services" });
        });
    } catch (error) {
      if (this.#isStopped || this.#toldTypes.has(type)) return;
      this.#toldTypes.add(type);
      const why = messageOf(error);
      this.#host.log.warn(
        error instanceof TypeError
          ? t`${this.title}: other services do not get its result: ${why}. Add "${type}" to "emits" of overlays.`
          : t`${this.title}: other services do not get its result: ${why}.`,
      );
    }
  }
}

/** A person has asked for it. */
export function byPerson(): Moment {
  const now = Date.now();
  return { now, at: now, event: null, shown: null };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
