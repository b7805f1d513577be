/** A wheel of fortune. The result of a spin is drawn and stored before a page shows the spin. */
import { msg, t } from "livecue/language";
import { createHash } from "node:crypto";
import { type PaneLine, UserError } from "livecue/service";
import { z } from "zod";
import { type Game, type Moment, nameIn, timesOf, type Turn } from "./game.ts";

const maxSlices = 24;
/** More would take hours. */
const maxWaiting = 100;

const nameSchema = z.string().trim().min(1).max(60);

const sliceSchema = z.union([
  nameSchema.transform((name) => ({ name, weight: 1 })),
  z.strictObject({ name: nameSchema, weight: z.number().positive().max(1000).default(1) }),
], { error: () => t`expected a name, or { "name": "Dance", "weight": 2 }` });

export const wheelOptions = z.strictObject({
  slices: z.array(sliceSchema).max(maxSlices).default([]).refine(({ length }) => length !== 1, {
    error: () => t`a wheel has at least two slices`,
  }),
  spin_seconds: z.number().min(1).max(30).default(6),
  /** How long the result is shown. */
  show_seconds: z.number().min(1).max(60).default(6),
});

const spinsError = { error: () => t`expected 1 to 10 spins at once` };

export const wheelCommand = z.union([
  z.literal("spin"),
  z.strictObject({
    spins: z.int(spinsError).min(1, spinsError).max(10, spinsError).default(1),
    times: z.enum(["count", "diamonds"]).optional(),
  }),
  z.literal("clear"),
], { error: () => t`expected "spin", "clear", or { "spins": 1, "times": "count" }` });

export type WheelOptions = z.output<typeof wheelOptions>;
export type WheelCommand = z.output<typeof wheelCommand>;

interface Slice {
  name: string;
  weight: number;
}

/** A spin whose result is drawn. */
interface Spin {
  number: number;
  by: string;
  /** The slices at that time. */
  slices: Slice[];
  /** The index of the result in `slices`. */
  result: number;
  /** Where in its slice the wheel stops: 0 to 1. */
  place: number;
  /** Unix milliseconds. */
  startedAt: number;
  /** Unix milliseconds; null while the wheel turns. */
  landedAt: number | null;
}

export interface WheelState {
  /** Each draw follows from this text and the number of the spin. */
  seed: string;
  count: number;
  spin: Spin | null;
  /** Who asked for the spins that wait. */
  waiting: string[];
}

export interface WheelView {
  slices: Slice[];
  spin: {
    number: number;
    by: string;
    result: number;
    place: number;
    ageMs: number;
    spinMs: number;
  } | null;
  waitingCount: number;
}

declare module "livecue/service" {
  interface EmittedDataByType {
    WheelEvent: { slice: string; by: string; spin: number };
  }
}

export class Wheel implements Game<WheelState, WheelCommand, WheelView> {
  readonly title = msg("Wheel");
  readonly first: WheelState = { seed: crypto.randomUUID(), count: 0, spin: null, waiting: [] };
  readonly keys = [
    { key: "s", does: msg("spin"), command: "spin" },
    { key: "x", does: msg("clear the queue"), command: "clear" },
  ] as const;
  readonly isHeldByStops = false;
  readonly #slices: Slice[];
  readonly #spinMs: number;
  readonly #showMs: number;

  constructor({ slices, spin_seconds, show_seconds }: WheelOptions) {
    this.#slices = slices;
    this.#spinMs = spin_seconds * 1000;
    this.#showMs = show_seconds * 1000;
  }

  act(state: WheelState, command: WheelCommand, moment: Moment): Turn<WheelState> {
    if (command === "clear") return { state: { ...state, waiting: [] } };
    if (this.#slices.length === 0) {
      throw new UserError(t`The wheel has no slices: add "slices" to "wheel" in the options of overlays.`);
    }
    const { spins, times } = command === "spin" ? { spins: 1, times: undefined } : command;
    const wanted = spins * timesOf(times, moment);
    const room = maxWaiting - state.waiting.length;
    if (wanted > 0 && room <= 0) throw new UserError(t`${maxWaiting} spins wait already.`);
    const asked = Array.from({ length: Math.min(wanted, room) }, () => nameIn(moment));
    return { state: this.#next({ ...state, waiting: [...state.waiting, ...asked] }, moment.now) };
  }

  hear(): null {
    return null;
  }

  dueAt({ spin }: WheelState): number | null {
    if (spin === null) return null;
    return spin.landedAt === null ? spin.startedAt + this.#spinMs : spin.landedAt + this.#showMs;
  }

  pass(state: WheelState, now: number): Turn<WheelState> {
    const { spin } = state;
    if (spin === null) return { state };
    if (spin.landedAt !== null) return { state: this.#next({ ...state, spin: null }, now) };
    const slice = spin.slices[spin.result]?.name ?? "";
    return {
      state: { ...state, spin: { ...spin, landedAt: now } },
      results: [{ type: "WheelEvent", data: { slice, by: spin.by, spin: spin.number } }],
    };
  }

  postpone(state: WheelState, byMs: number): WheelState {
    const { spin } = state;
    if (spin === null) return state;
    const landedAt = spin.landedAt === null ? null : spin.landedAt + byMs;
    return { ...state, spin: { ...spin, startedAt: spin.startedAt + byMs, landedAt } };
  }

  view({ spin, waiting }: WheelState, now: number): WheelView {
    if (spin === null) return { slices: this.#slices, spin, waitingCount: waiting.length };
    const { number, by, result, place, startedAt, slices } = spin;
    const ageMs = Math.max(0, now - startedAt);
    return {
      slices,
      spin: { number, by, result, place, ageMs, spinMs: this.#spinMs },
      waitingCount: waiting.length,
    };
  }

  lines({ spin, waiting }: WheelState): PaneLine[] {
    const result = spin?.slices[spin.result]?.name ?? "";
    return [
      spin?.landedAt === null ? { label: t`spins` } : { label: t`result`, value: result },
      { label: t`waiting`, value: String(waiting.length) },
    ];
  }

  /** Begins the next spin, unless one is still shown. */
  #next(state: WheelState, now: number): WheelState {
    const [by, ...waiting] = state.waiting;
    if (state.spin !== null || by === undefined) return state;
    const number = state.count + 1;
    const slices = this.#slices;
    const result = drawn(slices, fraction(`${state.seed} ${number} slice`));
    const place = 0.12 + 0.76 * fraction(`${state.seed} ${number} place`);
    const spin = { number, by, slices, result, place, startedAt: now, landedAt: null };
    return { ...state, count: number, spin, waiting };
  }
}

/** The index of a slice, more likely with more weight. `at`: 0 to below 1. */
function drawn(slices: readonly Slice[], at: number): number {
  const total = slices.reduce((sum, { weight }) => sum + weight, 0);
  let left = at * total;
  const index = slices.findIndex(({ weight }) => (left -= weight) < 0);
  return index === -1 ? slices.length - 1 : index;
}

/** 0 to below 1, always the same for a text. */
function fraction(text: string): number {
  return createHash("sha256").update(text).digest().readUIntBE(0, 6) / 2 ** 48;
}
