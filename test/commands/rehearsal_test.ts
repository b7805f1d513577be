/** A demo and a replay never change the database of real lives. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { commentOf } from "../support/captured_events.ts";
import { livecue, query, startProgram, writeConfig } from "../support/livecue.ts";
import { writeRecording } from "../support/recording.ts";
import { withFolder } from "../support/temporary_store.ts";

async function filesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) if (/\.(db|sqlite)$/.test(name)) names.push(name);
  return names.sort();
}

Deno.test("A demo is stored in its own database, which the log names", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { database: "show.sqlite" });
    const { code, stdout } = await startProgram(folder, "demo", "--plain", "--for", "0.2", "--rate", "50")
      .ended;
    assert.equal(code, 0);
    assert.match(stdout, /The demo is stored in .*show\.demo\.sqlite, separate from your lives\./);
    assert.deepEqual(await filesIn(folder), ["show.demo.sqlite"]);
  });
});

Deno.test("A replay is stored in its own database, or in the one that --database names", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {});
    const source = await writeRecording(folder, [commentOf("one")]);
    const replay = ["start", "--plain", "--source", source, "--speed", "max"];
    const { stdout } = await startProgram(folder, ...replay).ended;
    assert.match(stdout, /The replay is stored in .*livecue\.replay\.db, separate from your lives\./);
    assert.deepEqual(await filesIn(folder), ["livecue.replay.db"]);
    await startProgram(folder, ...replay, "--database", join(folder, "livecue.db")).ended;
    assert.deepEqual(await filesIn(folder), ["livecue.db", "livecue.replay.db"]);
    assert.equal(query(folder, "SELECT id FROM live_event").length, 1);
    const { stdout: sessions } = await livecue(folder, "sessions", "--database", "livecue.replay.db");
    assert.match(sessions, /replay/);
  });
});

Deno.test("A recording of several lives causes a warning, because it is replayed as one", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {});
    const source = await writeRecording(folder, [commentOf("one")]);
    const run = (...sources: string[]) =>
      livecue(
        folder,
        "start",
        "--plain",
        ...sources,
        "--speed",
        "max",
        "--for",
        "0.2",
        "--record",
        "a.jsonl",
      );
    const { stderr } = await run("--source", source, "--source", "demo");
    assert.match(
      stderr,
      /writes the lives of replay:\S+ and demo into one file, .* record only one: --source /,
    );
    await Deno.remove(join(folder, "a.jsonl"));
    const alone = await run("--source", source);
    assert.doesNotMatch(alone.stdout + alone.stderr, /into one file/);
  });
});
