/**
 * The text of a config file as JSON with comments: its tree with positions, its plain value, and what is
 * wrong with its form.
 *
 * The parser goes on after an error, but mostly out of step: everything after a forgotten bracket would be
 * reported as wrong. So only what certainly is a mistake is reported: each forgotten comma and each bad escape
 * up to the first error after which the parser has lost its place, and that one.
 */
import { type Node, type ParseError, parseTree, stripComments } from "jsonc-parser";
import { type Finding, type KeyPath, positionOf } from "./config_error.ts";
import { explain, isForgottenComma, spoilsOneValue } from "./syntax_errors.ts";

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

export function parseSyntax(fileText: string): Syntax {
  const text = withoutMark(fileText);
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
  return { text, root, findings: [...findings, ...keyFindings(text, root!, [])] };
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

function properties(node: Node): { key: Node; value: Node }[] {
  return node.children!.flatMap(({ children }) => {
    const [key, value] = children!;
    return key !== undefined && value !== undefined ? [{ key, value }] : [];
  });
}

function keyFindings(text: string, node: Node, path: KeyPath): Finding[] {
  if (node.type === "array") {
    return node.children!.flatMap((child, index) => keyFindings(text, child, [...path, index]));
  }
  if (node.type !== "object") return [];
  const findings: Finding[] = [];
  const firstOffsets = new Map<string, number>();
  for (const { key, value } of properties(node)) {
    const name = key.value as string;
    const ownPath = [...path, name];
    const firstOffset = firstOffsets.get(name);
    if (firstOffset !== undefined) {
      const message = `given twice, first in line ${positionOf(text, firstOffset).line}; keep one of them`;
      findings.push({ offset: key.offset, path: ownPath, message });
      continue;
    }
    firstOffsets.set(name, key.offset);
    if (name === reservedKey) {
      findings.push({
        offset: key.offset,
        path: ownPath,
        message: "cannot be used as a key; choose another",
      });
    } else {
      findings.push(...keyFindings(text, value, ownPath));
    }
  }
  return findings;
}
