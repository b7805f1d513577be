/** One command of the streamer's, with places for what comes from the event. */
import type { LiveEvent, QueueItem } from "livecue/service";
import { Template } from "livecue/template";
import { checkAllowed, commandName } from "./allowed.ts";
import { cleanValue, type Game, maxCommandBytes, type Place, slot } from "./game.ts";

/** After so many words, the rest of the line is one text, in which blanks and colons mean nothing. */
const wordsBeforeText: Record<"source" | "minecraft", Record<string, number>> = {
  source: { say: 1, say_team: 1, echo: 1 },
  minecraft: { say: 1, me: 1, tm: 1, teammsg: 1, tell: 2, msg: 2, w: 2 },
};

/** A viewer's text is cut to this, and to less where the command would be too long. */
const maxValueLength = 200;
/** Room for at least so many bytes of each value. */
const minValueLength = 8;

export class Command {
  readonly #game: Game;
  readonly #template: Template;
  /** What stands before, between and after the values. */
  readonly #literals: string[];
  readonly #places: Place[];

  private constructor(game: Game, template: Template, shape: string, places: Place[]) {
    this.#game = game;
    this.#template = template;
    this.#literals = shape.split(slot);
    this.#places = places;
  }

  /** Throws a `RangeError` that says what is wrong with the command, or that it is not allowed. */
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
        `the command is longer than the ${maxCommandBytes[game]} bytes that the game reads`,
      );
    }
    return new Command(game, template, quoted, places);
  }

  /** The command for this event, short enough for the game. */
  fill(event: LiveEvent, item: Pick<QueueItem, "count">): string {
    const values: string[] = [];
    this.#template.fill(event, item, (value) => {
      values.push(value);
      return "";
    });
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
  if (text.trim() === "") throw new RangeError("is empty: write a command");
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)) {
    throw new RangeError(
      "has a line break or another control character: write a list of commands for several",
    );
  }
  if (game !== "source") return;
  const unquoted = shape.replace(/"[^"]*"/g, '""');
  if (unquoted.split('"').length % 2 === 0) {
    throw new RangeError('has a quotation mark (") without its second one');
  }
  if (unquoted.includes(";")) {
    throw new RangeError(
      'has a ";" outside of quotes, which ends the command: write a list of commands for several',
    );
  }
  if (unquoted.replaceAll(slot, "").includes("//")) {
    throw new RangeError('has "//" outside of quotes, which begins a comment: put the text in quotes');
  }
}

/**
 * Source's console ends an argument at a blank, a colon, an apostrophe and any letter that is not English.
 * So a word with a value in it is put in quotes, unless it stands in a text.
 */
function withQuotes(shape: string): string {
  let wordCount = 0;
  let textFrom = Infinity;
  return shape.replace(/(?:"[^"]*"|[^\s"])+/g, (word) => {
    if (wordCount === 0) textFrom = wordsBeforeText.source[commandName(word, "source")] ?? Infinity;
    const isText = wordCount++ >= textFrom;
    if (isText || !word.includes(slot) || /^"[^"]*"$/.test(word)) return word;
    if (!word.includes('"')) return `"${word}"`;
    throw new RangeError("has quotes within a word that has a placeholder: put the whole word in quotes");
  });
}

/**
 * In Minecraft a value is a text within quotes and behind the commands that take one. Quotes open at the start
 * of a word or of a value in JSON, and a backslash takes the next sign's meaning.
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
