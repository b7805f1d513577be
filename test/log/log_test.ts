import assert from "node:assert/strict";
import { cleanText } from "../../src/clean_text.ts";
import { ConsoleSink, hasColor } from "../../src/log/console_sink.ts";
import { createLog, type LogEntry, type LogSink } from "../../src/log/log.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Keeps what is written to it. */
class Pages {
  text = "";
  writeSync(bytes: Uint8Array): number {
    // A slow pipe takes a part of what it is given.
    const taken = bytes.subarray(0, 7);
    this.text += new TextDecoder().decode(taken);
    return taken.length;
  }
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

Deno.test("A sink gets only warnings and errors of those that it keeps quiet, and all of the others", () => {
  const seen: string[] = [];
  const quiet = new Set(["live"]);
  const log = logTo([{ level: "info", quiet, write: ({ text }) => seen.push(text), start() {}, stop() {} }]);
  log.named("live").info("a comment");
  log.named("live").warn("a warning of the live");
  log.named("store").info("a word of the store");
  assert.deepEqual(seen, ["a warning of the live", "a word of the store"]);
});

Deno.test("What no sink takes costs no cleaning", () => {
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

Deno.test("The console sink writes whole lines in order, warnings and errors to standard error", () => {
  const stdout = new Pages();
  const stderr = new Pages();
  const sink = new ConsoleSink({ level: "info", isColored: false, stdout, stderr });
  const log = logTo([sink]);
  log.info("🎁 ana sent Rose ×5");
  log.named("greeter").info("hello");
  log.warn("careful");
  sink.stop();
  const lines = stdout.text.split("\n").map((line) => line.slice("00:00:00 ".length));
  assert.deepEqual(lines, ["🎁 ana sent Rose ×5", "[greeter] hello", ""]);
  assert.match(stderr.text, /^\d\d:\d\d:\d\d warning: careful\n$/);
});

Deno.test("Without color there is no escape sequence, with it every one is closed", () => {
  for (const isColored of [false, true]) {
    const stderr = new Pages();
    const sink = new ConsoleSink({ level: "info", isColored, stdout: new Pages(), stderr });
    logTo([sink]).error("broken");
    const line = stderr.text;
    assert.equal(line.startsWith("\x1b[31m") && line.endsWith("broken\x1b[0m\n"), isColored);
    assert.equal(stderr.text.includes("\x1b"), isColored);
  }
});

Deno.test("Color is for terminals, and NO_COLOR switches it off", () => {
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
  Deno.test(`${trouble} does not end the program, and warnings are still heard`, () => {
    const stdout = {
      writeSync(): number {
        throw failure;
      },
    };
    const stderr = new Pages();
    const sink = new ConsoleSink({ level: "info", isColored: false, stdout, stderr });
    const log = logTo([sink]);
    log.info("one");
    sink.stop();
    log.info("two");
    log.warn("three");
    sink.stop();
    assert.match(stderr.text, /three/);
  });
}

Deno.test("A stream that refuses when it is full gets every line, once there is room", () => {
  let refusals = 3;
  const stdout = new Pages();
  const narrow = {
    writeSync(bytes: Uint8Array): number {
      if (refusals-- > 0) throw new Deno.errors.WouldBlock("full");
      refusals = 1;
      return stdout.writeSync(bytes.subarray(0, 10));
    },
  };
  const sink = new ConsoleSink({ level: "info", isColored: false, stdout: narrow, stderr: new Pages() });
  const log = logTo([sink]);
  log.info("one line of some length");
  log.info("and another");
  sink.stop();
  assert.match(stdout.text, /one line of some length\n.* and another\n$/);
});
