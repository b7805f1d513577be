import assert from "node:assert/strict";
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { mistakeLine } from "../../src/commands/commander_words.ts";
import { english, speak } from "../../src/language.ts";

/** The mistake of a command line, as Livecue prints it. */
function mistakeOf(...args: string[]): string {
  let line = "";
  const program = new Command("livecue").exitOverride()
    .configureOutput({ outputError: (text) => line = mistakeLine(text) });
  const report = program.command("report").argument("<session>", "", (text) => {
    if (text === "x") throw new InvalidArgumentError("Use a number.");
    return text;
  });
  report.option("--limit <n>", "").addOption(new Option("--json").conflicts("csv")).option("--csv");
  report.addOption(new Option("--names <choice>").choices(["on", "off"])).action(() => {});
  program.command("completions").addArgument(new Argument("<shell>").choices(["bash", "zsh"])).action(
    () => {},
  );
  program.command("check").action(() => {});
  assert.throws(() => program.parse(args, { from: "user" }), CommanderError);
  return line;
}

const mistakes: [args: string[], inEnglish: string, inSpanish: string][] = [
  [["reprot"], "error: unknown command 'reprot' (Did you mean report?)", "¡comando reprot! (¡report?!)"],
  [
    ["report", "1", "--limt"],
    "error: unknown option '--limt' (Did you mean --limit?)",
    "¡opción --limt! (¡--limit?!)",
  ],
  [["report"], "error: missing required argument 'session'", "¡falta session!"],
  [["report", "1", "--limit"], "error: option '--limit <n>' argument missing", "¡falta valor --limit <n>!"],
  [
    ["report", "1", "--json", "--csv"],
    "error: option '--json' cannot be used with option '--csv'",
    "¡--json o --csv!",
  ],
  [
    ["report", "1", "--names", "no"],
    "error: option '--names <choice>' argument 'no' is invalid. Allowed choices are on, off.",
    "¡--names <choice>: no! ¡elige on, off!",
  ],
  [
    ["report", "x"],
    "error: command-argument value 'x' is invalid for argument 'session'. Use a number.",
    "¡session: x! Use a number.",
  ],
  [
    ["completions", "cmd"],
    "error: command-argument value 'cmd' is invalid for argument 'shell'. Allowed choices are bash, zsh.",
    "¡shell: cmd! ¡elige bash, zsh!",
  ],
  [
    ["report", "1", "2", "3"],
    "error: too many arguments for 'report'. Expected 1 argument but got 3: 1, 2, 3.",
    "¡report: 1 arg, no 3: 1, 2, 3!",
  ],
  [
    ["check", "now"],
    "error: too many arguments for 'check'. Expected 0 arguments but got 1: now.",
    "¡check: 0 args, no 1: now!",
  ],
];

const catalogue = {
  "Did you mean {0}?": "¡{0}?!",
  "error: unknown command '{0}'": "¡comando {0}!",
  "error: unknown option '{0}'": "¡opción {0}!",
  "error: missing required argument '{0}'": "¡falta {0}!",
  "error: option '{0}' argument missing": "¡falta valor {0}!",
  "error: option '{0}' cannot be used with option '{1}'": "¡{0} o {1}!",
  "error: option '{0}' argument '{1}' is invalid.": "¡{0}: {1}!",
  "error: command-argument value '{0}' is invalid for argument '{1}'.": "¡{1}: {0}!",
  "Allowed choices are {0}.": "¡elige {0}!",
  "error: too many arguments for '{0}'. Expected {1} but got {2}: {3}.": "¡{0}: {1}, no {2}: {3}!",
  "{0} arguments": { one: "{0} arg", other: "{0} args" },
};

Deno.test("Commander's mistakes are on one line, in the spoken language", () => {
  for (const [args, inEnglish, inSpanish] of mistakes) {
    assert.equal(mistakeOf(...args), inEnglish);
    speak({ tag: "es", catalogue });
    try {
      assert.equal(mistakeOf(...args), inSpanish);
    } finally {
      speak(english);
    }
  }
});
