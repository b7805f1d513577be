/** Inserts a service's block into the text of a config, and leaves the rest unchanged. */
import { applyEdits, createScanner, findNodeAtLocation, modify, type Node } from "jsonc-parser";
import { renderConfig } from "./render.ts";
import type { ServiceBlock } from "./service_blocks.ts";
import { parseSyntax, properties } from "./syntax.ts";

/** Sets the user's answers in a block; keeps comments and layout. */
export function filled(
  block: ServiceBlock,
  answers: readonly { path: string[]; value: string }[],
): ServiceBlock {
  let whole = `{${block.text}\n}`;
  for (const { path, value } of answers) whole = applyEdits(whole, modify(whole, path, value, {}));
  return { ...block, text: whole.slice(1, -2) };
}

/** The block with paths from the config's folder to Livecue's services. */
export function renderBlock(
  block: ServiceBlock,
  folders: { configFolder: string; projectFolder: string },
): ServiceBlock {
  const [begin, end] = ['{"services": {', "\n}}"];
  const text = renderConfig(begin + block.text + end, folders);
  return { ...block, text: text.slice(begin.length, -end.length) };
}

/**
 * The config's text with the block after the other services. Every other byte stays the same. The text must be valid,
 * and must not have this service yet.
 */
export function withBlock(fileText: string, { text: block }: ServiceBlock): string {
  const { text, root } = parseSyntax(fileText);
  if (root === null) throw new Error("the config is not valid");
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const services = findNodeAtLocation(root, ["services"]);
  const added = services === undefined
    ? inserted(text, root, `"services": {\n${indented(block, "  ")}\n}`, newline)
    : inserted(text, services, block, newline);
  return fileText.slice(0, fileText.length - text.length) + added;
}

/** Appends a property to the object. */
function inserted(text: string, object: Node, property: string, newline: string): string {
  const close = object.offset + object.length - 1;
  const last = properties(object).at(-1);
  const outer = /^[ \t]*/.exec(lineAt(text, close))?.[0] ?? "";
  const inner = last === undefined ? `${outer}  ` : indentOf(text, last.key.offset) ?? `${outer}  `;
  let before = text.slice(0, close);
  let gap = newline;
  if (last !== undefined) {
    const end = last.value.offset + last.value.length;
    const comma = hasComma(text.slice(end, close)) ? "" : ",";
    before = text.slice(0, end) + comma + text.slice(end, close);
    gap = newline + newline;
  }
  const added = indented(property, inner).replaceAll("\n", newline);
  return before.trimEnd() + gap + added + newline + outer + text.slice(close);
}

/** Whether there is a comma between a value and the closing bracket, outside of comments. */
function hasComma(text: string): boolean {
  const scanner = createScanner(text, true);
  scanner.scan();
  return text[scanner.getTokenOffset()] === ",";
}

function lineAt(text: string, offset: number): string {
  return text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
}

/** The indentation of a position; null if something else comes before it in its line. */
function indentOf(text: string, offset: number): string | null {
  const line = lineAt(text, offset);
  return line.trim() === "" ? line : null;
}

function indented(text: string, indent: string): string {
  return text.split("\n").map((line) => line === "" ? line : indent + line).join("\n");
}
