/** The whole program with services that misbehave, and one that does not. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { commentOf } from "../support/captured_events.ts";
import { Gate } from "../support/gate.ts";
import { livecue, query, startLivecue, writeConfig } from "../support/livecue.ts";
import { writeRecording } from "../support/recording.ts";
import { withFolder } from "../support/temporary_store.ts";

const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
const pathOf = (name: string) => fileURLToPath(new URL(`../support/services/${name}.ts`, import.meta.url));
const comments = { subscriptions: { CommentEvent: {} } };
const good = { service_class: dummy, ...comments };

interface Item {
  slug: string;
  status: string;
  attempts: number;
  failures: number;
  crashes: number;
  error: string | null;
}

function itemsOf(folder: string, slug: string): Item[] {
  return query<Item>(
    folder,
    `SELECT slug, status, attempts, failures, crashes, error FROM event_queue
      JOIN service ON service.id = service_id WHERE slug = ? ORDER BY event_queue.id`,
    slug,
  );
}

async function writeComments(folder: string, count: number): Promise<string> {
  return await writeRecording(folder, Array.from({ length: count }, (_, index) => commentOf(`no. ${index}`)));
}

/** A line of the plain log, or a continuation line. Any other line was printed raw. */
const logLine = /^(\d\d:\d\d:\d\d | +at |$)/;

const failed = { status: "failed", attempts: 1, failures: 1, crashes: 0 };
const crashed = { status: "failed", attempts: 2, failures: 0, crashes: 2 };
const completed = { status: "completed", attempts: 1, failures: 0, crashes: 0 };
const misdeeds: Record<string, { counts: typeof failed; error: RegExp | null }> = {
  throws: { counts: failed, error: /^Error: it broke\n.*misbehaving\.ts:\d+:\d+/ },
  refuses: { counts: failed, error: /^processEvent returned false$/ },
  "returns-nothing": { counts: failed, error: /^processEvent returned undefined, not true or false$/ },
  "never-answers": { counts: failed, error: /^timed out after 0\.2 s$/ },
  exits: { counts: crashed, error: /lost its worker: it called Deno\.exit with code 3$/ },
  closes: { counts: crashed, error: /lost its worker: it called close$/ },
  rejects: { counts: completed, error: null },
  prints: { counts: completed, error: null },
  reads: {
    counts: failed,
    error: /^Requires read access to .*; if the service should have it, grant it under "permissions"/,
  },
  connects: {
    counts: failed,
    error: /^Requires net access to "127.0.0.1:4455".*; if the service should have it, grant it/,
  },
  "looks-at-env": {
    counts: failed,
    error: /^Requires env access to "HOME"; if the service should have it, grant it/,
  },
  runs: { counts: failed, error: /^Requires run access to "true"; if the service should have it, grant it/ },
  asks: { counts: failed, error: /^processEvent returned false$/ },
  prompts: { counts: failed, error: /^processEvent returned false$/ },
};

Deno.test("Whatever a service does, the others go on, its items show the error, and nothing is printed raw", async () => {
  await withFolder(async (folder) => {
    const bad = Object.keys(misdeeds).map((how) => [how, {
      service_class: pathOf("misbehaving"),
      options: { how },
      timeout_ms: 200,
      max_crashes: 2,
      ...comments,
    }]);
    writeConfig(folder, {
      services: { good, ...Object.fromEntries(bad) },
    });
    const source = await writeComments(folder, 1);
    const { code, stdout, stderr } = await livecue(folder, "start", "--source", source, "--speed", "max");
    assert.equal(code, 0);
    assert.deepEqual(`${stdout}\n${stderr}`.split("\n").filter((line) => !logLine.test(line)), []);
    for (const slug of ["good", ...Object.keys(misdeeds)]) {
      const { counts, error } = misdeeds[slug] ?? { counts: completed, error: null };
      const [item, ...others] = itemsOf(folder, slug);
      assert.ok(item && others.length === 0, slug);
      const { status, attempts, failures, crashes } = item;
      assert.deepEqual({ status, attempts, failures, crashes }, counts, slug);
      if (error === null) assert.equal(item.error, null);
      else assert.match(item.error ?? "", error, slug);
      const told = stderr.split("\n").filter((line) => line.includes(`[${slug}] item `));
      assert.equal(told.length, status === "failed" ? 1 : 0, stderr);
    }
    assert.equal(stderr.split("\n").filter((line) => line.includes("unhandled rejection")).length, 1);
    for (const words of ["console", "bytes", "process"]) {
      assert.match(stdout, new RegExp(`^\\S+ \\[prints\\] raw ${words}$`, "m"));
    }
  });
});

Deno.test("The reason of a crash is logged once, and the item says that it crashed the service", async () => {
  await withFolder(async (folder) => {
    const exits = { service_class: pathOf("misbehaving"), options: { how: "exits" }, max_crashes: 1 };
    writeConfig(folder, { services: { exits: { ...exits, ...comments } } });
    const source = await writeComments(folder, 1);
    const { stderr } = await livecue(folder, "start", "--source", source, "--speed", "max");
    const [item, service, ...more] = stderr.split("\n").filter((line) => line.includes("[exits]"));
    assert.match(item ?? "", /item 1 \(.* no\. 0\) failed: it crashed the service 1 time$/);
    assert.match(service ?? "", /lost its worker: it called Deno\.exit with code 3; next try in 1 s$/);
    assert.deepEqual(more, []);
  });
});

const unloadable: Record<string, RegExp> = {
  breaks_on_load: /could not be loaded: RangeError/,
  no_default: /has no default export/,
  not_a_service: /does not extend BaseQueueService/,
  imports_outside:
    /Requires read access to .*gate\.ts"; if the service should have it, grant it under "permissions"/,
  choosy: /"options" of the config do not fit the service\. It is/,
};

Deno.test("A service that does not load is logged once, waited for by nobody, and named at the end", async () => {
  await withFolder(async (folder) => {
    const bad = Object.keys(unloadable).map((name) => [name, { service_class: pathOf(name), ...comments }]);
    writeConfig(folder, { services: { good, ...Object.fromEntries(bad) } });
    const source = await writeComments(folder, 3);
    const { code, stdout, stderr } = await livecue(folder, "start", "--source", source, "--speed", "max");
    assert.equal(code, 0);
    assert.match(stdout, / good: 0 pending, 3 done/);
    for (const [name, why] of Object.entries(unloadable)) {
      const told = stderr.split("\n").filter((line) => line.includes(`[${name}]`));
      assert.equal(told.length, 1, stderr);
      assert.match(told[0] ?? "", why);
      assert.match(told[0] ?? "", /It is switched off, and its items wait: fix it/);
      const summary = `${name}: 3 pending, 0 done, 0 failed, 0 discarded`;
      assert.ok(stdout.includes(`${summary} (left pending: the service is switched off)`), stdout);
    }
  });
});

Deno.test("Options that do not fit are reported with file, line and column, in a worker and in a process", async () => {
  await withFolder(async (folder) => {
    const choosy = JSON.stringify(pathOf("choosy"));
    const heard = '"subscriptions": { "CommentEvent": {} }';
    const config = `{
  "services": {
    "beside": { "service_class": ${choosy}, "options": {
      "word": 5,
      "count": "two" }, ${heard} },
    "apart": { "service_class": ${choosy}, "isolation": "process",
      "options": { "word": "hi" }, ${heard} } } }`;
    Deno.writeTextFileSync(`${folder}/config.jsonc`, config);
    const source = await writeComments(folder, 1);
    const { stderr } = await livecue(folder, "start", "--source", source, "--speed", "max");
    const file = `${Deno.realPathSync(folder)}/config.jsonc`;
    const told = stderr.split("\n").filter((line) => line.startsWith("    ")).toSorted();
    assert.deepEqual(told.map((line) => line.trim().replace(/: Invalid input.*/, "")), [
      `${file}:4:15: services.beside.options.word`,
      `${file}:5:16: services.beside.options.count`,
      `${file}:7:7: services.apart.options.count`,
    ]);
  });
});

Deno.test("A service in its own folder imports Livecue, npm packages and its own files", async () => {
  await withFolder(async (folder) => {
    const file = (name: string, text: string) => Deno.writeTextFileSync(`${folder}/${name}`, text);
    file("greeting.ts", `export const greeting = "hello from beside";\n`);
    file(
      "greeter.ts",
      `import { BaseQueueService } from "livecue/service";
      import { z } from "npm:zod@4.6.7";
      import { greeting } from "./greeting.ts";
      export const optionsSchema = z.object({ mark: z.string().default("!") });
      export default class Greeter extends BaseQueueService<z.infer<typeof optionsSchema>> {
        override processEvent(): boolean {
          this.log.info(greeting + this.options.mark);
          return true;
        }
      }`,
    );
    const greeter = { service_class: "./greeter.ts", ...comments };
    writeConfig(folder, { services: { greeter, apart: { ...greeter, isolation: "process" } } });
    const source = await writeComments(folder, 1);
    const { code, stdout, stderr } = await livecue(folder, "start", "--source", source, "--speed", "max");
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    for (const slug of ["greeter", "apart"]) {
      assert.ok(stdout.includes(`[${slug}] hello from beside!`), stdout);
    }
  });
});

/** The processes that a process has started. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  return text.split(" ").filter((word) => word !== "").map(Number);
}

Deno.test({
  name: "A service's process that another program kills is replaced, and no process outlives Livecue",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await withFolder(async (folder) => {
      await using gate = new Gate();
      writeConfig(folder, { services: { apart: gate.service({ isolation: "process", ...comments }) } });
      const source = await writeComments(folder, 1);
      const running = startLivecue(folder, "start", "--source", source, "--speed", "max");
      await gate.arrival(1);
      const before = await childrenOf(running.pid);
      assert.equal(before.length, 1);
      Deno.kill(before[0] as number, "SIGKILL");
      await running.line(/the service lost its worker: its process ended \(SIGKILL\); next try in 1 s/);
      await gate.arrival(2);
      const { crashes } = itemsOf(folder, "apart")[0] ?? {};
      assert.equal(crashes, 1);
      const [child] = await childrenOf(running.pid);
      assert.ok(child !== undefined && child !== before[0]);
      running.kill("SIGKILL");
      await running.ended;
      while (await isThere(child)) await setImmediate();
    });
  },
});

Deno.test({
  name: "A stop signal that also reaches a service's process lets its running item finish",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await withFolder(async (folder) => {
      await using gate = new Gate();
      writeConfig(folder, { services: { apart: gate.service({ isolation: "process", ...comments }) } });
      const source = await writeComments(folder, 2);
      const running = startLivecue(folder, "start", "--source", source, "--speed", "max");
      await gate.arrival(1);
      for (const pid of await childrenOf(running.pid)) Deno.kill(pid, "SIGTERM");
      running.kill("SIGTERM");
      await running.line(/Stopping/);
      gate.answer(1);
      const { code, stdout, stderr } = await running.ended;
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      assert.match(stdout, /\[apart\] closing/);
      assert.match(stdout, /apart: 1 pending, 1 done/);
    });
  },
});

async function isThere(pid: number): Promise<boolean> {
  try {
    // A zombie counts as gone, because its parent is not here to reap it.
    return !(await Deno.readTextFile(`/proc/${pid}/stat`)).includes(") Z ");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("Items left by earlier lives are counted at the start, and discarded on request", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services: { good } });
    const source = await writeComments(folder, 3);
    await livecue(folder, "capture", "--source", source, "--speed", "max");
    const { stdout } = await livecue(folder, "capture", "--source", source, "--speed", "max");
    assert.match(
      stdout,
      /Pending items of earlier sessions, which will be processed: 3\. Add --discard-pending/,
    );
    const start = await livecue(folder, "start", "--source", source, "--speed", "max", "--discard-pending");
    assert.match(start.stdout, /Stale pending items of earlier sessions, now discarded: 6\./);
    const rows = query<{ status: string; reason: string | null; count: number }>(
      folder,
      "SELECT status, discard_reason AS reason, count(*) AS count FROM event_queue GROUP BY status",
    );
    assert.deepEqual(rows.map(({ status, reason, count }) => `${count} ${status} ${reason}`), [
      "3 completed null",
      "6 discarded stale",
    ]);
  });
});

Deno.test("As many async items as max_concurrency allows are handled at once, and no more", async () => {
  await withFolder(async (folder) => {
    await using gate = new Gate();
    const subscriptions = { CommentEvent: { is_async: true } };
    writeConfig(folder, { services: { gated: gate.service({ subscriptions, max_concurrency: 2 }) } });
    const source = await writeComments(folder, 4);
    const running = startLivecue(folder, "start", "--source", source, "--speed", "max");
    await gate.arrival(2);
    assert.deepEqual(itemsOf(folder, "gated").map(({ status }) => status), [
      "processing",
      "processing",
      "pending",
      "pending",
    ]);
    gate.answer(2);
    await gate.arrival(3);
    assert.deepEqual(gate.arrived.toSorted(), [1, 2, 3]);
    gate.open();
    assert.equal((await running.ended).code, 0);
    assert.match((await running.ended).stdout, /gated: 0 pending, 4 done/);
  });
});
