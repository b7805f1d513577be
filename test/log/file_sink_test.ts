import assert from "node:assert/strict";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { FileSink } from "../../src/log/file_sink.ts";
import type { LogEntry } from "../../src/log/log.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { UserError } from "../../src/user_error.ts";

function entry(text: string): LogEntry {
  return { at: 1_700_000_000_000, level: "info", from: "livecue", text };
}

async function inFolder(run: (folder: string) => void | Promise<void>) {
  const folder = await Deno.makeTempDir({ prefix: "livecue_log_" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes each text as a separate batch. */
async function writeEach(path: string, texts: string[], bounds: { maxBytes: number; maxFiles: number }) {
  for (const text of texts) {
    const sink = new FileSink({ path, level: "info", clock: new FakeClock(), ...bounds });
    sink.start();
    sink.write(entry(text));
    await sink.stop();
  }
}

Deno.test("A full log file is rotated, and the oldest file beyond the limit is deleted", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "livecue.log");
    await writeEach(path, ["a", "b", "c", "d", "e"], { maxBytes: 40, maxFiles: 3 });
    const kept = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
    assert.deepEqual(kept, ["livecue.log", "livecue.log.1", "livecue.log.2"]);
    const texts = kept.map((name) => Deno.readTextFileSync(join(folder, name)).trim().at(-1));
    assert.deepEqual(texts, ["e", "d", "c"]);
  });
});

Deno.test("A log file continues where the last run ended", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "livecue.log");
    await writeEach(path, ["first", "second"], { maxBytes: 10_000, maxFiles: 3 });
    const lines = Deno.readTextFileSync(path).trim().split("\n");
    assert.match(lines[0] as string, /^2023-11-14T22:13:20.000Z info {2}\[livecue\] first$/);
    assert.equal(lines.length, 2);
  });
});

Deno.test("A log file that cannot be opened is one clear sentence", async () => {
  await inFolder((folder) => {
    const path = join(folder, "missing", "livecue.log");
    assert.throws(
      () => new FileSink({ path, level: "info", clock: new FakeClock() }).start(),
      (error: unknown) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, /livecue\.log cannot be written .*"log_file"/);
        return true;
      },
    );
  });
});

/** A sink with its own clock, and its reports. */
function openSink(path: string): { sink: FileSink; clock: FakeClock; told: string[] } {
  const clock = new FakeClock();
  const told: string[] = [];
  const sink = new FileSink({
    path,
    level: "info",
    clock,
    tell: (level, text) => told.push(`${level}: ${text}`),
  });
  sink.start();
  return { sink, clock, told };
}

/** Lets time pass and the disk work until the condition is true. */
async function until(clock: FakeClock, isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await nextTurn();
    clock.advance(1);
  }
}

function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

Deno.test("A lost log folder stops nothing, is reported once, and has every line when it is back", async () => {
  await inFolder(async (folder) => {
    const [logs, path] = [join(folder, "logs"), join(folder, "logs", "livecue.log")];
    Deno.mkdirSync(logs);
    const { sink, clock, told } = openSink(path);
    sink.write(entry("before"));
    await until(clock, () => textOf(path).includes("before"));
    Deno.renameSync(logs, join(folder, "gone"));
    clock.advance(2_000);
    for (const text of ["one", "two", "three"]) {
      sink.write(entry(text));
      await nextTurn();
    }
    await until(clock, () => told.length > 0);
    clock.advance(5_000);
    Deno.mkdirSync(logs);
    await until(clock, () => textOf(path).includes("three"));
    await sink.stop();
    assert.deepEqual(textOf(path).match(/\w+$/gm), ["one", "two", "three"]);
    assert.equal(told.length, 2);
    assert.match(
      told[0]!,
      /^warn: The log file .* cannot be written .*The live goes on, and Livecue tries the file again\./,
    );
    assert.match(told[1]!, /^info: The log file .* can be written again\./);
  });
});

for (
  const [what, take] of Object.entries({
    "deleted": (path: string) => Deno.removeSync(path),
    "moved aside, as by a program that rotates logs,": (path: string) => Deno.renameSync(path, `${path}.old`),
  })
) {
  Deno.test(`A log file that is ${what} is started again`, async () => {
    await inFolder(async (folder) => {
      const path = join(folder, "livecue.log");
      const { sink, clock, told } = openSink(path);
      sink.write(entry("before"));
      await until(clock, () => textOf(path).includes("before"));
      take(path);
      clock.advance(2_000);
      sink.write(entry("after"));
      await until(clock, () => textOf(path).includes("after"));
      await sink.stop();
      assert.deepEqual(told, []);
    });
  });
}

Deno.test({
  name: "A log file that is a pipe without a reader blocks nothing, and is reported",
  ignore: Deno.build.os === "windows",
  async fn() {
    await inFolder(async (folder) => {
      const path = join(folder, "pipe");
      await new Deno.Command("mkfifo", { args: [path] }).output();
      const { sink, clock, told } = openSink(path);
      sink.write(entry("nobody reads this"));
      await until(clock, () => told.length > 0);
      assert.match(told[0]!, /cannot be written \(it accepts no data, as if nothing reads it\)/);
      const stopped = sink.stop(1_000);
      let hasStopped = false;
      void stopped.then(() => hasStopped = true);
      await until(clock, () => hasStopped);
      // The write that waits for a reader ends with one; the reader meets the pipe's end once the writer has closed it.
      using reader = await Deno.open(path);
      while (await reader.read(new Uint8Array(1024)) !== null);
      for (let turn = 0; turn < 100; turn++) await nextTurn();
    });
  },
});
