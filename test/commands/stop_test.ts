/** A stop of the whole program in any state: it ends in time, says what it cut off, and loses nothing. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { sleep, systemClock } from "../../src/clock.ts";
import { Gate } from "../support/gate.ts";
import { type Ended, livecue, query, type Running, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dummy = join(root, "services/dummy.ts");
const stepping = join(root, "test/support/stop_at_step.ts");
const comments = { CommentEvent: {} };

/** A stop takes at most 15 s, but a busy machine may need longer to start and to write. */
const longestMs = 30_000;

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const cancel = systemClock.after(longestMs, () => late.reject(new Error("It did not end in time.")));
  return await Promise.race([work, late.promise]).finally(cancel);
}

function lock(folder: string, how: "IMMEDIATE" | "EXCLUSIVE"): () => void {
  const database = new DatabaseSync(join(folder, "livecue.db"), { timeout: 5_000 });
  database.exec(`BEGIN ${how}`);
  return () => database.close();
}

function countOf(folder: string, from: string): number {
  return query<{ count: number }>(folder, `SELECT count(*) AS count FROM ${from}`)[0]?.count ?? -1;
}

/** Runs a made-up live, locks its database, and waits until Livecue notices. */
async function withLockedDatabase(
  how: "IMMEDIATE" | "EXCLUSIVE",
  stop: (running: Running) => Promise<Ended>,
): Promise<Ended> {
  let ended: Ended | null = null;
  await withFolder(async (folder) => {
    writeConfig(folder, { services: { dummy: { service_class: dummy, subscriptions: comments } } });
    const running = startLivecue(folder, "demo", "--rate", "100");
    await running.line(/ joined/);
    const unlock = lock(folder, how);
    await running.line(/locked by another program/);
    ended = await inTime(stop(running));
    unlock();
    const [sentence] = ended.stderr.match(/Data that could not be stored \(.*/) ?? assert.fail(ended.stderr);
    assert.ok(Deno.readTextFileSync(join(folder, "livecue.log")).includes(sentence));
    await holdsAll(folder, sentence);
  });
  return ended!;
}

/** After the next start, the database has the stored data and the data that the stop kept, and nothing else. */
async function holdsAll(folder: string, said: string): Promise<void> {
  const [, kept] =
    said.match(/Data that could not be stored \((\d+) events? and \d+ other changes?\) is kept in /) ??
      assert.fail(said);
  const before = countOf(folder, "live_event");
  const { code, stdout } = await livecue(folder, "work", "--drain");
  assert.equal(code, 0);
  assert.match(
    stdout,
    new RegExp(`Data that the last stop could not store \\(${kept} event.*is now stored\\.`),
  );
  assert.equal(countOf(folder, "live_event"), before + Number(kept));
  assert.equal(
    countOf(folder, "live_event"),
    query<{ id: number }>(folder, "SELECT max(id) AS id FROM live_event")[0]?.id,
  );
  assert.equal(countOf(folder, "event_queue WHERE status <> 'completed'"), 0);
  assert.equal(
    countOf(folder, "live_event WHERE event_type = 'CommentEvent'"),
    countOf(folder, "event_queue"),
  );
  assert.deepEqual({ ...query(folder, "PRAGMA integrity_check")[0] }, { integrity_check: "ok" });
}

Deno.test("A stop ends in time while another program locks the database, and keeps the data that it could not store", async () => {
  const { code, stdout, stderr } = await withLockedDatabase("EXCLUSIVE", (running) => {
    running.kill("SIGTERM");
    return running.ended;
  });
  assert.equal(code, 2);
  assert.match(stdout, /Waiting for the database: \d+ s left\./);
  assert.match(
    stderr,
    /^The database is locked by another program.* is kept in .*\. The next start stores it\.$/m,
  );
});

Deno.test("A second Ctrl-C while the database is locked stops at once with a sentence, and keeps the unstored data", async () => {
  const { code, stderr } = await withLockedDatabase("IMMEDIATE", async (running) => {
    running.kill("SIGINT");
    await running.line(/Waiting for the database/);
    running.kill("SIGINT");
    return await running.ended;
  });
  assert.equal(code, 130);
  assert.match(stderr, /Stopped at once \(second SIGINT\)\. .*is kept in /);
});

Deno.test("A stop ends in time when nobody reads the output, and nothing was blocked before", async () => {
  await withFolder(async (folder) => {
    await using gate = new Gate();
    gate.open();
    writeConfig(folder, { services: { counting: gate.service({ subscriptions: comments }) } });
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-prompt",
        "--no-check",
        "--quiet",
        "--config",
        join(root, "deno.json"),
        join(root, "main.ts"),
        "demo",
        "--rate",
        "1000",
        "--database",
        "livecue.db",
        "--plain",
      ],
      cwd: folder,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    // Far more than a pipe can hold.
    await inTime(gate.arrival(1_500));
    child.kill("SIGTERM");
    const { code } = await inTime(child.status);
    await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
    assert.equal(code, 0);
    const [session] = query<{ status: string }>(folder, "SELECT status FROM live_session");
    assert.equal(session?.status, "completed");
  });
});

Deno.test({
  name:
    "Where the main thread itself is held up a second Ctrl-C ends the program all the same, with a sentence",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(async (folder) => {
      const blocking = join(root, "test/support/block_on_signal.ts");
      const child = new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-A", "--no-prompt", "--no-check", "--quiet", "--preload", blocking],
          ...["--config", join(root, "deno.json"), join(root, "main.ts"), "demo", "--plain"],
        ],
        cwd: folder,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = ""; !/ joined/.test(text);) text += (await output.read()).value;
      child.kill("SIGUSR1");
      const said = new Response(child.stderr).text();
      const { code } = await inTime(interruptUntilEnded(child));
      await output.cancel();
      assert.equal(code, 137);
      assert.match(await said, /^The main thread did not answer, so Livecue was killed\./m);
    });
  },
});

/** Presses Ctrl-C repeatedly. */
async function interruptUntilEnded(child: Deno.ChildProcess): Promise<Deno.CommandStatus> {
  let hasEnded = false;
  const ended = child.status.finally(() => hasEnded = true);
  while (!hasEnded) {
    child.kill("SIGINT");
    await sleep(systemClock, 100);
  }
  return await ended;
}

/** Starts a made-up live, stops it after this step of its start, and returns how it stopped. */
async function stopAtStep(step: number): Promise<"during the start" | "in order" | "not told"> {
  let how: "during the start" | "in order" | "not told" = "not told";
  await withFolder(async (folder) => {
    writeConfig(folder, { services: { dummy: { service_class: dummy, subscriptions: comments } } });
    const { code, stdout, stderr } = await inTime(
      new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-A", "--no-prompt", "--no-check", "--quiet", "--preload", stepping],
          ...[
            "--config",
            join(root, "deno.json"),
            join(root, "main.ts"),
            "demo",
            "--rate",
            "100",
            "--for",
            "1",
          ],
          ...["--record", "live.jsonl", "--database", "livecue.db"],
        ],
        cwd: folder,
        stdin: "null",
        env: { STOP_AT_STEP: String(step), NO_COLOR: "1" },
      }).output(),
    );
    const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
    if (/Stopped \(SIGTERM\) during the start/.test(text)) how = "during the start";
    else if (/Stopping \(SIGTERM\)/.test(text)) how = "in order";
    assert.equal(code, how === "during the start" ? 143 : 0, `step ${step}: ${text}`);
    if (how === "during the start") return;
    assert.equal(countOf(folder, "live_session WHERE status = 'active'"), 0);
    assert.deepEqual({ ...query(folder, "PRAGMA integrity_check")[0] }, { integrity_check: "ok" });
  });
  return how;
}

Deno.test("A stop between any two steps of the start ends the program in time, with a sentence, and leaves everything in order", async () => {
  const steps = Array.from({ length: 12 }, (_, index) => index + 1);
  const said = await Promise.all(steps.map(stopAtStep));
  // Steps after the last one get no signal.
  const order = ["during the start", "in order", "not told"];
  assert.deepEqual(said, said.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
  for (const how of order) assert.ok(said.some((one) => one === how), `${how}: ${said.join(", ")}`);
});
