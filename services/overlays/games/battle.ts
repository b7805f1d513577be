/** A battle: gifts against gifts. */
import { msg, t } from "livecue/language";
import { countsForHost, type LiveEvent, type PaneLine, UserError } from "livecue/service";
import { simplified } from "livecue/words";
import { z } from "zod";
import { clockText, type Game, type Moment, timesOf, type Turn } from "./game.ts";

const sideSchema = z.strictObject({
  name: z.string().trim().min(1).max(40),
  /** Names or TikTok's numbers of the gifts that count for this side. */
  gifts: z.array(z.union([z.string().trim().min(1).max(60), z.int()], {
    error: () => t`expected a gift's name or number`,
  })).max(20).default([]),
});

export const battleOptions = z.strictObject({
  sides: z.array(sideSchema).max(4, { error: () => t`a battle has at most four sides` }).default([])
    .superRefine((sides, context) => {
      const message = mistakeIn(sides);
      if (message !== null) context.addIssue({ code: "custom", message });
    }),
  of: z.enum(["diamonds", "count"]).default("diamonds"),
  seconds: z.number().min(1).max(86_400).default(300),
  /** How long the result is shown. */
  show_seconds: z.number().min(1).max(3600).default(15),
});

export const battleCommand = z.union([
  z.enum(["start", "stop", "hide"]),
  z.strictObject({
    side: z.string().trim().min(1),
    points: z.number().refine((points) => Math.abs(points) <= 1_000_000, {
      error: () => t`expected at most 1000000 points at once`,
    }).default(1),
    times: z.enum(["count", "diamonds"]).optional(),
  }),
], { error: () => t`expected "start", "stop", "hide", or { "side": "Cats", "points": 10 }` });

export type BattleOptions = z.output<typeof battleOptions>;
export type BattleCommand = z.output<typeof battleCommand>;

type Side = z.output<typeof sideSchema>;

interface Round {
  sides: Side[];
  /** Of each side. */
  points: number[];
  /** Unix milliseconds. */
  endsAt: number;
  /** Unix milliseconds; null while the battle goes on. */
  hideAt: number | null;
}

export interface BattleState {
  /** Increases with each battle. */
  number: number;
  /** Null if there is none, or its result is no longer shown. */
  round: Round | null;
}

export interface BattleView {
  number: number;
  phase: "none" | "running" | "ended";
  sides: { name: string; gifts: string[]; points: number }[];
  leftMs: number;
  /** The index of the side that has won; null while the battle goes on, and for a draw. */
  winner: number | null;
}

declare module "livecue/service" {
  interface EmittedDataByType {
    /** `winner` is "" for a draw. */
    BattleEndedEvent: { winner: string; sides: { name: string; points: number }[] };
  }
}

export class Battle implements Game<BattleState, BattleCommand, BattleView> {
  readonly title = msg("Battle");
  readonly first: BattleState = { number: 0, round: null };
  readonly keys = [
    { key: "s", does: msg("start"), command: "start" },
    { key: "x", does: msg("stop"), command: "stop" },
    { key: "h", does: msg("hide"), command: "hide" },
  ] as const;
  readonly isHeldByStops = false;
  readonly #options: BattleOptions;

  constructor(options: BattleOptions) {
    this.#options = options;
  }

  act(state: BattleState, command: BattleCommand, moment: Moment): Turn<BattleState> {
    if (typeof command === "object") return { state: this.#score(state, command, moment) };
    switch (command) {
      case "start":
        return { state: this.#start(state, moment) };
      case "stop":
        return this.#end(running(state), state.number, moment.now);
      case "hide":
        return { state: { ...state, round: null } };
    }
  }

  hear(state: BattleState, event: LiveEvent, moment: Moment): Turn<BattleState> | null {
    const { round } = state;
    if (event.type !== "GiftEvent" || round === null || round.hideAt !== null) return null;
    if (!countsForHost(event) || moment.at > round.endsAt) return null;
    const points = timesOf(this.#options.of, moment);
    const { id, name } = event.data.gift;
    const index = round.sides.findIndex(({ gifts }) => gifts.some((gift) => isGift(gift, { id, name })));
    return index === -1 || points === 0 ? null : { state: added(state, round, index, points) };
  }

  dueAt({ round }: BattleState): number | null {
    return round === null ? null : round.hideAt ?? round.endsAt;
  }

  pass(state: BattleState, now: number): Turn<BattleState> {
    const { round, number } = state;
    if (round === null || round.hideAt !== null) return { state: { number, round: null } };
    return this.#end(round, number, now);
  }

  postpone(state: BattleState, byMs: number): BattleState {
    const { round } = state;
    if (round === null) return state;
    const hideAt = round.hideAt === null ? null : round.hideAt + byMs;
    return { ...state, round: { ...round, endsAt: round.endsAt + byMs, hideAt } };
  }

  view({ number, round }: BattleState, now: number): BattleView {
    if (round === null) return { number, phase: "none", sides: [], leftMs: 0, winner: null };
    const { sides, points, endsAt, hideAt } = round;
    return {
      number,
      phase: hideAt === null ? "running" : "ended",
      sides: sides.map(({ name, gifts }, index) => ({
        name,
        gifts: gifts.filter((gift) => typeof gift === "string"),
        points: points[index] ?? 0,
      })),
      leftMs: hideAt === null ? Math.max(0, endsAt - now) : 0,
      winner: hideAt === null ? null : winnerOf(points),
    };
  }

  lines({ round }: BattleState, now: number): PaneLine[] {
    if (round === null) {
      return [{
        label: t`no battle`,
        value: this.#options.sides.map(({ name }) => name).join(" – "),
      }];
    }
    const { sides, points, endsAt, hideAt } = round;
    const most = Math.max(1, ...points);
    return [
      hideAt === null ? { label: t`left`, value: clockText(endsAt - now) } : { label: t`ended` },
      ...sides.map(({ name }, index) => ({
        label: name,
        value: String(points[index]),
        part: (points[index] ?? 0) / most,
      })),
    ];
  }

  #start({ number, round }: BattleState, { now }: Moment): BattleState {
    const { sides, seconds } = this.#options;
    if (sides.length === 0) {
      throw new UserError(t`The battle has no sides: add "sides" to "battle" in the options of overlays.`);
    }
    if (round !== null && round.hideAt === null) throw new UserError(t`The battle is already running.`);
    return {
      number: number + 1,
      round: { sides, points: sides.map(() => 0), endsAt: now + seconds * 1000, hideAt: null },
    };
  }

  #score(
    state: BattleState,
    { side, points, times }: Exclude<BattleCommand, string>,
    moment: Moment,
  ): BattleState {
    const round = running(state);
    if (moment.at > round.endsAt) throw new UserError(t`The battle has ended.`);
    const index = round.sides.findIndex(({ name }) => simplified(name) === simplified(side));
    if (index === -1) {
      const names = round.sides.map(({ name }) => name).join(", ");
      throw new UserError(t`There is no side ${JSON.stringify(side)} in the battle: the sides are ${names}.`);
    }
    return added(state, round, index, points * timesOf(times, moment));
  }

  #end(round: Round, number: number, now: number): Turn<BattleState> {
    const { sides, points } = round;
    const winner = winnerOf(points);
    return {
      state: { number, round: { ...round, hideAt: now + this.#options.show_seconds * 1000 } },
      results: [{
        type: "BattleEndedEvent",
        data: {
          winner: winner === null ? "" : sides[winner]?.name ?? "",
          sides: sides.map(({ name }, index) => ({ name, points: points[index] ?? 0 })),
        },
      }],
    };
  }
}

function running({ round }: BattleState): Round {
  if (round === null || round.hideAt !== null) throw new UserError(t`No battle is running.`);
  return round;
}

/** Points never fall below 0. */
function added(state: BattleState, round: Round, index: number, points: number): BattleState {
  const changed = round.points.with(index, Math.max(0, (round.points[index] ?? 0) + points));
  return { ...state, round: { ...round, points: changed } };
}

function isGift(wanted: string | number, { id, name }: { id: number; name: string }): boolean {
  return typeof wanted === "number" ? wanted === id : simplified(wanted) === simplified(name);
}

function winnerOf(points: readonly number[]): number | null {
  const most = Math.max(...points);
  const winner = points.indexOf(most);
  return points.lastIndexOf(most) === winner ? winner : null;
}

function mistakeIn(sides: readonly Side[]): string | null {
  if (sides.length === 1) return t`a battle has at least two sides`;
  if (new Set(sides.map(({ name }) => simplified(name))).size < sides.length) {
    return t`two sides have the same name`;
  }
  const gifts = sides.flatMap(({ gifts }) =>
    gifts.map((gift) => typeof gift === "number" ? gift : simplified(gift))
  );
  const twice = gifts.find((gift, index) => gifts.indexOf(gift) !== index);
  return twice === undefined ? null : t`the gift ${JSON.stringify(twice)} counts for two sides`;
}
