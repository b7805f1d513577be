import assert from "node:assert/strict";
import type { Key } from "ink";
import { characterName, keyName } from "../../../src/faces/tui/key_name.ts";
import { loadApp } from "../../../src/faces/tui/screen.ts";
import { ScreenModel } from "../../../src/faces/tui/screen_model.ts";
import type { Message } from "../../../src/faces/tui/state.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeControl } from "../../support/fake_control.ts";
import { FakeTerminal, screenTest } from "../../support/fake_terminal.ts";

const { openApp } = await loadApp();

/** What the model receives while a terminal sends these texts, up to a final "z". */
async function read(...texts: string[]): Promise<string[]> {
  const terminal = new FakeTerminal();
  const told: string[] = [];
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const model = new ScreenModel({
    control: new FakeControl(),
    clock: new FakeClock(),
    isColored: false,
    editConfig: () => Promise.reject(new Error("Nobody edits here.")),
  });
  Object.assign(model, {
    press(input: string, key: Key) {
      if (input === "z") return resolve();
      const name = keyName(input, key);
      told.push(...name === input ? [...input].map(characterName) : [name]);
    },
    pressKey: (name: string) => told.push(name),
    send(message: Message) {
      if (message.kind === "typed") told.push(`pasted ${message.text}`);
      if (message.kind === "mouse") {
        const { kind, column, row } = message.event;
        told.push(`${kind} ${column},${row}`);
      }
    },
  });
  const ink = openApp({ model, draw: () => [] }, terminal.streams);
  for (const text of [...texts, "z"]) {
    terminal.type(text);
    // As much later as a separate key press would be.
    await ink.waitUntilRenderFlush();
  }
  await end;
  ink.unmount();
  await ink.waitUntilExit();
  return told;
}

/** What xterm, tmux, rxvt, the Linux console and PuTTY send. */
const sequences: [name: string, texts: string[]][] = [
  ["up", ["\x1b[A", "\x1bOA", "\x1b[1;5A"]],
  ["down", ["\x1b[B", "\x1bOB"]],
  ["right", ["\x1b[C", "\x1bOC"]],
  ["left", ["\x1b[D", "\x1bOD"]],
  ["home", ["\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~"]],
  ["end", ["\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~"]],
  ["pageup", ["\x1b[5~", "\x1b[5;5~"]],
  ["pagedown", ["\x1b[6~", "\x1b[6^"]],
  ["delete", ["\x1b[3~"]],
  ["shift-tab", ["\x1b[Z"]],
  ["tab", ["\t"]],
  ["enter", ["\r", "\n", "\x1b\r"]],
  ["backspace", ["\x7f", "\b", "\x1b\x7f"]],
  ["space", [" "]],
  ["ctrl-c", ["\x03"]],
  ["ctrl-l", ["\f"]],
  ["f1", ["\x1bOP", "\x1b[11~", "\x1b[[A"]],
  ["f4", ["\x1bOS", "\x1b[14~", "\x1b[[D"]],
  ["f5", ["\x1b[15~", "\x1b[[E"]],
  ["f12", ["\x1b[24~"]],
  ["insert", ["\x1b[2~"]],
  ["é", ["é"]],
  ["🎁", ["🎁"]],
];

for (const [name, texts] of sequences) {
  screenTest(`${JSON.stringify(name)} is read off what each kind of terminal sends for it`, async () => {
    for (const text of texts) assert.deepEqual(await read(text), [name], JSON.stringify(text));
  });
}

screenTest(
  "A key without a name types nothing: Ctrl with a function key, Alt with a letter, a terminal's answer",
  async () => {
    for (const text of ["\x1b[1;5P", "\x1b[15;5~", "\x1b[25~", "\x1bp", "\x1b[?1;2c"]) {
      assert.deepEqual((await read(text)).filter((name) => name !== ""), [], JSON.stringify(text));
    }
  },
);

screenTest("What is pasted is text, whatever keys stand in it, and in whatever pieces it comes", async () => {
  assert.deepEqual(await read("a", "\x1b[200~q\x03\x1b[A\r\x1b[201~", "b"), [
    "a",
    "pasted q\x03\x1b[A\r",
    "b",
  ]);
  assert.deepEqual(await read("\x1b[200~a\x1b[15~\x1b[201~", "\x1b[15~"), ["pasted a\x1b[15~", "f5"]);
  assert.deepEqual(await read("\x1b[20", "0~q\x03\x1b[", "A\r\x1b[2", "01~"), ["pasted q\x03\x1b[A\r"]);
});

screenTest("A sequence that comes in pieces is one key", async () => {
  assert.deepEqual(await read("\x1b", "[A"), ["up"]);
  assert.deepEqual(await read("\x1b[", "5~"), ["pageup"]);
  assert.deepEqual(await read("a", "\x1b[1", "5~", "b", "\x1bO", "P"), ["a", "f5", "b", "f1"]);
});

screenTest("The mouse is no key, in whatever pieces its sequences come, and however slowly", async () => {
  assert.deepEqual(await read("a\x1b[<0;5;8Mb\x1b[<0;5;8mc"), ["a", "press 4,7", "b", "c"]);
  assert.deepEqual(await read("\x1b[<64;120;40M", "\x1b[<65;1;1M"), ["scroll_up 119,39", "scroll_down 0,0"]);
  // Other buttons, and moves.
  assert.deepEqual(await read("\x1b[<2;5;8M\x1b[<35;5;8M\x1b[<32;5;9M"), []);
  for (const at of Array.from("\x1b[<0;12;34M", (_, index) => index).slice(1)) {
    const sequence = "\x1b[<0;12;34M";
    assert.deepEqual(
      await read(sequence.slice(0, at), sequence.slice(at), "x"),
      ["press 11,33", "x"],
      `${at}`,
    );
  }
  assert.deepEqual(await read(..."\x1b[<0;12;34M", "x"), ["press 11,33", "x"]);
});

screenTest("A terminal without SGR types nothing with the mouse", async () => {
  assert.deepEqual(await read("\x1b[M !!", "a", "\x1b[M", "#qq", "b"), ["a", "b"]);
});

screenTest("Within a paste, the mouse's sequence is text", async () => {
  assert.deepEqual(await read("\x1b[200~\x1b[<0;5;8M\x1b[201~"), ["pasted \x1b[<0;5;8M"]);
});
