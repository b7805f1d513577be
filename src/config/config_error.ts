import { helpPages } from "../help_page.ts";
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";

/** One mistake in a config file. */
export interface Problem {
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units as editors count them; a byte order mark does not count. */
  column: number;
  /** The key, for example services.dino_chrome.max_queue_size; "" if it concerns no key. */
  path: string;
  message: string;
}

/** The mistakes in a config file. The message has one line for each, in the order of the file. */
export class ConfigError extends UserError {
  readonly problems: readonly Problem[];
  /** The first mistake in one sentence, the file's path last, for a line that may be cut. */
  readonly reason: string;

  constructor(file: string, problems: readonly Problem[]) {
    const lines = problems.map((problem) => describeProblem(file, problem));
    if (problems.length >= maxFindings) lines.push(t`There may be more mistakes: fix these first.`);
    super(lines.join("\n"), { page: helpPages.config });
    this.problems = problems;
    this.reason = reasonOf(file, problems);
  }
}

function reasonOf(file: string, [first, ...others]: readonly Problem[]): string {
  if (first === undefined) return t`The config has a mistake.`;
  const { message, path, line, column } = first;
  const told = path === "" ? message : `${path}: ${message}`;
  const place = `${file}:${line}:${column}`;
  return others.length === 0
    ? t`line ${line}, ${told} (${place})`
    : t`line ${line}, ${told} (${place}; and ${others.length} more)`;
}

/** The most mistakes of a kind that are reported: nobody reads more, and a hostile file may have a hundred thousand. */
export const maxFindings = 50;

/** One line, in a form that editors and terminals can link to the position. */
export function describeProblem(file: string, { line, column, path, message }: Problem): string {
  return `${file}:${line}:${column}: ${path === "" ? "" : `${path}: `}${message}`;
}

export type KeyPath = readonly (string | number)[];

/** A mistake as the checks find it, without line and column. */
export interface Finding {
  /** The position in the text without its byte order mark. */
  offset: number;
  path: KeyPath;
  message: string;
}

/** The findings in the order of the text. */
export function toProblems(text: string, findings: readonly Finding[]): Problem[] {
  const sorted = findings.toSorted((a, b) => a.offset - b.offset).slice(0, maxFindings);
  return sorted.map(({ offset, path, message }) => ({
    ...positionOf(text, offset),
    path: pathText(path),
    message,
  }));
}

/** The line and column of an offset, both from 1. */
export function positionOf(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}

function pathText(path: KeyPath): string {
  return path.map((key, index) => {
    if (typeof key === "number") return `[${key}]`;
    if (!/^[\w$-]+$/.test(key)) return `[${excerpt(JSON.stringify(key))}]`;
    return index === 0 ? key : `.${key}`;
  }).join("");
}

/** A piece of the file for a message: shortened, with control characters escaped. */
export function excerpt(source: string): string {
  const characters = [...source];
  const cut = characters.length > 60 ? `${characters.slice(0, 60).join("")}…` : source;
  return cut.replace(
    /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** No password is this short. */
const longestShown = 7;

/**
 * A value of the file for a message. A long text may be a secret in the wrong place, so it is not repeated, and
 * neither is any value of a key that sounds like a secret. The message has the line and column anyway.
 */
export function shownValue(source: string, path: KeyPath = []): string {
  const isText = /^["']/.test(source);
  const isSecret = path.some((key) => /pass|secret|token|key|auth|header/i.test(String(key)));
  const isLong = /[^\d.+-]/.test(source) && [...source.replace(/^["']|["']$/g, "")].length > longestShown;
  if (!isSecret && !isLong) return excerpt(source);
  if (isText) return t`a text`;
  return /^[\d+-]/.test(source) ? t`a number` : t`a word`;
}
