/** No secret of the config comes out of Livecue, whatever it does and whatever goes wrong. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Ended, livecue, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

/** Secrets in every place of a config that may contain one. No server answers at their addresses. */
const secret = "correct-horse-7";
const nowhere = `http://127.0.0.1:1/${secret}?token=${secret}`;

function shipped(name: string, options: object): object {
  return {
    service_class: fileURLToPath(new URL(`../../services/${name}/main.ts`, import.meta.url)),
    permissions: { net: true, env: true, read: ["."] },
    options,
    subscriptions: { CommentEvent: {}, LikeEvent: {}, JoinEvent: {} },
    max_queue_size: 1000,
    timeout_ms: 500,
  };
}

const services = {
  obs: shipped("obs", {
    password: secret,
    port: 1,
    rules: [{ when: "CommentEvent", do: { action: "scene", scene: "x" } }],
  }),
  gmod: shipped("gmod", {
    password_file: "password.txt",
    port: 1,
    rules: [{ when: "CommentEvent", do: { command: "say {user}" } }],
  }),
  webhook: shipped("webhook", {
    targets: { a: { url: nowhere, headers: { Authorization: `Bearer ${secret}` }, max_attempts: 1 } },
  }),
  feed: shipped("feed", { port: 0, token: secret }),
  thrower: {
    service_class: "./thrower.ts",
    options: { token: secret, more: { password: secret } },
    subscriptions: { CommentEvent: {}, LikeEvent: {}, JoinEvent: {} },
  },
};

/** Throws an error that contains its options, without printing them. */
const thrower = `import { BaseQueueService } from "livecue/service";
export default class Thrower extends BaseQueueService {
  override processEvent(): boolean {
    throw Object.assign(new Error("it broke"), { options: this.options, cause: this.options });
  }
}`;

Deno.test("A secret is in no output, log, database, recording, export or copy", async () => {
  await withFolder(async (folder) => {
    const write = (name: string, text: string) => Deno.writeTextFileSync(join(folder, name), text);
    write("password.txt", secret);
    write("thrower.ts", thrower);
    const endpoints = { sign: `http://me:${secret}@127.0.0.1:1/?key=${secret}`, web: "http://127.0.0.1:1" };
    writeConfig(folder, { tiktok: { user: "ana", sign_api_key: secret, endpoints }, services });

    const said: string[] = [];
    const run = async (...args: string[]): Promise<Ended> => {
      const ended = await livecue(folder, ...args);
      said.push(ended.stdout, ended.stderr);
      return ended;
    };
    const demo = startLivecue(folder, "demo", "--plain", "--rate", "20", "--verbose", "--record", "r.jsonl");
    const spoken = ["thrower", "obs", "gmod", "webhook"].map((slug) =>
      demo.line(new RegExp(`\\[${slug}\\]`))
    );
    await Promise.all([demo.line(/it broke/), ...spoken]);
    demo.kill("SIGTERM");
    const { stdout, stderr } = await demo.ended;
    said.push(stdout, stderr);
    await run("events", "--json");
    await run("queue", "--json");
    assert.equal((await run("export", "1", "e.jsonl")).code, 0);
    assert.equal((await run("retry", "--service", "thrower", "--failed")).code, 0);
    assert.equal((await run("backup", "b.db")).code, 0);
    await run("capture", "--for", "1", "--verbose");

    const files = [...Deno.readDirSync(folder)].filter(({ name, isFile }) =>
      isFile && !["config.jsonc", "password.txt"].includes(name)
    );
    assert.ok(files.length >= 6, files.map(({ name }) => name).join());
    for (const { name } of files) {
      const text = new TextDecoder("latin1").decode(Deno.readFileSync(join(folder, name)));
      assert.ok(!text.includes(secret), `it is in ${name}`);
    }
    for (const text of said) assert.doesNotMatch(text, /correct-horse/);
  });
});
