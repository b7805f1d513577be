/** What a made-up live leaves on the terminal, in the log file, and in the summary. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { livecue, query, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
const services = { dummy: { service_class: dummy, subscriptions: { CommentEvent: {}, JoinEvent: {} } } };
const demo = ["demo", "--rate", "200", "--seed", "8", "--for", "1"];
const fullBytes = 5 * 1024 * 1024;

/** Runs a short made-up live with these settings, which must succeed. */
async function runDemo(
  folder: string,
  settings: Record<string, unknown>,
  ...more: string[]
): Promise<string> {
  writeConfig(folder, { services, ...settings });
  const { code, stdout, stderr } = await livecue(folder, ...demo, ...more);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return stdout;
}

function countOf(text: string, pattern: RegExp): number {
  return text.split("\n").filter((line) => pattern.test(line)).length;
}

Deno.test("A made-up live ends after --for, is processed completely, and its summary agrees with the tables", async () => {
  await withFolder(async (folder) => {
    const printed = await runDemo(folder, {});
    const [session] = query(folder, "SELECT status, end_reason, source FROM live_session");
    assert.deepEqual({ ...session }, {
      status: "completed",
      end_reason: "The capture's time was up.",
      source: "demo",
    });
    const count = (where: string) =>
      query<{ count: number }>(folder, `SELECT count(*) AS count FROM ${where}`)[0]?.count ?? 0;
    const events = count("live_event");
    assert.ok(events > 20);
    assert.match(printed, new RegExp(`^\\S+ 1 session, ${events} events stored`, "m"));
    const comments = count("live_event WHERE event_type = 'CommentEvent'");
    const joins = count("live_event WHERE event_type = 'JoinEvent'");
    assert.match(printed, new RegExp(`\\b${comments} comments?, .*\\b${joins} joins?\\n`));
    const items = count("event_queue WHERE status = 'completed'");
    assert.equal(count("event_queue"), items);
    assert.match(printed, new RegExp(`dummy: 0 pending, ${items} done, 0 failed, 0 discarded\\n`));
    assert.match(printed, /made up, about 200 events per second; --seed 8 /);
  });
});

Deno.test("The log file keeps every line and each processed item; --verbose prints the items on the terminal too", async () => {
  await withFolder(async (folder) => {
    const processed = /item \d+ \(.*\) completed/;
    const quiet = await runDemo(folder, {});
    const logged = await Deno.readTextFile(join(folder, "livecue.log"));
    assert.equal(countOf(quiet, processed), 0);
    assert.ok(countOf(logged, processed) > 10);
    for (const line of quiet.trimEnd().split("\n")) assert.ok(logged.includes(line.slice(9)), line);
    assert.match(logged, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info {2}\[live\] @demo is live/m);

    const verbose = await runDemo(folder, {}, "--verbose");
    assert.ok(countOf(verbose, processed) > 10);
  });
});

Deno.test("The config decides the log file's path, relative to the config's folder, or that there is none", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(join(folder, "Mitschriften 📓"));
    await runDemo(folder, { log_file: "Mitschriften 📓/today.log" });
    assert.match(await Deno.readTextFile(join(folder, "Mitschriften 📓", "today.log")), /@demo is live/);
    await runDemo(folder, { log_file: false });
    assert.deepEqual([...Deno.readDirSync(folder)].filter(({ name }) => name.includes(".log")), []);
  });
});

Deno.test("A log file that cannot be written gives one line and exit code 2, before anything is captured", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(join(folder, "logs"));
    for (const path of ["logs", "none/livecue.log"]) {
      writeConfig(folder, { services, log_file: path });
      const { code, stdout, stderr } = await livecue(folder, ...demo);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
      assert.match(
        stderr,
        /^The log file [^\n]* cannot be written [^\n]*"log_file"[^\n]* false for no log file\.\n$/,
      );
    }
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["config.jsonc", "logs"]);
  });
});

Deno.test("A log file at its limit is rotated, and four older ones are kept", async () => {
  await withFolder(async (folder) => {
    const log = join(folder, "livecue.log");
    for (const number of [1, 2, 3, 4]) await Deno.writeTextFile(`${log}.${number}`, `old ${number}`);
    await Deno.writeTextFile(log, "x".repeat(fullBytes - 50) + "\n");
    await runDemo(folder, {});
    assert.match(await Deno.readTextFile(log), /@demo/);
    assert.ok((await Deno.stat(`${log}.1`)).size <= fullBytes);
    assert.match((await Deno.readTextFile(`${log}.1`)).slice(0, 10), /^x+$/);
    for (const number of [2, 3, 4]) {
      assert.equal(await Deno.readTextFile(`${log}.${number}`), `old ${number - 1}`);
    }
    assert.equal(
      [...Deno.readDirSync(folder)].filter(({ name }) => name.startsWith("livecue.log")).length,
      5,
    );
  });
});

for (
  const [what, { log_file = false, record, file }] of Object.entries<Clash>({
    "a log in the database": { log_file: "livecue.db", file: "part of the database" },
    "a log in a link to the database": { log_file: "link.log", file: "part of the database" },
    "a log in the database's own log": { log_file: "livecue.db-wal", file: "part of the database" },
    "a log in the config": { log_file: "config.jsonc", file: "the config" },
    "a recording in the database": { record: "./livecue.db", file: "part of the database" },
    "a recording in the log": { log_file: "livecue.log", record: "livecue.log", file: "the log file" },
  })
) {
  Deno.test(`Livecue refuses ${what}, and leaves the file as it is`, async () => {
    await withFolder(async (folder) => {
      writeConfig(folder, { services, log_file });
      const settings = await Deno.readTextFile(join(folder, "config.jsonc"));
      await Deno.symlink(join(folder, "livecue.db"), join(folder, "link.log"));
      await Deno.writeTextFile(join(folder, "livecue.db"), "");
      const more = ["--database", "livecue.db", ...(record === undefined ? [] : ["--record", record])];
      const { code, stderr } = await livecue(folder, ...demo, ...more);
      assert.equal(code, 2);
      assert.match(stderr, new RegExp(`would be written into .*, which is ${file}: change`));
      assert.equal(await Deno.readTextFile(join(folder, "config.jsonc")), settings);
      assert.equal(await Deno.readTextFile(join(folder, "livecue.db")), "");
    });
  });
}

interface Clash {
  log_file?: string;
  record?: string;
  file: string;
}
