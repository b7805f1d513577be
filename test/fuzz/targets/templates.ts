import assert from "node:assert/strict";
import fc from "fast-check";
import { Template } from "../../../src/kit/template.ts";
import { Command } from "../../../services/gmod/command.ts";
import { type Game, games, maxCommandBytes } from "../../../services/gmod/game.ts";
import { makeEvent, makeGift } from "../../support/events.ts";
import { assertSentence } from "../asserts.ts";
import { hostileText } from "../inputs.ts";
import type { Target } from "../target.ts";

interface Input {
  template: string;
  command: string;
  game: Game;
  name: string;
  comment: string;
}

const placeholder = fc.constantFrom(
  "{user}",
  "{comment}",
  "{count}",
  "{{user}}",
  "{nobody}",
  "{gift}",
  "{amount}",
);
const words = fc.constantFrom(
  "say ",
  "ulx slap ",
  '"',
  " ",
  "give @p ",
  "execute as ",
  "run ",
  "lua_run ",
  "{{",
  "'",
);
const written = fc.array(fc.oneof(placeholder, words, hostileText), { maxLength: 8 }).map((parts) =>
  parts.join("")
);

export const target: Target<Input> = {
  holds:
    "a template is filled with what it names and no more, and a command stays one command, whoever writes",
  inputs: fc.record({
    template: written,
    command: fc.tuple(fc.constantFrom("say ", "ulx slap ", "kick ", "give ", ""), written).map((parts) =>
      parts.join("")
    ),
    game: fc.constantFrom(...games),
    name: hostileText,
    comment: hostileText,
  }, { noNullPrototype: true }),
  check({ template, command, game, name, comment }) {
    const events = [
      makeEvent({ data: { comment, language: "en", emotes: [] }, user: { ...user, nickname: name } }),
      makeGift({ user: { ...user, nickname: name } }),
    ];
    const made = unlessWrong(() => new Template(template));
    for (const event of made === null ? [] : events) {
      const texts = made!.parts.filter((part) => typeof part === "string");
      assert.equal(made!.fill(event, { count: 3 }, () => ""), texts.join(""));
      const values = made!.valuesOf(event, { count: 3 }, () => true);
      assert.equal(values.length, made!.parts.length - texts.length);
      const filled = made!.parts.map((part) => typeof part === "string" ? part : values.shift()).join("");
      assert.equal(made!.fill(event, { count: 3 }), filled);
    }
    const parsed = unlessWrong(() => Command.parse(command, game, undefined));
    for (const event of parsed === null ? [] : events) {
      assertOneCommand(parsed!.fill(event, { count: 3 }), command, game);
    }
  },
};

const user = { id: "42", uniqueId: "ana", nickname: "Ana", avatarUrl: "", roles: [] };

function unlessWrong<Value>(make: () => Value): Value | null {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError) || /call stack/.test(error.message)) throw error;
    assertSentence(error.message.replaceAll(/[^ -~]/g, "?"));
    return null;
  }
}

/** A viewer's text never ends the command, begins another, or opens or closes a quote. */
function assertOneCommand(filled: string, command: string, game: Game): void {
  assert.doesNotMatch(filled, /[\p{Cc}\u2028\u2029]/u);
  assert.ok(new TextEncoder().encode(filled).length <= maxCommandBytes[game], "longer than the game reads");
  if (game !== "source") return;
  const count = (text: string, sign: string) => text.split(sign).length - 1;
  assert.equal(count(filled, ";"), count(command, ";"), filled);
  assert.equal(count(filled, '"') % 2, 0, filled);
}
