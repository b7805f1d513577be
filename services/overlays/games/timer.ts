/**
 * A countdown to which events add time: a subathon, or the minutes until a show starts. The games "timer" and
 * "countdown" are two of them, so that both may run at once.
 */
import { type PaneLine, UserError } from "livecue/service";
import { msg, t, translated } from "livecue/language";
import { z } from "zod";
import { clockText, type Game, type Moment, nameIn, timesOf, type Turn } from "./game.ts";

const dayMinutes = 1440;
/** A hundred days. */
const maxMinutes = 100 * dayMinutes;

const minutesSchema = z.number().positive().max(maxMinutes);
const timeOfDay = z.string().regex(/^(?:[01]?\d|2[0-3]):[0-5]\d$/, {
  error: () => t`expected a time of day, as "20:00"`,
});

export const timerOptions = z.strictObject({
  /** The length at the start. */
  minutes: minutesSchema.default(60),
  /** In place of a length: "start" counts down to this time of day. */
  until: timeOfDay.optional(),
  /** The most time in all: the length at the start and what is added. */
  max_minutes: minutesSchema.default(maxMinutes),
  /** The most seconds that one event adds or takes. */
  max_seconds_per_event: z.number().positive().default(24 * 3600),
  /** Whether it counts down while Livecue is stopped. */
  runs_while_stopped: z.boolean().default(true),
});

/** What a countdown is without options: a break, not a day. */
export const countdownOptions = timerOptions.extend({ minutes: minutesSchema.default(5) });

const deeds = ["start", "pause", "resume", "toggle", "reset"] as const;

export const timerCommand = z.union([
  z.enum(deeds),
  z.strictObject({
    /** Below 0, it takes time. */
    add_seconds: z.number().refine((seconds) => Math.abs(seconds) <= 1_000_000, {
      error: () => t`expected at most 1000000 seconds at once`,
    }),
    times: z.enum(["count", "diamonds"]).optional(),
  }),
  /** Starts again, with this length. */
  z.strictObject({ minutes: minutesSchema }),
  /** Starts again, to this time of day by the computer's clock: today, or tomorrow if it has passed. */
  z.strictObject({ until: timeOfDay }),
], {
  error: () =>
    t`expected ${
      deeds.map((deed) => `"${deed}"`).join(", ")
    }, { "minutes": 5 }, { "until": "20:00" }, or { "add_seconds": 30 }, with "times": "count" or "diamonds" if needed`,
});

export type TimerOptions = z.output<typeof timerOptions>;
export type TimerCommand = z.output<typeof timerCommand>;
type Length = { minutes: number } | { until: string };

interface Timed {
  /** What was added to the length so far. */
  addedMs: number;
  /** Who added time last. */
  by: string;
  /** The length at the start of this run; the one of the options if it has not started. */
  lengthMs?: number;
}

export type TimerState = Timed & ({ phase: "ready" } | Running | { phase: "paused"; leftMs: number });

interface Running {
  phase: "running" | "ended";
  /** Unix milliseconds. The clock is right also after a stop, because this is all that is kept of it. */
  endsAt: number;
  /** Whether it ends at a time of day, so that it follows the computer's clock when that is set. */
  isByClock?: boolean;
}

export interface TimerView {
  phase: TimerState["phase"];
  leftMs: number;
  /** Since the start. A page shows by how much it grows. */
  addedMs: number;
  by: string;
}

declare module "livecue/service" {
  interface EmittedDataByType {
    TimerEndedEvent: { totalSeconds: number; addedSeconds: number };
    CountdownEndedEvent: { totalSeconds: number; addedSeconds: number };
  }
}

const phases = {
  ready: msg("ready"),
  running: msg("running"),
  paused: msg("paused"),
  ended: msg("ended"),
};

export class Timer implements Game<TimerState, TimerCommand, TimerView> {
  readonly title: "Timer" | "Countdown";
  readonly first: TimerState = { phase: "ready", addedMs: 0, by: "" };
  readonly keys = [
    { key: "s", does: msg("start or pause"), command: "toggle" },
    { key: "a", does: msg("add a minute"), command: { add_seconds: 60 } },
    { key: "b", does: msg("take a minute"), command: { add_seconds: -60 } },
    { key: "r", does: msg("reset"), command: "reset" },
  ] as const;
  readonly isHeldByStops: boolean;
  readonly #length: Length;
  readonly #maxMs: number;
  readonly #maxPerEventMs: number;

  constructor(options: TimerOptions, title: "Timer" | "Countdown" = "Timer") {
    const { minutes, until, max_minutes, max_seconds_per_event, runs_while_stopped } = options;
    this.title = title;
    this.#length = until === undefined ? { minutes } : { until };
    this.#maxMs = max_minutes * 60_000;
    this.#maxPerEventMs = max_seconds_per_event * 1000;
    this.isHeldByStops = !runs_while_stopped;
  }

  act(state: TimerState, command: TimerCommand, moment: Moment): Turn<TimerState> {
    if (typeof command === "object") {
      if (!("add_seconds" in command)) return { state: this.#begin(command, moment.now) };
      const addedMs = command.add_seconds * 1000 * timesOf(command.times, moment);
      return { state: this.#add(state, addedMs, moment) };
    }
    switch (command) {
      case "start":
        return { state: this.#start(state, moment) };
      case "pause":
        return { state: this.#pause(state, moment) };
      case "resume":
        if (state.phase !== "paused") throw new UserError(t`${this.#the} is not paused.`);
        return { state: this.#start(state, moment) };
      case "toggle":
        return { state: state.phase === "running" ? this.#pause(state, moment) : this.#start(state, moment) };
      case "reset":
        return { state: this.first };
    }
  }

  hear(): null {
    return null;
  }

  dueAt(state: TimerState): number | null {
    return state.phase === "running" ? state.endsAt : null;
  }

  pass(state: TimerState): Turn<TimerState> {
    if (state.phase !== "running") return { state };
    const addedSeconds = Math.round(state.addedMs / 1000);
    const totalSeconds = Math.round((this.#lengthMs(state, state.endsAt) + state.addedMs) / 1000);
    return {
      state: { ...state, phase: "ended" },
      results: [{ type: `${this.title}EndedEvent`, data: { totalSeconds, addedSeconds } }],
    };
  }

  /** The end at a time of day stays at that time. */
  postpone(state: TimerState, byMs: number): TimerState {
    return (state.phase === "running" || state.phase === "ended") && !state.isByClock
      ? { ...state, endsAt: state.endsAt + byMs }
      : state;
  }

  view(state: TimerState, now: number): TimerView {
    const { phase, addedMs, by } = state;
    return { phase, leftMs: Math.max(0, this.#leftMs(state, now)), addedMs, by };
  }

  lines(state: TimerState, now: number): PaneLine[] {
    const leftMs = this.#leftMs(state, now);
    const part = Math.min(1, Math.max(0, leftMs / (this.#lengthMs(state, now) + state.addedMs)));
    return [
      { label: translated(phases[state.phase]), value: clockText(leftMs), part },
      { label: t`added`, value: clockText(state.addedMs) },
    ];
  }

  get #the(): string {
    return this.title === "Timer" ? t`The timer` : t`The countdown`;
  }

  #lengthMs({ lengthMs }: TimerState, now: number): number {
    return lengthMs ?? endOf(this.#length, now) - now;
  }

  #leftMs(state: TimerState, now: number): number {
    switch (state.phase) {
      case "ready":
        return this.#lengthMs(state, now) + state.addedMs;
      case "paused":
        return state.leftMs;
      case "running":
        return state.endsAt - now;
      case "ended":
        return 0;
    }
  }

  #start(state: TimerState, { now }: Moment): TimerState {
    if (state.phase === "running") throw new UserError(t`${this.#the} is already running.`);
    if (state.phase === "paused") {
      const { leftMs, ...timed } = state;
      return { ...timed, phase: "running", endsAt: now + leftMs };
    }
    const { addedMs, by } = state.phase === "ended" ? this.first : state;
    const begun = this.#begin(this.#length, now);
    return { ...begun, endsAt: begun.endsAt + addedMs, addedMs, by };
  }

  #begin(length: Length, now: number): TimerState & Running {
    const endsAt = endOf(length, now);
    const lengthMs = endsAt - now;
    if (lengthMs > this.#maxMs) {
      throw new UserError(t`${this.#the} runs for at most ${this.#maxMs / 60_000} minutes.`);
    }
    return { phase: "running", endsAt, isByClock: "until" in length, lengthMs, addedMs: 0, by: "" };
  }

  #pause(state: TimerState, { now }: Moment): TimerState {
    if (state.phase !== "running") throw new UserError(t`${this.#the} is not running.`);
    const { endsAt, isByClock: _, ...timed } = state;
    return { ...timed, phase: "paused", leftMs: Math.max(0, endsAt - now) };
  }

  /** An event counts if it was received before the end, also if the end has come before its turn. */
  #add(state: TimerState, wantedMs: number, moment: Moment): TimerState {
    const { now, at } = moment;
    const isOver = (state.phase === "ended" || state.phase === "running") && at > state.endsAt;
    if (isOver) throw new UserError(t`${this.#the} has ended: reset or start it first.`);
    const addedMs = this.#allowed(state, wantedMs, moment);
    if (addedMs === 0) return state;
    const timed = { ...state, addedMs: state.addedMs + addedMs, by: nameIn(moment) };
    switch (timed.phase) {
      case "ready":
        return timed;
      case "paused":
        return { ...timed, leftMs: timed.leftMs + addedMs };
      case "running":
        return { ...timed, endsAt: timed.endsAt + addedMs };
      case "ended": {
        const endsAt = timed.endsAt + addedMs;
        return { ...timed, phase: endsAt > now ? "running" : "ended", endsAt };
      }
    }
  }

  /** Within the limits. Time that is taken leaves at least 0. */
  #allowed(state: TimerState, wantedMs: number, { event, at }: Moment): number {
    const most = event === null ? Infinity : this.#maxPerEventMs;
    const room = Math.max(0, this.#maxMs - this.#lengthMs(state, at) - state.addedMs);
    const leftMs = state.phase === "ended" ? 0 : this.#leftMs(state, at);
    return Math.min(room, Math.max(-leftMs, Math.min(most, Math.max(-most, Math.round(wantedMs)))));
  }
}

/** Unix milliseconds. A time of day is the next one after `now` by the computer's clock. */
function endOf(length: Length, now: number): number {
  if ("minutes" in length) return now + length.minutes * 60_000;
  const [hours = 0, minutes = 0] = length.until.split(":").map(Number);
  const end = new Date(now);
  end.setHours(hours, minutes, 0, 0);
  if (end.getTime() <= now) end.setDate(end.getDate() + 1);
  return end.getTime();
}
