/**
 * Changes a service's list of rules in the text of a config. A rule moves and goes with the comments right above it and
 * behind it on its line. Every other byte stays the same.
 */
import { applyEdits, createScanner, findNodeAtLocation, modify, type Node } from "jsonc-parser";
import { parseSyntax } from "./syntax.ts";

export type RuleChange =
  /** `text`: the new rule, an object as JSON with comments. `index` null: behind the others. */
  | { kind: "put"; index: number | null; text: string }
  | { kind: "remove"; index: number }
  /** To the place `to`, counted without the moved rule. */
  | { kind: "move"; index: number; to: number };

/** The source text of each rule, not indented. Empty if the service has none. The config must be valid. */
export function rulesIn(fileText: string, slug: string): string[] {
  const { text, root } = parseSyntax(fileText);
  const list = root && findNodeAtLocation(root, pathOf(slug));
  return (list?.children ?? []).map((rule) =>
    unindented(text.slice(rule.offset, rule.offset + rule.length), indentAt(text, rule.offset))
  );
}

/** The config's text after a change. The text must be valid, and must have the service and the rule. */
export function withRuleChange(fileText: string, slug: string, change: RuleChange): string {
  const { text: written } = parseSyntax(fileText);
  const mark = fileText.slice(0, fileText.length - written.length);
  const text = withList(written, slug);
  const list = findNodeAtLocation(rootOf(text), pathOf(slug));
  if (list?.type !== "array") throw new Error(`the rules of ${slug} are no list`);
  const changed = new WrittenList(text, list);
  changed.apply(change);
  const end = list.offset + list.length;
  return mark + text.slice(0, list.offset) + changed.toString() + text.slice(end);
}

function pathOf(slug: string): string[] {
  return ["services", slug, "options", "rules"];
}

function rootOf(text: string): Node {
  const { root } = parseSyntax(text);
  if (root === null) throw new Error("the config is not valid");
  return root;
}

/** Adds an empty list where the service has none. */
function withList(text: string, slug: string): string {
  if (findNodeAtLocation(rootOf(text), pathOf(slug)) !== undefined) return text;
  const formattingOptions = { insertSpaces: true, tabSize: 2, eol: newlineOf(text) };
  return applyEdits(text, modify(text, pathOf(slug), [], { formattingOptions }));
}

/** A rule, or text between rules that belongs to none. */
type Piece =
  | { kind: "between"; text: string }
  /** `lead`: its comments above and its indentation. `gap` is before a comma, `trail` behind it up to the next line. */
  | { kind: "rule"; lead: string; body: string; gap: string; trail: string };

class WrittenList {
  readonly #newline: string;
  /** Indentation of the line of the closing bracket, and of a rule. */
  readonly #outer: string;
  readonly #inner: string;
  readonly #pieces: Piece[] = [];
  #endsWithComma = false;

  constructor(text: string, list: Node) {
    this.#newline = newlineOf(text);
    const close = list.offset + list.length - 1;
    const [first] = list.children ?? [];
    this.#outer = indentAt(text, first === undefined ? list.offset : close);
    const own = first === undefined ? null : indentAt(text, first.offset);
    this.#inner = own !== null && own.length > this.#outer.length ? own : `${this.#outer}  `;
    this.#read(text, list, close);
  }

  apply(change: RuleChange): void {
    switch (change.kind) {
      case "put":
        return this.#put(change.index, change.text.trim());
      case "remove":
        this.#pieces.splice(this.#placeOf(change.index), 1);
        return;
      case "move": {
        const [piece] = this.#pieces.splice(this.#placeOf(change.index), 1);
        const isLast = change.to === this.#rulePlaces().length;
        this.#pieces.splice(isLast ? this.#behindLast() : this.#placeOf(change.to), 0, piece as Piece);
      }
    }
  }

  toString(): string {
    const last = this.#rulePlaces().at(-1);
    const parts = this.#pieces.map((piece, place) => {
      if (piece.kind === "between") return piece.text;
      const comma = place !== last || this.#endsWithComma ? "," : "";
      return piece.lead + piece.body + piece.gap + comma + piece.trail;
    });
    return `[${parts.join("")}]`;
  }

  #put(index: number | null, text: string): void {
    const body = text.replaceAll(/\r?\n/g, `${this.#newline}${this.#inner}`);
    if (index !== null) {
      const rule = this.#pieces[this.#placeOf(index)] as Piece & { kind: "rule" };
      rule.body = body;
      return;
    }
    const place = this.#behindLast();
    const before = this.#pieces[place - 1];
    const isOnOwnLine = before?.kind !== "rule" || before.trail.endsWith("\n");
    const lead = !isOnOwnLine ? " " : before === undefined ? this.#newline + this.#inner : this.#inner;
    const isFirst = before === undefined && this.#pieces.length === 0;
    const trail = isOnOwnLine ? this.#newline : "";
    this.#pieces.splice(place, 0, { kind: "rule", lead, body, gap: "", trail });
    if (isFirst) this.#pieces.push({ kind: "between", text: this.#outer });
  }

  #rulePlaces(): number[] {
    return this.#pieces.flatMap(({ kind }, place) => kind === "rule" ? [place] : []);
  }

  #placeOf(index: number): number {
    const place = this.#rulePlaces()[index];
    if (place === undefined) throw new Error(`there is no rule ${index}`);
    return place;
  }

  /** Where a rule behind the last one goes. Without rules: before what ends the list. */
  #behindLast(): number {
    const last = this.#rulePlaces().at(-1);
    return last === undefined ? Math.max(0, this.#pieces.length - 1) : last + 1;
  }

  #read(text: string, list: Node, close: number): void {
    let from = list.offset + 1;
    const restOfLine = /^[^\S\r\n]*(?:\/\/[^\r\n]*)?\r?\n/.exec(text.slice(from, close))?.[0] ?? "";
    this.#addBetween(restOfLine);
    from += restOfLine.length;
    for (const { offset, length } of list.children ?? []) {
      const above = text.slice(from, offset);
      // What an empty line separates from a rule is not about that rule.
      const apart = /^[\s\S]*\n[^\S\n]*\r?\n/.exec(above)?.[0] ?? "";
      this.#addBetween(apart);
      const end = offset + length;
      const comma = commaBehind(text, end, close);
      const behind = comma === null ? end : comma + 1;
      const trail =
        /^[^\S\r\n]*(?:(?:\/\/[^\r\n]*)?\r?\n|\/\/[^\r\n]*$)/.exec(text.slice(behind, close))?.[0] ?? "";
      const gap = comma === null ? "" : text.slice(end, comma);
      const body = text.slice(offset, end);
      this.#pieces.push({ kind: "rule", lead: above.slice(apart.length), body, gap, trail });
      this.#endsWithComma = comma !== null;
      from = behind + trail.length;
    }
    this.#addBetween(text.slice(from, close));
  }

  #addBetween(text: string): void {
    if (text !== "") this.#pieces.push({ kind: "between", text });
  }
}

/** The offset of the comma behind a value, outside of comments; null if there is none. */
function commaBehind(text: string, end: number, close: number): number | null {
  const scanner = createScanner(text.slice(end, close), true);
  scanner.scan();
  const offset = end + scanner.getTokenOffset();
  return offset < close && text[offset] === "," ? offset : null;
}

function newlineOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

/** The white space at the start of the line of an offset. */
function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  return /^[^\S\r\n]*/.exec(line)?.[0] ?? "";
}

function unindented(text: string, indent: string): string {
  return text.split(/\r?\n/).map((line, index) =>
    index > 0 && line.startsWith(indent) ? line.slice(indent.length) : line
  ).join("\n");
}
