import assert from "node:assert/strict";
import { join } from "node:path";
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

/** Writes each text as a batch of its own. */
async function writeEach(path: string, texts: string[], bounds: { maxBytes: number; maxFiles: number }) {
  for (const text of texts) {
    const sink = new FileSink({ path, level: "info", clock: new FakeClock(), ...bounds });
    sink.start();
    sink.write(entry(text));
    await sink.stop();
  }
}

Deno.test("A log file that is full is put aside, and the oldest beyond the bound is dropped", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "livecue.log");
    await writeEach(path, ["a", "b", "c", "d", "e"], { maxBytes: 40, maxFiles: 3 });
    const kept = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
    assert.deepEqual(kept, ["livecue.log", "livecue.log.1", "livecue.log.2"]);
    const texts = kept.map((name) => Deno.readTextFileSync(join(folder, name)).trim().at(-1));
    assert.deepEqual(texts, ["e", "d", "c"]);
  });
});

Deno.test("A log file goes on where the last run ended", async () => {
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
