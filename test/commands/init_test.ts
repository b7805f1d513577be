/** What `init` writes, and what a run does without it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { livecue, query, startProgram } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const schema = new URL("../../config.schema.json", import.meta.url);

/** A folder whose name breaks any code that does not quote, escape or encode it. */
async function withAwkwardFolder(use: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (parent) => {
    const folder = join(parent, "Jürgen's live 100% 🌹");
    await Deno.mkdir(folder);
    await use(folder);
  });
}

function textOf(folder: string): Promise<string> {
  return Deno.readTextFile(join(folder, "config.jsonc"));
}

Deno.test("init creates a config that works from its folder, and creates the database", async () => {
  await withAwkwardFolder(async (folder) => {
    const init = await livecue(folder, "init");
    assert.equal(init.code, 0, init.stderr);
    assert.equal(init.stderr, "");
    assert.match(
      init.stdout,
      /config\.jsonc was created.*\n.*livecue\.db is ready\. Active services: overlays\.\n.*deno task demo\n.*deno task livecue add \w+\n.*deno task start\n$/,
    );
    assert.deepEqual(
      query(folder, "SELECT slug FROM service WHERE is_active = 1").map(({ slug }) => slug),
      ["overlays"],
    );

    const demo = await livecue(folder, "demo", "--for", "0.5", "--rate", "100", "--seed", "1");
    assert.equal(demo.code, 0, demo.stderr);
    assert.match(demo.stdout, /overlays: 0 pending, [1-9]\d* done, 0 failed/);
  });
});

Deno.test("A created config refers to Livecue's schema, wherever the config is", async () => {
  await withAwkwardFolder(async (folder) => {
    await livecue(folder, "init");
    const [, address = ""] = (await textOf(folder)).match(/"\$schema": "(.*)"/) ?? [];
    const file = address.startsWith("file:") ? fileURLToPath(address) : join(folder, address);
    assert.equal(await Deno.realPath(file), await Deno.realPath(schema));
  });
});

Deno.test("init never overwrites a config, and may be run again", async () => {
  await withFolder(async (folder) => {
    await livecue(folder, "init");
    const edited = (await textOf(folder)).replace(/("name": )"Overlays"/, '$1"Mine"').replace(
      '"overlays"',
      '"mine"',
    );
    await Deno.writeTextFile(join(folder, "config.jsonc"), edited);
    const { code, stdout } = await livecue(folder, "init");
    assert.equal(code, 0);
    assert.match(stdout, /was not changed.*\n.*Active services: mine\./);
    assert.equal(await textOf(folder), edited);
    assert.deepEqual(
      query(folder, "SELECT slug FROM service WHERE is_active = 1 ORDER BY slug").map(({ slug }) => slug),
      ["mine"],
    );
  });
});

Deno.test("init with a mistake in the config says where it is, and changes nothing", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "config.jsonc"), '{ "tiktok": { "usr": "ana" } }');
    const { code, stdout, stderr } = await livecue(folder, "init");
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
    assert.match(stderr, /config\.jsonc:1:15: tiktok\.usr: unknown key, did you mean "user"\?/);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["config.jsonc"]);
  });
});

Deno.test("init that cannot write a config says why in one line, and nothing else", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(join(folder, "settings"));
    for (
      const [path, says] of [
        [
          "none/config.jsonc",
          /none.config\.jsonc cannot be written: the folder does not exist\. Name a file/,
        ],
        ["settings", /settings is a folder, not a config file/],
      ] as const
    ) {
      const { code, stdout, stderr } = await livecue(folder, "init", "--config", path);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
      assert.match(stderr, says);
      assert.match(stderr, /^[^\n]+\n$/);
    }
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["settings"]);
  });
});

Deno.test("--config names a config elsewhere, and its paths start from its own folder", async () => {
  await withAwkwardFolder(async (elsewhere) => {
    await withFolder(async (folder) => {
      const config = join(elsewhere, "config.jsonc");
      assert.equal((await livecue(folder, "init", "--config", config)).code, 0);
      const demo = ["demo", "--config", config, "--for", "0.3", "--rate", "100"];
      const { code, stderr } = await startProgram(folder, ...demo).ended;
      assert.equal(code, 0, stderr);
      assert.ok((await Deno.stat(join(elsewhere, "livecue.demo.db"))).isFile);
      assert.deepEqual([...Deno.readDirSync(folder)], []);
    });
  });
});

Deno.test("Without a config, a run behaves as it would after init", async () => {
  await withAwkwardFolder(async (folder) => {
    const { code, stdout, stderr } = await livecue(folder, "demo", "--for", "0.5", "--rate", "100");
    assert.equal(code, 0, stderr);
    assert.ok(
      stdout.includes(`There is no ${join(await Deno.realPath(folder), "config.jsonc")} yet`),
      stdout,
    );
    assert.match(stdout, /overlays: 0 pending, [1-9]\d* done, 0 failed/);
    assert.deepEqual(
      [...Deno.readDirSync(folder)].map(({ name }) => name).sort(),
      ["livecue.db", "livecue.db.lock", "livecue.log"],
    );
  });
});

Deno.test("A service in the user's own folder imports livecue/service and its neighbors", async () => {
  await withAwkwardFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "word.ts"), 'export const word: string = "welcome";');
    await Deno.writeTextFile(
      join(folder, "greeter.ts"),
      `import { BaseQueueService, type LiveEvent } from "livecue/service";
      import { word } from "./word.ts";
      export default class Greeter extends BaseQueueService {
        override processEvent(event: LiveEvent): boolean {
          this.log.info(word + " " + event.user.uniqueId);
          return true;
        }
      }`,
    );
    const greeter = { service_class: "./greeter.ts", subscriptions: { JoinEvent: {} } };
    await Deno.writeTextFile(
      join(folder, "config.jsonc"),
      JSON.stringify({ services: { near: greeter, apart: { ...greeter, isolation: "process" } } }),
    );
    const { code, stdout, stderr } = await livecue(folder, "demo", "--for", "0.5", "--rate", "100");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\[near\] welcome \w/);
    assert.match(stdout, /\[apart\] welcome \w/);
    assert.match(stdout, /near: 0 pending, [1-9]\d* done, 0 failed/);
    assert.match(stdout, /apart: 0 pending, [1-9]\d* done, 0 failed/);
  });
});
