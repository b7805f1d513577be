/** A command from the rules, with placeholders for values of the event. */
import { t } from "livecue/language";
import type { LiveEvent, QueueItem } from "livecue/service";
import { Template } from "livecue/template";
import { checkAllowed, commandName } from "./allowed.ts";
import { cleanValue, type Game, isShown, maxCommandBytes, type Place, slot } from "./game.ts";

/** After this many words, the rest of the line is one text, in which spaces and colons have no meaning. */
const wordsBeforeText: Record<"source" | "minecraft", Record<string, number>> = {
  source: { say: 1, say_team: 1, echo: 1 },
  minecraft: { say: 1, me: 1, tm: 1, teammsg: 1, tell: 2, msg: 2, w: 2 },
};

/** The maximum length of a viewer's text. It is cut further if the command would be too long. */
const maxValueLength = 200;
/** The space in bytes that is reserved for each value. */
const minValueLength = 8;

export class Command {
  readonly #game: Game;
  readonly #template: Template;
  /** The texts before, between and after the values. */
  readonly #literals: string[];
  readonly #places: Place[];

  private constructor(game: Game, template: Template, shape: string, places: Place[]) {
    this.#game = game;
    this.#template = template;
    this.#literals = shape.split(slot);
    this.#places = places;
  }

  /** Throws a `RangeError` that says what is wrong with the command or that it is not allowed. */
  static parse(text: string, game: Game, allowed: readonly string[] | undefined): Command {
    const template = new Template(text);
    const shape = template.parts.map((part) => typeof part === "string" ? part : slot).join("");
    checkSyntax(text, shape, game);
    checkAllowed(shape, game, allowed);
    const quoted = game === "source" ? withQuotes(shape) : shape;
    const places = placesIn(quoted, game);
    const bytes = new TextEncoder().encode(quoted).length + places.length * minValueLength;
    if (bytes > maxCommandBytes[game]) {
      throw new RangeError(
        t`is longer than the ${maxCommandBytes[game]} bytes that the game reads`,
      );
    }
    return new Command(game, template, quoted, places);
  }

  /** Returns the command for this event, short enough for the game. */
  fill(event: LiveEvent, item: Pick<QueueItem, "count">): string {
    const values = this.#template.valuesOf(
      event,
      item,
      (value, index) => isShown(value, this.#game, this.#places[index] ?? "text"),
    );
    let maxLength = maxValueLength;
    let line = this.#join(values, maxLength);
    while (new TextEncoder().encode(line).length > maxCommandBytes[this.#game] && maxLength > 0) {
      maxLength = Math.floor(maxLength * 0.8);
      line = this.#join(values, maxLength);
    }
    return line;
  }

  toJSON(): string {
    return this.#template.text;
  }

  #join(values: readonly string[], maxLength: number): string {
    return this.#literals.reduce((line, literal, index) => {
      const place = this.#places[index - 1] ?? "text";
      return line + cleanValue(values[index - 1] ?? "", this.#game, place, maxLength) + literal;
    });
  }
}

function checkSyntax(text: string, shape: string, game: Game): void {
  if (text.trim() === "") throw new RangeError(t`is empty: write a command`);
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)) {
    throw new RangeError(
      t`contains a line break or another control character: to run several commands, write a list`,
    );
  }
  if (game !== "source") return;
  const unquoted = shape.replace(/"[^"]*"/g, '""');
  if (unquoted.split('"').length % 2 === 0) {
    throw new RangeError(t`has an opening quotation mark (") without a closing one`);
  }
  if (unquoted.includes(";")) {
    throw new RangeError(
      t`has a ";" outside quotes, which ends the command: to run several commands, write a list`,
    );
  }
  if (unquoted.replaceAll(slot, "").includes("//")) {
    throw new RangeError(t`has "//" outside quotes, which starts a comment: put the text in quotes`);
  }
}

/**
 * Source's console ends an argument at a space, a colon, an apostrophe and any non-English letter. Therefore a word
 * that contains a value is put in quotes, unless it is part of a text.
 */
function withQuotes(shape: string): string {
  let wordCount = 0;
  let textFrom = Infinity;
  return shape.replace(/(?:"[^"]*"|[^\s"])+/g, (word) => {
    if (wordCount === 0) textFrom = wordsBeforeText.source[commandName(word, "source")] ?? Infinity;
    const isText = wordCount++ >= textFrom;
    if (isText || !word.includes(slot) || /^"[^"]*"$/.test(word)) return word;
    if (!word.includes('"')) return `"${word}"`;
    throw new RangeError(t`has quotes inside a word with a placeholder: put the whole word in quotes`);
  });
}

/**
 * In Minecraft a value is a text inside quotes and after commands that take a text. Quotes open at the start of a
 * word or of a JSON value, and a backslash escapes the next character.
 */
function placesIn(shape: string, game: Game): Place[] {
  if (game !== "minecraft") return Array<Place>(shape.split(slot).length - 1).fill("text");
  const places: Place[] = [];
  const [firstWord = ""] = shape.trim().split(/\s/);
  const textFrom = wordsBeforeText.minecraft[commandName(firstWord, game)] ?? Infinity;
  let quote = "";
  for (const { 0: sign, index } of shape.matchAll(/["'\0]/g)) {
    const before = shape.slice(0, index);
    if (sign === slot) {
      const isText = quote !== "" || before.trimStart().split(/\s+/).length > textFrom;
      places.push(isText ? "text" : "word");
    } else if (quote === "" && /(?:^|[\s{[:,(=])$/.test(before)) quote = sign;
    else if (sign === quote && !before.endsWith("\\")) quote = "";
  }
  return places;
}
