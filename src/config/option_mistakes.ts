/** Mistakes in a service's options, which only the service knows: told with their place, as all others of the file. */
import { findNodeAtLocation, type Node } from "jsonc-parser";
import type { Config } from "./config.ts";
import { describeProblem, type KeyPath, toProblems } from "./config_error.ts";
import { parseSyntax } from "./syntax.ts";
import { keyOffset } from "./validation.ts";

/** A line for each, in the file's order. Their paths begin at the options of the service `slug`. */
export function describeOptionMistakes(
  config: Pick<Config, "path" | "text">,
  slug: string,
  mistakes: readonly { path: KeyPath; message: string }[],
): string[] {
  const { text, root } = parseSyntax(config.text);
  const findings = mistakes.map((mistake) => {
    const path = ["services", slug, "options", ...mistake.path];
    // A text that a config was made of has a tree.
    return { offset: nearestOffset(root!, path), path, message: mistake.message };
  });
  return toProblems(text, findings).map((problem) => describeProblem(config.path, problem));
}

/** Where the value stands; of one that is missing, the key of the nearest that it would stand in. */
function nearestOffset(root: Node, path: KeyPath): number {
  const node = findNodeAtLocation(root, [...path]);
  if (node !== undefined) return node.offset;
  let parent = path.slice(0, -1);
  while (findNodeAtLocation(root, [...parent]) === undefined) parent = parent.slice(0, -1);
  return keyOffset(root, parent);
}
