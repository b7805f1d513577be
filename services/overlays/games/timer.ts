/** A countdown to which events add time: a subathon. */
import { type PaneLine, UserError } from "livecue/service";
import { z } from "zod";
import { clockText, type Game, type Moment, nameIn, timesOf, type Turn } from "./game.ts";

const dayMinutes = 1440;
/** A hundred days. */
const maxMinutes = 100 * dayMinutes;

export const timerOptions = z.strictObject({
  /** The length at the start. */
  minutes: z.number().positive().max(maxMinutes).default(60),
  /** The most time in all: the length at the start and what is added. */
  max_minutes: z.number().positive().max(maxMinutes).default(maxMinutes),
  /** The most seconds that one event adds or takes. */
  max_seconds_per_event: z.number().positive().default(24 * 3600),
  /** Whether it counts down while Livecue is stopped. */
  runs_while_stopped: z.boolean().default(true),
});

const deeds = ["start", "pause", "resume", "toggle", "reset"] as const;

export const timerCommand = z.union([
  z.enum(deeds),
  z.strictObject({
    /** Below 0, it takes time. */
    add_seconds: z.number().refine((seconds) => Math.abs(seconds) <= 1_000_000, {
      error: "expected at most 1000000 seconds at once",
    }),
    times: z.enum(["count", "diamonds"]).optional(),
  }),
], {
  error: `expected ${
    deeds.map((deed) => `"${deed}"`).join(", ")
  }, or { "add_seconds": 30 }, with "times": "count" or "diamonds" if needed`,
});

export type TimerOptions = z.output<typeof timerOptions>;
export type TimerCommand = z.output<typeof timerCommand>;

interface Timed {
  /** What was added to the length so far. */
  addedMs: number;
  /** Who added time last. */
  by: string;
}

export type TimerState = Timed & ({ phase: "ready" } | Running | { phase: "paused"; leftMs: number });

interface Running {
  phase: "running" | "ended";
  /** Unix milliseconds. The clock is right also after a stop, because this is all that is kept of it. */
  endsAt: number;
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
  }
}

export class Timer implements Game<TimerState, TimerCommand, TimerView> {
  readonly title = "Timer";
  readonly first: TimerState = { phase: "ready", addedMs: 0, by: "" };
  readonly keys = [
    { key: "s", does: "start or pause", command: "toggle" },
    { key: "a", does: "add a minute", command: { add_seconds: 60 } },
    { key: "b", does: "take a minute", command: { add_seconds: -60 } },
    { key: "r", does: "reset", command: "reset" },
  ] as const;
  readonly isHeldByStops: boolean;
  readonly #lengthMs: number;
  readonly #maxMs: number;
  readonly #maxPerEventMs: number;

  constructor({ minutes, max_minutes, max_seconds_per_event, runs_while_stopped }: TimerOptions) {
    this.#lengthMs = minutes * 60_000;
    this.#maxMs = max_minutes * 60_000;
    this.#maxPerEventMs = max_seconds_per_event * 1000;
    this.isHeldByStops = !runs_while_stopped;
  }

  act(state: TimerState, command: TimerCommand, moment: Moment): Turn<TimerState> {
    if (typeof command === "object") {
      const addedMs = command.add_seconds * 1000 * timesOf(command.times, moment);
      return { state: this.#add(state, addedMs, moment) };
    }
    switch (command) {
      case "start":
        return { state: this.#start(state, moment) };
      case "pause":
        return { state: this.#pause(state, moment) };
      case "resume":
        if (state.phase !== "paused") throw new UserError("The timer is not paused.");
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
    const totalSeconds = Math.round((this.#lengthMs + state.addedMs) / 1000);
    return {
      state: { ...state, phase: "ended" },
      results: [{ type: "TimerEndedEvent", data: { totalSeconds, addedSeconds } }],
    };
  }

  postpone(state: TimerState, byMs: number): TimerState {
    return state.phase === "running" || state.phase === "ended"
      ? { ...state, endsAt: state.endsAt + byMs }
      : state;
  }

  view(state: TimerState, now: number): TimerView {
    const { phase, addedMs, by } = state;
    return { phase, leftMs: Math.max(0, this.#leftMs(state, now)), addedMs, by };
  }

  lines(state: TimerState, now: number): PaneLine[] {
    const leftMs = this.#leftMs(state, now);
    return [
      { label: state.phase, value: clockText(leftMs), part: leftMs / (this.#lengthMs + state.addedMs) },
      { label: "added", value: clockText(state.addedMs) },
    ];
  }

  #leftMs(state: TimerState, now: number): number {
    switch (state.phase) {
      case "ready":
        return this.#lengthMs + state.addedMs;
      case "paused":
        return state.leftMs;
      case "running":
        return state.endsAt - now;
      case "ended":
        return 0;
    }
  }

  #start(state: TimerState, { now }: Moment): TimerState {
    if (state.phase === "running") throw new UserError("The timer is already running.");
    const { addedMs, by } = state.phase === "ended" ? this.first : state;
    const leftMs = state.phase === "paused" ? state.leftMs : this.#lengthMs + addedMs;
    return { phase: "running", endsAt: now + leftMs, addedMs, by };
  }

  #pause(state: TimerState, { now }: Moment): TimerState {
    if (state.phase !== "running") throw new UserError("The timer is not running.");
    const { endsAt, addedMs, by } = state;
    return { phase: "paused", leftMs: Math.max(0, endsAt - now), addedMs, by };
  }

  /** An event counts if it was received before the end, also if the end has come before its turn. */
  #add(state: TimerState, wantedMs: number, moment: Moment): TimerState {
    const { now, at } = moment;
    const isOver = (state.phase === "ended" || state.phase === "running") && at > state.endsAt;
    if (isOver) throw new UserError("The timer has ended: reset or start it first.");
    const addedMs = this.#allowed(state, wantedMs, moment);
    if (addedMs === 0) return state;
    const timed = { addedMs: state.addedMs + addedMs, by: nameIn(moment) };
    switch (state.phase) {
      case "ready":
        return { phase: "ready", ...timed };
      case "paused":
        return { phase: "paused", leftMs: state.leftMs + addedMs, ...timed };
      case "running":
        return { phase: "running", endsAt: state.endsAt + addedMs, ...timed };
      case "ended": {
        const endsAt = state.endsAt + addedMs;
        return { phase: endsAt > now ? "running" : "ended", endsAt, ...timed };
      }
    }
  }

  /** Within the limits. Time that is taken leaves at least 0. */
  #allowed(state: TimerState, wantedMs: number, { event, at }: Moment): number {
    const most = event === null ? Infinity : this.#maxPerEventMs;
    const room = Math.max(0, this.#maxMs - this.#lengthMs - state.addedMs);
    const leftMs = state.phase === "ended" ? 0 : this.#leftMs(state, at);
    return Math.min(room, Math.max(-leftMs, Math.min(most, Math.max(-most, Math.round(wantedMs)))));
  }
}
