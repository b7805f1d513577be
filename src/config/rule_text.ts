/** The text of one rule: written anew, or changed so that its comments stay. */
import { applyEdits, modify, type ParseError, parseTree, stripComments } from "jsonc-parser";
import { t } from "../language.ts";
import { positionOf } from "./config_error.ts";
import { parseSyntax, plainValue } from "./syntax.ts";

type Json = Record<string, unknown>;

/** Characters of a line. */
const lineLength = 100;
/** Of a rule's text. */
const maxLength = 20_000;

/** The rule as text: on one line if it is short. `before`: its former text, whose order and comments stay. */
export function ruleText(rule: Json, before: string | null = null): string {
  const former = before === null ? null : objectIn(before);
  if (before === null || former === null) return written(rule, "");
  const ordered = inOrderOf(former, rule) as Json;
  return hasComments(before) ? changed(before, former, ordered) : written(ordered, "");
}

/** Reads what a person wrote as a rule. `text` is without what surrounds the object. */
export function readRule(given: string): { text: string; rule: Json } | { mistake: string } {
  if (given.length > maxLength) {
    return { mistake: t`The rule is longer than ${maxLength} characters. Shorten it.` };
  }
  const { root, text, findings: [finding] } = parseSyntax(given);
  if (finding !== undefined) {
    const { line, column } = positionOf(text, finding.offset);
    return { mistake: t`Line ${line}, column ${column}: ${finding.message}.` };
  }
  if (root?.type !== "object") return { mistake: t`Write a rule as { "when": "GiftEvent", "do": { … } }.` };
  return { text: text.slice(root.offset, root.offset + root.length), rule: plainValue(root) as Json };
}

function objectIn(text: string): Json | null {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  return root?.type === "object" && errors.length === 0 ? plainValue(root) as Json : null;
}

function hasComments(text: string): boolean {
  return stripComments(text) !== text;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value with its keys in the order of another one; keys that are new come last. */
function inOrderOf(former: unknown, value: unknown): unknown {
  if (!isObject(former) || !isObject(value)) return value;
  const keys = [...Object.keys(former).filter((key) => Object.hasOwn(value, key)), ...Object.keys(value)];
  return Object.fromEntries([...new Set(keys)].map((key) => [key, inOrderOf(former[key], value[key])]));
}

/** Changes only what differs. */
function changed(text: string, former: Json, value: Json): string {
  const formattingOptions = { insertSpaces: true, tabSize: 2, eol: "\n" };
  return differences(former, value, []).reduce(
    (whole, [path, next]) => applyEdits(whole, modify(whole, path, next, { formattingOptions })),
    text,
  );
}

/** The paths whose values differ, with the new value; undefined for a key that is gone. */
function differences(former: Json, value: Json, base: string[]): [path: string[], value: unknown][] {
  return [...new Set([...Object.keys(former), ...Object.keys(value)])].flatMap((key) => {
    const [old, next] = [former[key], value[key]];
    const path = [...base, key];
    if (isObject(old) && isObject(next)) return differences(old, next, path);
    return JSON.stringify(old) === JSON.stringify(next) ? [] : [[path, next] as [string[], unknown]];
  });
}

function written(value: unknown, indent: string): string {
  const line = onOneLine(value);
  if (!isObject(value) || Object.keys(value).length === 0 || indent.length + line.length <= lineLength) {
    return line;
  }
  const inner = `${indent}  `;
  const lines = Object.entries(value).map(([key, each]) =>
    `${inner}${JSON.stringify(key)}: ${written(each, inner)}`
  );
  return `{\n${lines.join(",\n")}\n${indent}}`;
}

function onOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(", ")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${onOneLine(each)}`);
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}
