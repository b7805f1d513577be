/** The screen's terminal when it reads late or never, or no longer exists, with a fake stream and no system timers. */
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { QuietTerminal } from "../../src/commands/quiet_terminal.ts";
import { FakeClock } from "../support/fake_clock.ts";

class Reader {
  text = "";
  error: Error | null = null;
  readonly #waiting: (() => void)[] = [];

  async write(bytes: Uint8Array): Promise<number> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.error !== null) throw this.error;
    return this.writeSync(bytes);
  }

  writeSync(bytes: Uint8Array): number {
    this.text += new TextDecoder().decode(bytes);
    return bytes.length;
  }

  /** Reads everything. */
  async read(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) {
      await nextTurn();
      this.#waiting.shift()?.();
    }
  }
}

function makeTerminal() {
  const [clock, stream, modes, told] = [new FakeClock(), new Reader(), [] as boolean[], [] as string[]];
  const stdin = { isTTY: true, setRawMode: (isRaw: boolean) => modes.push(isRaw) };
  const stdout = {
    isTTY: true,
    columns: 80,
    rows: 24,
    write: () => assert.fail("It was written in this thread."),
  };
  const terminal = new QuietTerminal({
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: { ...stdout } as unknown as NodeJS.WriteStream,
    stream,
    clock,
    onTorn: () => told.push("torn"),
    onGone: () => told.push("gone"),
  });
  return { terminal, clock, stream, modes, told };
}

Deno.test("Frames that a terminal does not read are dropped beyond a limit, and the screen is redrawn when it reads", async () => {
  const { terminal, stream, told } = makeTerminal();
  for (let frame = 0; frame < 1_000; frame++) terminal.stdout.write(`frame ${frame} `.padEnd(1_000, "."));
  await stream.read();
  assert.deepEqual(told, ["torn"]);
  assert.ok(stream.text.length < 100_000, `${stream.text.length} characters waited`);
  assert.ok(stream.text.endsWith("\x1b[?2026l"), "No frame is left open.");
  assert.equal(terminal.stdout.columns, 80);
});

Deno.test("The terminal's mode is changed between two writes, and not at all if the terminal does not read", async () => {
  const { terminal, clock, stream, modes } = makeTerminal();
  terminal.stdin.setRawMode(true);
  assert.deepEqual(modes, [true]);
  terminal.stdout.write("a frame");
  await nextTurn();
  clock.advance(1);
  terminal.stdin.setRawMode(false);
  assert.deepEqual(modes, [true], "It would wait for the write in this thread.");
  await stream.read();
  assert.deepEqual(modes, [true, false]);

  terminal.stdout.write("one that nobody reads");
  await nextTurn();
  clock.advance(1);
  terminal.stdin.setRawMode(true);
  const flushed = terminal.flush();
  for (let slice = 0; slice < 4; slice++) {
    clock.advance(1_000);
    await nextTurn();
  }
  await flushed;
  assert.deepEqual(modes, [true, false]);
});

Deno.test("When the process exits, waiting output is written at once, but not to a terminal that does not read", async () => {
  const ended = makeTerminal();
  ended.terminal.stdout.write("leaves the screen");
  ended.terminal.writeAtOnce();
  ended.terminal.stdout.write(", and shows the cursor");
  assert.equal(ended.stream.text, "leaves the screen, and shows the cursor");

  const { terminal, clock, stream } = makeTerminal();
  terminal.stdout.write("a frame");
  await nextTurn();
  clock.advance(1_000);
  terminal.stdout.write("leaves the screen");
  terminal.writeAtOnce();
  assert.equal(stream.text, "");
});

Deno.test("A terminal that no longer exists is reported", async () => {
  const { terminal, stream, told } = makeTerminal();
  stream.error = new Error("Input/output error (os error 5)");
  terminal.stdout.write("a frame");
  await stream.read();
  assert.deepEqual(told, ["gone"]);
});
