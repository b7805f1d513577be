/**
 * A raffle: viewers enter, and one of them is drawn. The hash of the seed is shown while entries are open, and the seed
 * with the winner, so that anybody can repeat the draw. The winner is stored before a page shows the draw.
 */
import { type LiveEvent, type PaneLine, UserError } from "livecue/service";
import { msg, t, translated } from "livecue/language";
import { simplified } from "livecue/words";
import { drawnFrom, hashOf } from "./draw.ts";
import { type Entrant, type Entrants, maxEntrants } from "./entrants.ts";
import type { RaffleCommand, RaffleOptions } from "./raffle_options.ts";
import { clockText, type Game, type Moment, timesOf, type Turn, viewerKeyOf } from "./game.ts";

/** More winners are not remembered. */
const maxFormer = 1000;
/** Names that a page shows. */
const shownNames = 12;

const phases = {
  none: msg("no raffle"),
  open: msg("open for entries"),
  closed: msg("entries are closed"),
  drawn: msg("drawn"),
  over: msg("the raffle is over"),
};

/** A draw whose winner is known. */
interface Draw {
  /** 1 for the first draw of the raffle. */
  number: number;
  winner: Entrant;
  /** Of those who took part in this draw. */
  entrants: number;
  tickets: number;
  /** Some of those who took part, for the page. */
  names: string[];
  /** Who was left out: viewers' keys. */
  excluded: string[];
  /** Unix milliseconds. */
  startedAt: number;
  /** Unix milliseconds; null while the page draws. */
  landedAt: number | null;
}

export interface RaffleState {
  /** Increases with each raffle. */
  number: number;
  /** "over": the winner is no longer shown. More winners may be drawn. */
  phase: "none" | "open" | "closed" | "drawn" | "over";
  prize: string;
  seed: string;
  /** Unix milliseconds; null: entries are open until somebody closes them. */
  endsAt: number | null;
  /** Unix milliseconds; null while entries are open. */
  closedAt: number | null;
  entrants: number;
  tickets: number;
  /** The names of those who entered last, latest first. */
  latest: string[];
  draw: Draw | null;
  /** Keys of those who have won, also in earlier raffles; latest last. */
  winners: string[];
}

export interface RaffleView {
  number: number;
  phase: RaffleState["phase"];
  prize: string;
  command: string;
  how: string;
  leftMs: number | null;
  entrants: number;
  latest: string[];
  /** Of the seed; "" if there is no raffle. */
  hash: string;
  /** "" until the winner is shown. */
  seed: string;
  draw:
    | { number: number; winner: string; handle: string; names: string[]; ageMs: number; spinMs: number }
    | null;
}

/** What anybody needs to repeat the latest draw. */
export interface RaffleProof {
  raffle: number;
  prize: string;
  hash: string;
  /** Null until the winner is shown. */
  seed: string | null;
  draw: number | null;
  /** The entrants of the draw, or those so far. */
  entrants: { number: number; name: string; tickets: number }[];
  winner: { number: number; name: string; tickets: number } | null;
}

declare module "livecue/service" {
  interface EmittedDataByType {
    /** `handle` is "" if the winner has none. */
    RaffleEvent: {
      raffle: number;
      prize: string;
      winner: string;
      handle: string;
      draw: number;
      entrants: number;
      tickets: number;
      hash: string;
      seed: string;
    };
  }
}

export class Raffle implements Game<RaffleState, RaffleCommand, RaffleView> {
  readonly title = msg("Raffle");
  readonly first: RaffleState = {
    number: 0,
    phase: "none",
    prize: "",
    seed: "",
    endsAt: null,
    closedAt: null,
    entrants: 0,
    tickets: 0,
    latest: [],
    draw: null,
    winners: [],
  };
  readonly keys = [
    { key: "o", does: msg("open"), command: "open" },
    { key: "x", does: msg("close"), command: "close" },
    { key: "s", does: msg("draw"), command: "draw" },
    { key: "h", does: msg("hide"), command: "hide" },
  ] as const;
  readonly isHeldByStops = false;
  readonly #options: RaffleOptions;
  readonly #entrants: Entrants;

  constructor(options: RaffleOptions, entrants: Entrants) {
    this.#options = options;
    this.#entrants = entrants;
  }

  act(state: RaffleState, command: RaffleCommand, moment: Moment): Turn<RaffleState> {
    if (typeof command === "object") {
      if ("prize" in command) return { state: this.#open(state, command, moment) };
      return { state: this.#enter(state, command.tickets * timesOf(command.times, moment), moment) };
    }
    switch (command) {
      case "open":
        return { state: this.#open(state, this.#options, moment) };
      case "close":
        if (state.phase !== "open") throw new UserError(t`No raffle is open.`);
        return { state: { ...state, phase: "closed", endsAt: null, closedAt: moment.now } };
      case "draw":
        return { state: this.#draw(state, moment) };
      case "hide":
        return { state: { ...state, phase: state.draw === null ? "none" : "over", endsAt: null } };
      case "enter":
        return { state: this.#enter(state, 1, moment) };
      case "forget_winners":
        return { state: { ...state, winners: [] } };
    }
  }

  hear(state: RaffleState, event: LiveEvent, moment: Moment): Turn<RaffleState> | null {
    const { command } = this.#options;
    if (event.type !== "CommentEvent" || event.isTest || command === "" || !takesEntries(state, moment)) {
      return null;
    }
    const [word = ""] = event.data.comment.trim().split(/\s/u);
    return simplified(word) === command ? { state: this.#enter(state, 1, moment) } : null;
  }

  dueAt({ phase, endsAt, draw }: RaffleState): number | null {
    if (phase === "open") return endsAt;
    if (phase !== "drawn" || draw === null) return null;
    return draw.landedAt === null
      ? draw.startedAt + this.#spinMs
      : draw.landedAt + this.#options.show_seconds * 1000;
  }

  pass(state: RaffleState, now: number): Turn<RaffleState> {
    if (state.phase === "open") {
      return { state: { ...state, phase: "closed", endsAt: null, closedAt: state.endsAt } };
    }
    const { draw } = state;
    if (draw === null) return { state };
    if (draw.landedAt !== null) return { state: { ...state, phase: "over" } };
    const { winner, number, entrants, tickets } = draw;
    const data = {
      raffle: state.number,
      prize: state.prize,
      winner: winner.name,
      handle: winner.handle,
      draw: number,
      entrants,
      tickets,
      hash: hashOf(state.seed),
      seed: state.seed,
    };
    return {
      state: { ...state, draw: { ...draw, landedAt: now } },
      results: [{ type: "RaffleEvent", data }],
    };
  }

  postpone(state: RaffleState, byMs: number): RaffleState {
    const { endsAt, closedAt, draw } = state;
    const moved = (at: number | null) => at === null ? null : at + byMs;
    return {
      ...state,
      endsAt: moved(endsAt),
      closedAt: moved(closedAt),
      draw: draw && { ...draw, startedAt: draw.startedAt + byMs, landedAt: moved(draw.landedAt) },
    };
  }

  view(state: RaffleState, now: number): RaffleView {
    const { number, phase, prize, endsAt, entrants, latest, draw, seed } = state;
    const { command, how } = this.#options;
    const hasLanded = draw !== null && now >= draw.startedAt + this.#spinMs;
    return {
      number,
      phase,
      prize,
      command,
      how,
      leftMs: endsAt === null ? null : Math.max(0, endsAt - now),
      entrants,
      latest,
      hash: seed === "" ? "" : hashOf(seed),
      seed: hasLanded ? seed : "",
      draw: draw && {
        number: draw.number,
        winner: draw.winner.name,
        handle: draw.winner.handle,
        names: draw.names,
        ageMs: Math.max(0, now - draw.startedAt),
        spinMs: this.#spinMs,
      },
    };
  }

  lines({ phase, prize, entrants, tickets, endsAt, draw }: RaffleState, now: number): PaneLine[] {
    const told = translated(phases[phase]);
    return [
      {
        label: endsAt === null ? told : `${told} · ${clockText(endsAt - now)}`,
        value: prize || this.#options.prize,
      },
      {
        label: t`entrants`,
        value: tickets > entrants ? t`${entrants}, with ${tickets} tickets` : String(entrants),
      },
      ...(draw === null || draw.landedAt === null ? [] : [{ label: t`winner`, value: draw.winner.name }]),
    ];
  }

  proof(state: RaffleState): RaffleProof {
    const { number, prize, seed, draw } = state;
    const excluded = new Set(draw?.excluded ?? []);
    const published = ({ number, name, tickets }: Entrant) => ({ number, name, tickets });
    const isShown = draw !== null && draw.landedAt !== null;
    return {
      raffle: number,
      prize,
      hash: seed === "" ? "" : hashOf(seed),
      seed: isShown ? seed : null,
      draw: isShown ? draw.number : null,
      entrants: seed === ""
        ? []
        : this.#entrants.all(hashOf(seed)).filter(({ viewer }) => !excluded.has(viewer)).map(published),
      winner: isShown ? published(draw.winner) : null,
    };
  }

  get #spinMs(): number {
    return this.#options.spin_seconds * 1000;
  }

  #open(
    state: RaffleState,
    { prize, seconds }: { prize: string; seconds?: number | undefined },
    { now }: Moment,
  ): RaffleState {
    if (state.phase === "open") throw new UserError(t`Close the open raffle first.`);
    return {
      ...this.first,
      number: state.number + 1,
      phase: "open",
      prize,
      seed: Array.from(
        crypto.getRandomValues(new Uint8Array(32)),
        (byte) => byte.toString(16).padStart(2, "0"),
      )
        .join(""),
      endsAt: seconds === undefined ? null : now + seconds * 1000,
      winners: state.winners,
    };
  }

  #enter(state: RaffleState, tickets: number, moment: Moment): RaffleState {
    const { event, shown, at } = moment;
    const viewer = event === null ? null : viewerKeyOf(event);
    if (event === null || viewer === null) throw new UserError(t`Only a viewer can enter: use it in a rule.`);
    if (event.isTest) throw new UserError(t`A test event does not enter a raffle.`);
    if (!takesEntries(state, moment)) throw new UserError(t`No raffle takes entries now.`);
    if (tickets <= 0) return state;
    const name = shown?.user.name || shown?.user.handle || "";
    const entered = this.#entrants.enter(hashOf(state.seed), {
      viewer,
      name,
      handle: shown?.user.handle ?? "",
      tickets,
      cause: `${event.id} ${at}`,
      at,
    }, this.#options.max_tickets);
    if (entered.kind === "full") throw new UserError(t`${maxEntrants} viewers take part already.`);
    const sum = this.#entrants.count(hashOf(state.seed));
    // After a crash, the entry may be stored and this state not.
    if (sum.entrants === state.entrants && sum.tickets === state.tickets) return state;
    const isNew = sum.entrants > state.entrants;
    return { ...state, ...sum, latest: isNew ? [name, ...state.latest].slice(0, shownNames) : state.latest };
  }

  /** Closes the entries, and draws one who has not won in this raffle. */
  #draw(state: RaffleState, { now }: Moment): RaffleState {
    if (state.seed === "") throw new UserError(t`There is no raffle: open one first.`);
    if (state.phase === "drawn" && state.draw?.landedAt === null) throw new UserError(t`A draw is going on.`);
    const excluded = this.#options.exclude_winners ? state.winners : [];
    const left = new Set(excluded);
    const entrants = this.#entrants.all(hashOf(state.seed)).filter(({ viewer }) => !left.has(viewer));
    const draw = (state.draw?.number ?? 0) + 1;
    const winner = entrants[drawnFrom(entrants, { seed: state.seed, draw })];
    if (winner === undefined) {
      throw new UserError(
        excluded.length === 0 ? t`Nobody takes part yet.` : t`Nobody takes part who has not won already.`,
      );
    }
    const step = Math.max(1, Math.floor(entrants.length / shownNames));
    return {
      ...state,
      phase: "drawn",
      endsAt: null,
      closedAt: state.closedAt ?? now,
      draw: {
        number: draw,
        winner,
        entrants: entrants.length,
        tickets: entrants.reduce((sum, { tickets }) => sum + tickets, 0),
        names: entrants.filter((_, index) => index % step === 0).slice(0, shownNames).map(({ name }) => name),
        excluded,
        startedAt: now,
        landedAt: null,
      },
      winners: [...state.winners.filter((viewer) => viewer !== winner.viewer), winner.viewer].slice(
        -maxFormer,
      ),
    };
  }
}

/** An event counts if it was received before the entries closed, also if its turn comes later, but not after a draw. */
function takesEntries({ phase, endsAt, closedAt, draw }: RaffleState, { at }: Moment): boolean {
  if (draw !== null) return false;
  if (phase === "open") return endsAt === null || at <= endsAt;
  return phase === "closed" && closedAt !== null && at <= closedAt;
}
