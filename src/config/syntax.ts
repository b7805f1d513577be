/**
 * Parses the text of a config file as JSON with comments: its tree with positions, its plain value, and its syntax
 * errors.
 *
 * The parser continues after an error, but usually out of sync: it would report everything after a forgotten bracket.
 * So only certain mistakes are reported: each forgotten comma and each bad escape before the first error that puts
 * the parser out of sync, and that error.
 */
import { type Node, type ParseError, parseTree, stripComments } from "jsonc-parser";
import { t } from "../language.ts";
import { type Finding, type KeyPath, maxFindings, positionOf } from "./config_error.ts";
import { bracketsIn, explain, isForgottenComma, spoilsOneValue } from "./syntax_errors.ts";

export interface Syntax {
  /** Without its byte order mark. */
  text: string;
  /** null if the tree is unreliable. */
  root: Node | null;
  findings: Finding[];
}

/** Whether the text has only white space and comments. */
export function isBlank(text: string): boolean {
  return stripComments(withoutMark(text)).trim() === "";
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, "");
}

/** The most nested blocks: the parser and all code that reads the tree are recursive. */
const maxLevels = 100;

export function parseSyntax(fileText: string): Syntax {
  const text = withoutMark(fileText);
  const tooDeep = tooDeepAt(text);
  if (tooDeep !== null) {
    const message = t`more than ${maxLevels} brackets are open here; close them, or nest less deeply`;
    return { text, root: null, findings: [{ offset: tooDeep, path: [], message }] };
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true }) ?? null;
  const findings: Finding[] = [];
  let isReliable = root !== null;
  for (const [index, error] of errors.entries()) {
    const next = errors[index + 1];
    findings.push(...explain(text, error, next));
    if (isForgottenComma(text, error, next)) continue;
    isReliable = false;
    if (!spoilsOneValue(error)) break;
  }
  if (!isReliable) return { text, root: null, findings };
  return { text, root, findings: [...findings, ...keyFindings(text, root!, []).take(maxFindings)] };
}

/** The position of the first bracket that is nested too deeply; null if there is none. */
function tooDeepAt(text: string): number | null {
  let levels = 0;
  for (const { bracket, offset } of bracketsIn(text)) {
    levels += bracket === "{" || bracket === "[" ? 1 : -1;
    if (levels > maxLevels) return offset;
  }
  return null;
}

/** The value of a node as plain objects and arrays. For a duplicate key, the first value counts. */
export function plainValue(node: Node): unknown {
  if (node.type === "array") return node.children!.map(plainValue);
  if (node.type !== "object") return node.value;
  const values = new Map<string, unknown>();
  for (const { key, value } of properties(node)) {
    if (key.value !== reservedKey && !values.has(key.value)) values.set(key.value, plainValue(value));
  }
  return Object.fromEntries(values);
}

/** A key that is not allowed, because such a property gets lost or causes harm in too many places. */
const reservedKey = "__proto__";

/** The properties of a block, in the order of the file. */
export function properties(node: Node): { key: Node; value: Node }[] {
  return node.children!.flatMap(({ children }) => {
    const [key, value] = children!;
    return key !== undefined && value !== undefined ? [{ key, value }] : [];
  });
}

function* keyFindings(text: string, node: Node, path: KeyPath): Generator<Finding, void> {
  if (node.type === "array") {
    for (const [index, child] of node.children!.entries()) yield* keyFindings(text, child, [...path, index]);
  }
  if (node.type !== "object") return;
  const firstOffsets = new Map<string, number>();
  for (const { key, value } of properties(node)) {
    const name = key.value as string;
    const ownPath = [...path, name];
    const firstOffset = firstOffsets.get(name);
    if (firstOffset !== undefined) {
      const message = t`set twice, first in line ${positionOf(text, firstOffset).line}; keep one of them`;
      yield { offset: key.offset, path: ownPath, message };
      continue;
    }
    firstOffsets.set(name, key.offset);
    if (name === reservedKey) {
      yield { offset: key.offset, path: ownPath, message: t`cannot be a key; choose another name` };
    } else {
      yield* keyFindings(text, value, ownPath);
    }
  }
}

/** The rules in all lists named "rules", at any depth. */
export function rulesIn(node: Node): Node[] {
  const isRules = node.type === "property" && node.children?.[0]?.value === "rules" &&
    node.children[1]?.type === "array";
  return isRules ? node.children?.[1]?.children ?? [] : (node.children ?? []).flatMap(rulesIn);
}
