/** Chooses the events that are read aloud and their texts, by the rules. The first rule that matches decides. */
import { type Mask, maskOf } from "livecue/blocked_words";
import { Rules } from "livecue/rules";
import type { KeptState, LiveEvent, QueueItem } from "livecue/service";
import { Template } from "livecue/template";
import type { Options, SayAction } from "./options.ts";

type Item = Pick<QueueItem, "count" | "isFirstOfUser">;

/** The text of an event and the action of its rule. */
export interface Line {
  readonly text: string;
  /** The viewer's part of the text, which shows the language; "" when the streamer wrote all of it. */
  readonly written: string;
  readonly action: SayAction;
}

/** With this state, a test neither waits for a cooldown nor starts one. */
const forgetful: KeptState = {
  get: () => Promise.resolve(undefined),
  set: () => Promise.resolve(),
};

const comment = new Template("{comment}");
/** A command before a comment, such as "!say ". It is not read. */
const command = /^\s*![\p{L}\p{N}_]+\s*/u;
const skipCommand = /^\s*!skip\b/i;
const unspoken = /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu;

export class Reading {
  readonly #options: Pick<Options, "rules" | "on_blocked" | "max_letters">;
  readonly #rules: Rules<SayAction>;
  readonly #mask: Mask;

  constructor(
    options: Pick<Options, "rules" | "blocked_words" | "on_blocked" | "max_letters">,
    state: KeptState,
  ) {
    this.#options = options;
    this.#rules = new Rules(options.rules, state);
    this.#mask = maskOf(options.blocked_words);
  }

  /** Null when the event is not read. Starts the cooldown of its rule. */
  async lineOf(event: LiveEvent, item: Item): Promise<Line | null> {
    const rules = event.isTest ? new Rules(this.#options.rules, forgetful) : this.#rules;
    const [action] = await rules.match(event, item);
    if (action === undefined) return null;
    const spoken = spokenPartOf(event);
    const text = this.textOf(action.say.fill(spoken, item));
    if (text === null) return null;
    const quotes = action.say.parts.some((part) =>
      typeof part !== "string" && part.placeholder === "comment"
    );
    return { text, written: quotes ? comment.fill(spoken, item) : "", action };
  }

  /** The text on one line, without blocked words, cut at the limit; null when nothing remains. */
  textOf(written: string): string | null {
    const { max_letters, on_blocked } = this.#options;
    // The search for words would take long in a text far over the limit.
    const near = written.slice(0, 10 * max_letters);
    const hidden = this.#mask.hiddenIn(near);
    if (hidden.length > 0 && on_blocked === "leave_out_text") return null;
    const allowed = hidden.toReversed().reduce(
      (text, { start, end }) => `${text.slice(0, start)} ${text.slice(end)}`,
      near,
    );
    const text = cut(allowed.toWellFormed().replace(unspoken, " ").trim(), max_letters);
    return text === "" ? null : text;
  }
}

/** Whether a moderator asks to skip the current text. */
export function isSkip(event: LiveEvent): boolean {
  return event.type === "CommentEvent" && event.user.roles.includes("moderator") &&
    skipCommand.test(event.data.comment);
}

/** Whether somebody paid for the event. */
export function isPaid(event: LiveEvent): boolean {
  switch (event.type) {
    case "GiftEvent":
      return event.data.gift.diamondCount > 0;
    case "SubscribeEvent":
    case "DonationEvent":
    case "MembershipEvent":
    case "OrderEvent":
      return true;
    default:
      return false;
  }
}

/** A comment without the command before it, and without its pictures. */
function spokenPartOf(event: LiveEvent): LiveEvent {
  if (event.type !== "CommentEvent") return event;
  const { data } = event;
  return { ...event, data: { ...data, comment: data.comment.replace(command, ""), emotes: [] } };
}

/** Cuts at the end of a word if possible, or else at the end of a grapheme. */
function cut(text: string, maxLetters: number): string {
  if (text.length <= maxLetters) return text;
  const head = text.slice(0, maxLetters + 1);
  const blank = head.lastIndexOf(" ");
  if (blank > maxLetters / 2) return head.slice(0, blank).trimEnd();
  let end = 0;
  for (const { index } of new Intl.Segmenter().segment(head)) end = index;
  return head.slice(0, end);
}
