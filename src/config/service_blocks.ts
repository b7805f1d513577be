/**
 * Reads the config blocks of services, with their comments. Each block is in one place: in the example, or on the
 * service's page in docs/services, as a JSONC block that starts with the service's key.
 */
import { join, relative } from "node:path";
import { findNodeAtLocation, parseTree } from "jsonc-parser";
import { properties } from "./syntax.ts";

export interface ServiceBlock {
  slug: string;
  /** `"slug": { … }` with the comments above it, not indented. */
  text: string;
  /** The page about it, relative to the project's folder; null if there is none. */
  page: string | null;
}

/** By slug. */
export async function serviceBlocks(projectFolder: string): Promise<Map<string, ServiceBlock>> {
  const blocks = new Map<string, ServiceBlock>();
  for (const [slug, text] of blocksOf(await Deno.readTextFile(join(projectFolder, "config.example.jsonc")))) {
    blocks.set(slug, { slug, text, page: pageNamed(slug) });
  }
  const folder = join(projectFolder, "docs", "services");
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".md")) continue;
    const page = relative(projectFolder, join(folder, name)).replaceAll("\\", "/");
    for (const [slug, text] of blocksOfPage(await Deno.readTextFile(join(folder, name)))) {
      // A page may also show parts of a block.
      if (!blocks.has(slug)) blocks.set(slug, { slug, text, page });
    }
  }
  return blocks;
}

function pageNamed(slug: string): string {
  return `docs/services/${slug}.md`;
}

function* blocksOfPage(page: string): Generator<[slug: string, text: string]> {
  const text = page.replaceAll("\r\n", "\n");
  for (const [, block = ""] of text.matchAll(/^```jsonc\n([\s\S]*?)^```$/gm)) {
    const [, slug] = /^(?:\/\/.*\n)*"([a-z0-9_-]+)": \{/.exec(block) ?? [];
    if (slug !== undefined && block.includes('"service_class"')) yield [slug, block.trimEnd()];
  }
}

/** Each service of the config, with the comment lines above it. */
function* blocksOf(config: string): Generator<[slug: string, text: string]> {
  const text = config.replaceAll("\r\n", "\n");
  const root = parseTree(text, [], { allowTrailingComma: true });
  const services = root && findNodeAtLocation(root, ["services"]);
  for (const { key, value } of services ? properties(services) : []) {
    const lines = text.slice(0, key.offset).split("\n");
    const indent = lines.pop() ?? "";
    let above = "";
    while (lines.at(-1)?.trim().startsWith("//")) above = `${lines.pop()}\n${above}`;
    const block = above + indent + text.slice(key.offset, value.offset + value.length);
    yield [String(key.value), block.replaceAll(new RegExp(`^${indent}`, "gm"), "")];
  }
}

/** An option without a value: only the user knows it. */
export interface OpenOption {
  path: string[];
  /** The comment above it. */
  about: string;
}

/** The options of a block that are "": `add` asks the user for them. */
export function openOptions({ slug, text }: ServiceBlock): OpenOption[] {
  const whole = `{${text}\n}`;
  const root = parseTree(whole, [], { allowTrailingComma: true });
  const options = root && findNodeAtLocation(root, [slug, "options"]);
  return (options ? properties(options) : []).flatMap(({ key, value }) => {
    if (value.value !== "") return [];
    const about: string[] = [];
    const lines = whole.slice(0, key.offset).split("\n").slice(0, -1);
    while (lines.at(-1)?.trim().startsWith("//")) {
      about.unshift(lines.pop()?.trim().replace(/^\/\/\s*/, "") ?? "");
    }
    return [{ path: [slug, "options", String(key.value)], about: about.join(" ") }];
  });
}
