import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { cleanText } from "../../src/clean_text.ts";
import { ConsoleSink, type ConsoleSinkOptions, hasColor } from "../../src/log/console_sink.ts";
import { createLog, type LogEntry, type LogSink } from "../../src/log/log.ts";
import type { ByteStream } from "../../src/log/outlet.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Records what is written to it. */
class Pages {
  text = "";
  readonly #decoder = new TextDecoder();

  write(bytes: Uint8Array): Promise<number> {
    // A slow pipe accepts only part of a write.
    const taken = bytes.subarray(0, 7);
    this.text += this.#decoder.decode(taken, { stream: true });
    return Promise.resolve(taken.length);
  }
}

function consoleSink(
  stdout: ByteStream,
  stderr: ByteStream,
  more: Partial<ConsoleSinkOptions> = {},
): ConsoleSink {
  const clock = new FakeClock();
  return new ConsoleSink({ level: "info", clock, isColored: false, stdout, stderr, areOne: false, ...more });
}

function logTo(sinks: LogSink[]) {
  return createLog({ clock: new FakeClock(), sinks, clean: (line) => cleanText(line, 100) });
}

Deno.test("A log line never carries a control character, an escape sequence or a bidi override", () => {
  const entries: LogEntry[] = [];
  const log = logTo([{ level: "debug", write: (entry) => entries.push(entry), start() {}, stop() {} }]);
  log.named("greeter").info("\x1b[31mred\x07 \u202Egnirts\u202C\r\nsecond \x9b2Jline");
  assert.equal(entries[0]?.text, "red gnirts\n    second line");
  assert.equal(entries[0]?.from, "greeter");
});

Deno.test("A sink gets the levels from its own upward", () => {
  const seen: string[] = [];
  const log = logTo([{ level: "warn", write: ({ level }) => seen.push(level), start() {}, stop() {} }]);
  log.debug("a");
  log.info("b");
  log.warn("c");
  log.error("d");
  assert.deepEqual(seen, ["warn", "error"]);
});

Deno.test("A sink gets only warnings and errors from quiet parts, and everything from others", () => {
  const seen: string[] = [];
  const quiet = new Set(["live"]);
  const log = logTo([{ level: "info", quiet, write: ({ text }) => seen.push(text), start() {}, stop() {} }]);
  log.named("live").info("a comment");
  log.named("live").warn("a warning of the live");
  log.named("store").info("a word of the store");
  assert.deepEqual(seen, ["a warning of the live", "a word of the store"]);
});

Deno.test("An entry that no sink accepts is not cleaned", () => {
  const cleaned: string[] = [];
  const clean = (line: string) => {
    cleaned.push(line);
    return line;
  };
  const sinks: LogSink[] = [{ level: "warn", write() {}, start() {}, stop() {} }];
  const log = createLog({ clock: new FakeClock(), sinks, clean });
  log.debug("processed");
  log.warn("careful");
  assert.deepEqual(cleaned, ["careful"]);
});

Deno.test("The console sink writes whole lines in order, warnings and errors to standard error", async () => {
  const stdout = new Pages();
  const stderr = new Pages();
  const sink = consoleSink(stdout, stderr);
  const log = logTo([sink]);
  log.info("🎁 ana sent Rose ×5");
  log.named("greeter").info("hello");
  log.warn("careful");
  await sink.stop();
  const lines = stdout.text.split("\n").map((line) => line.slice("00:00:00 ".length));
  assert.deepEqual(lines, ["🎁 ana sent Rose ×5", "[greeter] hello", ""]);
  assert.match(stderr.text, /^\d\d:\d\d:\d\d warning: careful\n$/);
});

Deno.test("Without color there is no escape sequence, with it every one is closed", async () => {
  for (const isColored of [false, true]) {
    const stderr = new Pages();
    const sink = consoleSink(new Pages(), stderr, { isColored });
    logTo([sink]).error("broken");
    await sink.stop();
    const line = stderr.text;
    assert.equal(line.startsWith("\x1b[31m") && line.endsWith("broken\x1b[0m\n"), isColored);
    assert.equal(stderr.text.includes("\x1b"), isColored);
  }
});

Deno.test("Color is only for terminals, and NO_COLOR switches it off", () => {
  assert.equal(hasColor({ isTerminal: true, noColor: undefined }), true);
  assert.equal(hasColor({ isTerminal: true, noColor: "" }), true);
  assert.equal(hasColor({ isTerminal: true, noColor: "1" }), false);
  assert.equal(hasColor({ isTerminal: false, noColor: undefined }), false);
});

for (
  const [trouble, failure] of [
    ["A reader that has gone away", new Deno.errors.BrokenPipe("gone")],
    ["A terminal that was closed", new Error("Input/output error (os error 5)")],
    ["A full disk", new Error("No space left on device (os error 28)")],
  ] as const
) {
  Deno.test(`${trouble} does not end the program, and warnings still arrive`, async () => {
    const stderr = new Pages();
    const sink = consoleSink({ write: () => Promise.reject(failure) }, stderr);
    const log = logTo([sink]);
    log.info("one");
    await nextTurn();
    log.info("two");
    log.warn("three");
    await sink.stop();
    assert.match(stderr.text, /three/);
  });
}

Deno.test("The first trouble of a name leads to the page that helps, once", () => {
  const said: string[] = [];
  const write = ({ level, from, text }: LogEntry) => said.push(`${level} ${from}: ${text}`);
  const log = logTo([{ level: "info", write, start() {}, stop() {} }]);
  log.named("obs", "docs/services/obs.md").info("connected");
  for (const trouble of ["the connection was lost", "OBS refuses the password"]) {
    log.named("obs").warn(trouble);
  }
  log.error("a bug");
  log.named("greeter").error("no name");
  assert.deepEqual(said, [
    "info obs: connected",
    "warn obs: the connection was lost",
    "warn obs: See docs/services/obs.md.",
    "warn obs: OBS refuses the password",
    "error livecue: a bug",
    "error greeter: no name",
  ]);
});
