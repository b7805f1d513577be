/** Validates a config file, and describes each mistake with its position and what is allowed. */
import { findNodeAtLocation, type Node } from "jsonc-parser";
import type { z } from "zod";
import { t } from "../language.ts";
import { allowedAt, choicesAt } from "./allowed.ts";
import { excerpt, type Finding, type KeyPath, maxFindings, shownValue } from "./config_error.ts";
import { type ConfigFile, configFile } from "./schema.ts";
import { nearestName } from "../nearest_names.ts";
import { plainValue } from "./syntax.ts";

type Issue = z.core.$ZodIssue;

/** The value with its defaults; null if there are findings. `root`: the tree of `text`. */
export function validate(text: string, root: Node): { value: ConfigFile | null; findings: Finding[] } {
  const result = configFile.safeParse(plainValue(root));
  if (result.success) return { value: result.data, findings: [] };
  const findings = result.error.issues.values().flatMap((issue) => explain(text, root, issue, []));
  return { value: null, findings: findings.take(maxFindings).toArray() };
}

/** `base`: the issue's own path is relative to it. */
function* explain(text: string, root: Node, issue: Issue, base: KeyPath): Generator<Finding, void> {
  const path = [...base, ...issue.path as KeyPath];
  switch (issue.code) {
    case "unrecognized_keys":
      return yield* issue.keys.values().map((key) => unknownKey(root, [...path, key]));
    case "invalid_key":
      return yield wrongKey(root, path, issue.issues[0]?.message ?? t`another key`);
    case "invalid_union": {
      // A mistake inside one alternative explains more than the failure of all alternatives.
      const inner = issue.errors.find((issues) => issues.some((one) => one.path.length > 0));
      if (inner === undefined) return yield wrongValue(text, root, path, allowedAt(path));
      for (const one of inner) yield* explain(text, root, one, path);
      return;
    }
    case "custom":
      return yield wrongValue(text, root, path, issue.message);
    default:
      return yield wrongValue(text, root, path, allowedAt(path));
  }
}

function wrongValue(text: string, root: Node, path: KeyPath, allowed: string): Finding {
  const node = findNodeAtLocation(root, [...path]);
  if (node === undefined) {
    return { offset: keyOffset(root, path.slice(0, -1)), path, message: t`missing; required: ${allowed}` };
  }
  const nearest = typeof node.value === "string" ? nearestName(node.value, choicesAt(path)) : null;
  const found = foundWords(text, node, { path, allowed, isMeant: nearest !== null });
  const message = nearest === null
    ? t`found ${found}; allowed: ${allowed}`
    : t`found ${found}, did you mean "${nearest}"? allowed: ${allowed}`;
  return { offset: node.offset, path, message };
}

function unknownKey(root: Node, path: KeyPath): Finding {
  const message = unknownKeyWords(String(path.at(-1)), choicesAt(path.slice(0, -1)));
  return { offset: keyOffset(root, path), path, message };
}

export function unknownKeyWords(found: string, choices: string[]): string {
  const nearest = nearestName(found, choices);
  const allowed = choices.join(", ");
  return nearest === null
    ? t`unknown key; allowed: ${allowed}`
    : t`unknown key, did you mean "${nearest}"? allowed: ${allowed}`;
}

function wrongKey(root: Node, path: KeyPath, allowed: string): Finding {
  const found = excerpt(JSON.stringify(path.at(-1)));
  return { offset: keyOffset(root, path), path, message: t`found ${found} as a key; allowed: ${allowed}` };
}

/** The position of the key; for the root and for items of a list, the position of the value. */
export function keyOffset(root: Node, path: KeyPath): number {
  const node = findNodeAtLocation(root, [...path]) ?? root;
  return node.parent?.type === "property" ? node.parent.offset : node.offset;
}

/** A finding at the value; if there is none, at the block that it would be in. */
export function findingAt(root: Node, path: KeyPath, message: string): Finding {
  const offset = findNodeAtLocation(root, [...path])?.offset ?? keyOffset(root, path.slice(0, -1));
  return { offset, path, message };
}

/** Describes the found value. One that is similar to an allowed one (`isMeant`) is shown. */
function foundWords(
  text: string,
  node: Node,
  { path, allowed, isMeant }: { path: KeyPath; allowed: string; isMeant: boolean },
): string {
  // A text instead of a block may be a secret without its key.
  if (node.type === "string" && allowed === t`a block { … }`) return t`a text`;
  if (node.type === "object") return t`a block { … }`;
  if (node.type === "array") return t`a list [ … ]`;
  const source = text.slice(node.offset, node.offset + node.length);
  if (isMeant || ["true", "false", "null"].includes(source)) return excerpt(source);
  return shownValue(source, path);
}
