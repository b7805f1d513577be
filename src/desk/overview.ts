/** What the rule desk's page shows and asks: plain JSON. */

/** Everything that the page shows. */
export interface Overview {
  /** The config file. */
  path: string;
  /** The mistakes that keep Livecue from using the config, a line each; null if there are none. */
  error: string | null;
  /** Whether Livecue runs here and can send test events. */
  canTry: boolean;
  services: DeskService[];
  eventTypes: readonly string[];
  /** Names of sources. */
  sources: string[];
  /** Gifts that were seen, the latest first, and then those of the catalog. */
  gifts: { name: string; diamonds: number }[];
}

/** A service that has rules. */
export interface DeskService {
  slug: string;
  name: string;
  isActive: boolean;
  /** The JSON Schema of a rule and its definitions; null: rules can be edited as text only. */
  schema: { rule: unknown; definitions: unknown } | null;
  /** What a user should know of its rules, in English; null: nothing special. */
  note: string | null;
  /** What is wrong with its options now, a line each. */
  mistakes: string[];
  rules: DeskRule[];
}

export interface DeskRule {
  /** As it is in the config. */
  text: string;
  value: unknown;
}

/** What the user has made of a rule, by the form or as text. */
export type Draft = { rule: Record<string, unknown> } | { text: string };

export interface DraftView {
  /** The rule as it would be written. */
  text: string;
  value: unknown;
  /** A sentence each; empty: it can be saved. */
  mistakes: string[];
  /** The latest events of its types, the latest first. */
  events: DeskEvent[];
}

/** An event, and the rules that match it. */
export interface DeskEvent {
  /** Unix milliseconds. */
  at: number;
  text: string;
  /** Whether the draft matches. */
  isMatch: boolean;
  /** The numbers, from 1, of all rules that match. */
  rules: number[];
}

/** The rule to change: its place and its text, as the page knows it. */
export interface Target {
  index: number;
  text: string;
}

/** A change that the page asks for. `target` null: a new rule. `to`: the place, counted without the moved rule. */
export type DeskChange =
  | { kind: "put"; target: Target | null; draft: Draft }
  | { kind: "remove"; target: Target }
  | { kind: "move"; target: Target; to: number };

export interface Saved {
  overview: Overview;
  /** Warnings about the whole config, a line each. */
  warnings: string[];
}

export interface Trial {
  /** What Livecue says about the test event. */
  text: string;
  isError: boolean;
  /** Whether the rule matches it. */
  isMatch: boolean;
}
