/** A poll: viewers vote by a comment, with the number or the words of an option. */
import { msg, t } from "livecue/language";
import { type LiveEvent, type PaneLine, UserError } from "livecue/service";
import { hasPhrase, simplified } from "livecue/words";
import { z } from "zod";
import { clockText, type Game, type Moment, type Turn, viewerKeyOf } from "./game.ts";

/** Later viewers cannot vote, so that the votes can be stored. */
const maxVoters = 20_000;

const questionSchema = z.string().trim().min(1, { error: () => t`the question is empty` })
  .max(120, { error: () => t`the question has more than 120 letters` });
const choicesSchema = z.array(
  z.string().trim().min(1, { error: () => t`an option is empty` })
    .max(40, { error: () => t`an option has more than 40 letters` }),
  { error: () => t`expected a list of options` },
)
  .min(2, { error: () => t`a poll has at least two options` }).max(6, {
    error: () => t`a poll has at most six options`,
  })
  .refine((choices) => new Set(choices.map(simplified)).size === choices.length, {
    error: () => t`two options are the same`,
  });
const secondsSchema = z.number().min(1).max(86_400);

export const pollOptions = z.strictObject({
  /** The poll that "open" opens. */
  question: questionSchema.optional(),
  options: choicesSchema.optional(),
  /** How long it is open; without it, until it is closed. */
  seconds: secondsSchema.optional(),
  can_change_vote: z.boolean().default(true),
  /** How long the result is shown. */
  show_seconds: z.number().min(1).max(3600).default(20),
}).refine(({ question, options }) => (question === undefined) === (options === undefined), {
  error: () => t`a poll needs both a question and options`,
});

export const pollCommand = z.union([
  z.enum(["open", "close", "hide"]),
  z.strictObject({ question: questionSchema, options: choicesSchema, seconds: secondsSchema.optional() }),
], {
  error: () =>
    t`expected "open", "close", "hide", or { "question": "Pizza or pasta?", "options": ["Pizza", "Pasta"], "seconds": 60 } with two to six different options of up to 40 letters`,
});

export type PollOptions = z.output<typeof pollOptions>;
export type PollCommand = z.output<typeof pollCommand>;

interface Asked {
  question: string;
  options: string[];
  /** Unix milliseconds; null: until it is closed. */
  endsAt: number | null;
}

export interface PollState {
  /** Increases with each poll, so that a page knows a new one. */
  number: number;
  /** Null if there is none, or its result is no longer shown. */
  asked: Asked | null;
  /** Unix milliseconds; null while it is open. */
  hideAt: number | null;
  /** Votes of each option. */
  counts: number[];
  /** The option of each viewer. It is changed in place, because a copy for each vote would be slow. */
  votes: Record<string, number>;
}

export interface PollView {
  number: number;
  phase: "none" | "open" | "closed";
  question: string;
  options: { text: string; votes: number }[];
  /** Null if the poll has no end. */
  leftMs: number | null;
  /** Indexes of the options with the most votes; empty while it is open. */
  winners: number[];
}

declare module "livecue/service" {
  interface EmittedDataByType {
    /** `winner` is "" if two options have the most votes, or nobody has voted. */
    PollEndedEvent: { question: string; options: { text: string; votes: number }[]; winner: string };
  }
}

export class Poll implements Game<PollState, PollCommand, PollView> {
  readonly title = msg("Poll");
  readonly first: PollState = { number: 0, asked: null, hideAt: null, counts: [], votes: {} };
  readonly keys = [
    { key: "o", does: msg("open"), command: "open" },
    { key: "x", does: msg("close"), command: "close" },
    { key: "h", does: msg("hide"), command: "hide" },
  ] as const;
  readonly isHeldByStops = false;
  readonly #options: PollOptions;

  constructor(options: PollOptions) {
    this.#options = options;
  }

  act(state: PollState, command: PollCommand, { now }: Moment): Turn<PollState> {
    if (command === "hide") return { state: { ...state, asked: null, hideAt: null, votes: {} } };
    if (command === "close") {
      if (state.asked === null || state.hideAt !== null) throw new UserError(t`No poll is open.`);
      return this.#close(state, now);
    }
    const { question, options, seconds } = command === "open" ? this.#options : command;
    if (question === undefined || options === undefined) {
      throw new UserError(
        t`There is no poll to open: add "question" and "options" to "poll" in the options of overlays.`,
      );
    }
    if (state.asked !== null && state.hideAt === null) throw new UserError(t`Close the open poll first.`);
    const endsAt = seconds === undefined ? null : now + seconds * 1000;
    const counts = options.map(() => 0);
    return {
      state: {
        number: state.number + 1,
        asked: { question, options, endsAt },
        hideAt: null,
        counts,
        votes: {},
      },
    };
  }

  hear(state: PollState, event: LiveEvent, { at }: Moment): Turn<PollState> | null {
    const { asked, hideAt, counts, votes } = state;
    if (event.type !== "CommentEvent" || event.isTest || asked === null || hideAt !== null) return null;
    if (asked.endsAt !== null && at > asked.endsAt) return null;
    const voter = viewerKeyOf(event);
    const choice = choiceIn(event.data.comment, asked.options);
    if (voter === null || choice === null) return null;
    const before = votes[voter];
    if (before === choice || (before !== undefined && !this.#options.can_change_vote)) return null;
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (before === undefined && total >= maxVoters) {
      throw new UserError(t`${maxVoters} viewers have voted already.`);
    }
    votes[voter] = choice;
    const change = (index: number) => Number(index === choice) - Number(index === before);
    return { state: { ...state, counts: counts.map((count, index) => count + change(index)) } };
  }

  dueAt({ asked, hideAt }: PollState): number | null {
    return hideAt ?? asked?.endsAt ?? null;
  }

  pass(state: PollState, now: number): Turn<PollState> {
    if (state.hideAt === null) return this.#close(state, now);
    return { state: { ...state, asked: null, hideAt: null, votes: {} } };
  }

  postpone(state: PollState, byMs: number): PollState {
    const { asked, hideAt } = state;
    return {
      ...state,
      asked: asked && { ...asked, endsAt: asked.endsAt === null ? null : asked.endsAt + byMs },
      hideAt: hideAt === null ? null : hideAt + byMs,
    };
  }

  view(state: PollState, now: number): PollView {
    const { number, asked, hideAt } = state;
    if (asked === null) {
      return { number, phase: "none", question: "", options: [], leftMs: null, winners: [] };
    }
    const options = optionsOf(state, asked);
    return {
      number,
      phase: hideAt === null ? "open" : "closed",
      question: asked.question,
      options,
      leftMs: asked.endsAt === null || hideAt !== null ? null : Math.max(0, asked.endsAt - now),
      winners: hideAt === null ? [] : winnersOf(state.counts),
    };
  }

  lines(state: PollState, now: number): PaneLine[] {
    const { asked, counts, hideAt } = state;
    if (asked === null) return [{ label: t`no poll`, value: this.#options.question ?? "" }];
    const total = counts.reduce((sum, count) => sum + count, 0);
    const left = asked.endsAt === null ? t`is open` : t`open · ${clockText(asked.endsAt - now)}`;
    return [
      { label: hideAt === null ? left : t`closed`, value: asked.question },
      ...optionsOf(state, asked).map(({ text, votes }) => ({
        label: text,
        value: String(votes),
        part: total === 0 ? 0 : votes / total,
      })),
    ];
  }

  #close(state: PollState, now: number): Turn<PollState> {
    const { asked, counts } = state;
    if (asked === null) return { state };
    const options = optionsOf(state, asked);
    const [first, second] = winnersOf(counts);
    const winner = first === undefined || second !== undefined ? "" : asked.options[first] ?? "";
    return {
      state: { ...state, hideAt: now + this.#options.show_seconds * 1000, votes: {} },
      results: [{ type: "PollEndedEvent", data: { question: asked.question, options, winner } }],
    };
  }
}

function optionsOf({ counts }: PollState, { options }: Asked): { text: string; votes: number }[] {
  return options.map((text, index) => ({ text, votes: counts[index] ?? 0 }));
}

/** All options with the most votes; none if nobody has voted. */
function winnersOf(counts: readonly number[]): number[] {
  const most = Math.max(...counts);
  return most <= 0 ? [] : [...counts.keys()].filter((index) => counts[index] === most);
}

/** A comment of only a number, as "2", "#2" or "2!", or one with the words of exactly one option. */
function choiceIn(comment: string, options: readonly string[]): number | null {
  const text = simplified(comment);
  const words = options.map(simplified);
  const exact = words.indexOf(text);
  if (exact !== -1) return exact;
  const [, number] = /^[^\p{L}\p{N}]*(\d)[^\p{L}\p{N}]*$/u.exec(text) ?? [];
  if (number !== undefined) return Number(number) - 1 in options ? Number(number) - 1 : null;
  const found = [...words.keys()].filter((index) => hasPhrase(text, words[index] as string));
  return found.length === 1 ? found[0] as number : null;
}
