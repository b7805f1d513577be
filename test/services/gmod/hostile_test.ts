/** Whatever viewers write, a game's console sees the very commands and arguments that the template has. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Command } from "../../../services/gmod/command.ts";
import { makeEvent } from "../../support/events.ts";

/**
 * Commands as Source's console takes them from a line, each as its arguments. First it cuts the line into
 * commands, at ";" outside of quotes and at every line break, and drops comments; then each into arguments: a
 * quoted text, one of {}()': alone, or what lies between those and blanks. A byte above 127 is negative there,
 * and so ends an argument as a blank does.
 */
function sourceConsole(line: string): string[][] {
  const bytes = [...new TextEncoder().encode(line)].map((byte) => String.fromCharCode(byte));
  const commands: string[] = [""];
  let isQuoted = false;
  let isComment = false;
  for (const [index, sign] of bytes.entries()) {
    if (sign === "\n") {
      commands.push("");
      isQuoted = isComment = false;
      continue;
    }
    if (isComment) continue;
    if (sign === '"') isQuoted = !isQuoted;
    if (!isQuoted && sign === "/" && bytes[index + 1] === "/") isComment = true;
    else if (!isQuoted && sign === ";") commands.push("");
    else commands[commands.length - 1] += sign;
  }
  return commands.map(sourceArguments);
}

function sourceArguments(command: string): string[] {
  const found: string[] = [];
  let rest = command;
  while (true) {
    rest = rest.replace(/^[^!-\xff]+/, "");
    if (rest === "" || rest.startsWith("//")) return found;
    const quoted = /^"([^"]*)"?/.exec(rest);
    const [whole = "", inner] = quoted ?? /^[{}()':]/.exec(rest) ??
      /^[^](?:(?![{}()':"])[!-~])*/.exec(rest) ?? [];
    found.push(inner ?? whole);
    rest = rest.slice(whole.length);
  }
}

/** Arguments as Minecraft reads them: words, or texts in quotes in which a backslash takes the next sign. */
function minecraftWords(line: string): string[] {
  return line.match(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^ ]+/gs) ?? [];
}

const signs = [
  ..."\"'`;/\\\n\r\0\t @#$%^&*!~.,:(){}[]<>|=+-_§aZ9ñ🌹",
  ...[
    "//",
    "\u2028",
    "\u2029",
    "\u0085",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\u202e",
    "\ud800",
    "\u037e",
    "\uff1b",
  ],
  ...[
    "\uff02",
    "“",
    "”",
    "‘",
    "’",
    "\u02ba",
    "\u2033",
    "\uff0f",
    "\u2215",
    "\u2044",
    "½",
    "\uff20",
    "\ufe6b",
    "\u0000",
  ],
  ...[
    '"; quit; "',
    "\nquit\n",
    "@e[type=!player]",
    "rcon_password x",
    "wait",
    "}}]}",
    '\\"',
    "{user}",
    "{{comment}}",
  ],
];
const hostileText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...signs), maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 60 }),
);

function fill(template: Command, nickname: string, comment: string): string {
  const user = { id: "42", uniqueId: "ana", nickname, avatarUrl: "", roles: [] };
  return template.fill(makeEvent({ user, data: { comment, language: "en", emotes: [] } }), { count: 3 });
}

function check(holds: (nickname: string, comment: string) => void): void {
  fc.assert(fc.property(hostileText, hostileText, holds), { numRuns: 3000 });
}

Deno.test("The console of the test takes lines apart as Source's does", () => {
  const parsed = sourceConsole('say "a; b" c;quit // rest; x\nkick x:y it\'s "" end');
  assert.deepEqual(parsed, [["say", "a; b", "c"], ["quit"], [
    "kick",
    "x",
    ":",
    "y",
    "it",
    "'",
    "s",
    "",
    "end",
  ]]);
  assert.equal(sourceArguments("slap \xc3\xb1a").length, 3);
});

Deno.test("In a Source game a command keeps its arguments, whatever viewers write", () => {
  const templates: [string, number][] = [
    ["ulx slap {user} {count}", 4],
    ['ulx tsay "{user}: {comment}" {comment} end', 5],
    ['give "{comment}" x{user}y{comment} "{user}"', 4],
    ["  kick {comment}  {user} ", 3],
  ];
  for (const [text, count] of templates) {
    const template = Command.parse(text, "source", undefined);
    check((nickname, comment) => {
      const line = fill(template, nickname, comment);
      const commands = sourceConsole(line);
      assert.equal(commands.length, 1, line);
      assert.equal(commands[0]?.length, count, line);
      assert.equal(commands[0]?.[0], text.trim().split(" ")[0]);
      assert(new TextEncoder().encode(line).length <= 510);
    });
  }
});

Deno.test("In a Source game a text to say stays one command up to its end, whatever viewers write", () => {
  const template = Command.parse(
    "say {user}: {comment}/{comment}, the end",
    "source",
    undefined,
  );
  check((nickname, comment) => {
    const line = fill(template, nickname, comment);
    const [words, ...others] = sourceConsole(line);
    assert.deepEqual(others, [], line);
    assert.equal(words?.[0], "say");
    assert.deepEqual(words?.slice(-2), ["the", "end"], line);
    assert.doesNotMatch(line, /["%\\;]/);
  });
});

Deno.test("In Minecraft a command keeps its words and its JSON, whatever viewers write", () => {
  const json = Command.parse(
    'tellraw @a [{"text":"{user}: "},{"text":"{comment}","color":"red"}]',
    "minecraft",
    undefined,
  );
  const words = Command.parse('give {user} diamond {count} "{comment}" {comment}', "minecraft", undefined);
  const nested = Command.parse(
    `data merge block 1 2 3 {a:'{"text":"{comment}"}',b:{comment}}`,
    "minecraft",
    undefined,
  );
  check((nickname, comment) => {
    const line = fill(json, nickname, comment);
    const parsed = JSON.parse(line.slice("tellraw @a ".length));
    assert.deepEqual(parsed.map((part: object) => Object.keys(part)), [["text"], ["text", "color"]]);
    assert.doesNotMatch(line.slice("tellraw @a".length), /[@§\p{Cc}]/u);
    assert.equal(minecraftWords(fill(words, nickname, comment)).length, 6);
    assert.match(
      fill(nested, nickname, comment),
      /^data merge block 1 2 3 \{a:'\{"text":"[^"'\\]*"\}',b:[\w.+-]+\}$/,
    );
  });
});

Deno.test("A plain game gets nothing but letters, digits and harmless signs, whatever viewers write", () => {
  const template = Command.parse("chat {user} {comment}", "plain", undefined);
  check((nickname, comment) => {
    assert.match(
      fill(template, nickname, comment),
      /^chat [\p{L}\p{M}\p{N}\p{Extended_Pictographic} _.,!?’-]*$/u,
    );
  });
});

Deno.test("No text of a viewer's begins as a chat command, a selector or a target of many", () => {
  for (const game of ["source", "minecraft", "plain"] as const) {
    const template = Command.parse("say {comment}", game, undefined);
    check((nickname, comment) => {
      assert.doesNotMatch(fill(template, nickname, comment), /[\s,][!/@#$^*.~&-]/, JSON.stringify(comment));
    });
  }
});
