/** Adds positions in the file to mistakes in a service's options, which only the service itself can check. */
import { basename } from "node:path";
import { findNodeAtLocation, type Node } from "jsonc-parser";
import type { Config } from "./config.ts";
import { describeProblem, type KeyPath, positionOf, toProblems } from "./config_error.ts";
import { parseSyntax } from "./syntax.ts";
import { keyOffset } from "./validation.ts";

/** One line for each mistake, in the order of the file. Paths are relative to the options of the service `slug`. */
export function describeOptionMistakes(
  config: Pick<Config, "path" | "text">,
  slug: string,
  mistakes: readonly { path: KeyPath; message: string }[],
): string[] {
  const { text, root } = parseSyntax(config.text);
  const findings = mistakes.map((mistake) => {
    const path = ["services", slug, "options", ...mistake.path];
    // The text of a valid config has a tree.
    return { offset: nearestOffset(root!, path), path, message: mistake.message };
  });
  return toProblems(text, findings).map((problem) => describeProblem(config.path, problem));
}

/** The place of a service's option in the config, as "config.jsonc:12:5". */
export function placeOfOption(
  { path: file, text }: Pick<Config, "path" | "text">,
  slug: string,
  path: KeyPath,
): string {
  const syntax = parseSyntax(text);
  // The text of a valid config has a tree.
  const { line, column } = positionOf(
    syntax.text,
    nearestOffset(syntax.root!, ["services", slug, "options", ...path]),
  );
  return `${basename(file)}:${line}:${column}`;
}

/** The position of the value; for a missing one, the key of the innermost block that exists. */
function nearestOffset(root: Node, path: KeyPath): number {
  const node = findNodeAtLocation(root, [...path]);
  if (node !== undefined) return node.offset;
  let parent = path.slice(0, -1);
  while (findNodeAtLocation(root, [...parent]) === undefined) parent = parent.slice(0, -1);
  return keyOffset(root, parent);
}
