/** What a comment asks for. */
import { simplified } from "livecue/words";
import type { Options, Reward } from "./options.ts";

export type Wish =
  | { kind: "points" }
  | { kind: "top" }
  /** `amount` null: it is no whole number above 0. */
  | { kind: "give"; to: string; amount: number | null }
  | { kind: "reward"; reward: Reward; text: string };

/** The most characters that a reward gets of a comment. */
const longestText = 200;

/** null if the comment is no command. */
export function wishIn(comment: string, { commands, rewards }: Options): Wish | null {
  const words = comment.trim().split(/\s+/u);
  const command = simplified(words[0] ?? "");
  if (command === "") return null;
  const rest = words.slice(1);
  switch (command) {
    case commands.points:
      return { kind: "points" };
    case commands.top:
      return { kind: "top" };
    case commands.give:
      return { kind: "give", to: rest.slice(0, -1).join(" "), amount: amountIn(rest.at(-1) ?? "") };
  }
  const reward = rewards.find((each) => each.command === command);
  return reward === undefined
    ? null
    : { kind: "reward", reward, text: [...rest.join(" ")].slice(0, longestText).join("") };
}

/** A number with more digits is more than anybody has. */
const mostDigits = 15;

function amountIn(word: string): number | null {
  const digits = simplified(word);
  if (!/^\d+$/.test(digits) || /^0+$/.test(digits)) return null;
  const significant = digits.replace(/^0+/, "");
  return significant.length > mostDigits ? Number.MAX_SAFE_INTEGER : Number(significant);
}
