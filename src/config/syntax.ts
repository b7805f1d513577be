/**
 * The text of a config file as JSON with comments: its tree with positions, its plain value, and what is
 * wrong with its form.
 *
 * The parser goes on after an error, but mostly out of step: everything after a forgotten bracket would be
 * reported as wrong. So only what certainly is a mistake is reported: each forgotten comma and each bad escape
 * up to the first error after which the parser has lost its place, and that one.
 */
import { type Node, type ParseError, parseTree, stripComments } from "jsonc-parser";
import { type Finding, type KeyPath, maxFindings, positionOf } from "./config_error.ts";
import { bracketsIn, explain, isForgottenComma, spoilsOneValue } from "./syntax_errors.ts";

export interface Syntax {
  /** Without its byte order mark. */
  text: string;
  /** null where the tree cannot be relied upon. */
  root: Node | null;
  findings: Finding[];
}

/** Whether the text holds nothing but blanks and comments. */
export function isBlank(text: string): boolean {
  return stripComments(withoutMark(text)).trim() === "";
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, "");
}

/** A block in a block: the parser goes down into each by calling itself, and so does all that reads the tree. */
const maxLevels = 100;

export function parseSyntax(fileText: string): Syntax {
  const text = withoutMark(fileText);
  const tooDeep = tooDeepAt(text);
  if (tooDeep !== null) {
    const message = `more than ${maxLevels} brackets are open here; close them, or put less into one another`;
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

/** Where the first bracket stands that is one too many within others; null where there is none. */
function tooDeepAt(text: string): number | null {
  let levels = 0;
  for (const { bracket, offset } of bracketsIn(text)) {
    levels += bracket === "{" || bracket === "[" ? 1 : -1;
    if (levels > maxLevels) return offset;
  }
  return null;
}

/** The value of a node as plain objects and lists. Of a key given twice, the first counts. */
export function plainValue(node: Node): unknown {
  if (node.type === "array") return node.children!.map(plainValue);
  if (node.type !== "object") return node.value;
  const values = new Map<string, unknown>();
  for (const { key, value } of properties(node)) {
    if (key.value !== reservedKey && !values.has(key.value)) values.set(key.value, plainValue(value));
  }
  return Object.fromEntries(values);
}

/** An own property of this name is lost or harmful in too many places to be let in. */
const reservedKey = "__proto__";

/** What stands in a block, in the file's order. */
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
      const message = `given twice, first in line ${positionOf(text, firstOffset).line}; keep one of them`;
      yield { offset: key.offset, path: ownPath, message };
      continue;
    }
    firstOffsets.set(name, key.offset);
    if (name === reservedKey) {
      yield { offset: key.offset, path: ownPath, message: "cannot be used as a key; choose another" };
    } else {
      yield* keyFindings(text, value, ownPath);
    }
  }
}
