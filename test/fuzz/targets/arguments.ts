import assert from "node:assert/strict";
import fc from "fast-check";
import { commandNames } from "../../../src/config/hidden_commands.ts";
import { folder, makeDatabase, prepare, show } from "../command_line.ts";
import { hostileText } from "../inputs.ts";
import type { Target } from "../target.ts";

/** These would run a live: they find a folder where their database should be, and go no further. */
const running = ["start", "capture", "work", "demo"];
const template = await makeDatabase();

const options = [
  ...[
    "--config",
    "--database",
    "--verbose",
    "--help",
    "--version",
    "--limit",
    "--before",
    "--json",
    "--session",
  ],
  ...[
    "--type",
    "--text",
    "--status",
    "--service",
    "--failed",
    "--discarded",
    "--yes",
    "--username",
    "--source",
  ],
  ...[
    "--once",
    "--speed",
    "--exact-gaps",
    "--rate",
    "--seed",
    "--for",
    "--record",
    "--batch-size",
    "--plain",
  ],
  ...[
    "--session-name",
    "--drain",
    "--discard-pending",
    "--nope",
    "-h",
    "--",
    "-",
    "--limit=",
    "--json=yes",
    "--no-json",
  ],
];
const values = [
  ...[
    "1",
    "0",
    "-1",
    "1.5",
    "1e309",
    "9007199254740993",
    "0x10",
    "NaN",
    "",
    " ",
    "٣",
    "GiftEvent",
    "gift",
    "pending",
  ],
  ...[
    "dino",
    "overlays",
    "demo",
    "replay:",
    "replay:none.jsonl",
    "replay:.",
    "tiktok",
    "config.jsonc",
    "livecue.db",
  ],
  ...[
    ".",
    "..",
    "/",
    "/dev/null",
    "none/none.db",
    ":memory:",
    "max",
    "@ana",
    "__proto__",
    "constructor",
    "completed",
  ],
];
const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...options) },
  { weight: 4, arbitrary: fc.constantFrom(...values) },
  // A system hands over no text with a zero in it.
  { weight: 2, arbitrary: hostileText.map((text) => text.replaceAll("\0", "").toWellFormed()) },
);

interface Input {
  command: string;
  words: string[];
}

export const target: Target<Input> = {
  holds: "whatever stands on the command line, it is done, or a sentence says why not",
  inputs: fc.record({
    command: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...commandNames) }, word),
    words: fc.array(word, { maxLength: 7 }),
  }, { noNullPrototype: true }),
  async check({ command, words }) {
    prepare(template);
    Deno.chdir(folder);
    const runs = running.includes(command) || words.some((word) => running.includes(word));
    const args = runs
      ? [command, "--database", folder, ...words.filter((word) => !/^--d/.test(word))]
      : [command, ...words];
    const { code, output } = await show(args);
    assert.doesNotMatch(output, /\n\s+at .*:\d+:\d+/, "shows a stack");
    if (code !== null) assert.ok(code === 0 || output !== "", "it fails without a word");
  },
};
