/** The pages of the documentation: those beside the README, and all in docs. */
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface DocPage {
  path: string;
  /** Its path in the repository, with "/". */
  name: string;
  text: string;
}

export const pages: readonly DocPage[] = [...pagesIn(root, false), ...pagesIn(join(root, "docs"), true)]
  .map((path) => ({
    path,
    name: relative(root, path).replaceAll("\\", "/"),
    text: Deno.readTextFileSync(path),
  }));

function* pagesIn(folder: string, isDeep: boolean): Generator<string> {
  for (const { name, isFile } of Deno.readDirSync(folder)) {
    if (isFile && name.endsWith(".md")) yield join(folder, name);
    else if (isDeep && !isFile) yield* pagesIn(join(folder, name), true);
  }
}

/** A code block. */
export interface Block {
  language: string;
  code: string;
}

/** A fence may be indented, in a list. */
export function blocksIn(text: string): Block[] {
  return [...text.matchAll(/^([ ]*)```(\w+)\n([\s\S]*?)^\1```$/gm)].map((
    [, indent = "", language = "", code = ""],
  ) => ({ language, code: code.split("\n").map((line) => line.slice(indent.length)).join("\n") }));
}

/** The targets of a text's links and pictures, as they are written. */
export function linksIn(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
}

/** The page in the other language, which the first line of a translated page links to; null if there is none. */
export function siblingOf({ path, text }: DocPage): { language: string; path: string } | null {
  const [, language, target] = /^\[(English|Español)\]\(([^)]+)\)\n/.exec(text) ?? [];
  if (language === undefined || target === undefined) return null;
  return { language, path: join(path, "..", target) };
}
