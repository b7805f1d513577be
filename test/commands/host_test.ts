/** A host and its owner as two programs, as a person starts them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CapturedEvent } from "../../src/source.ts";
import { commentOf } from "../support/captured_events.ts";
import { livecue, query, type Running, startProgramWith, writeConfig } from "../support/livecue.ts";
import { writeRecording } from "../support/recording.ts";
import { withFolder } from "../support/temporary_store.ts";

const serviceFile = (name: string) =>
  fileURLToPath(new URL(`../support/services/${name}.ts`, import.meta.url));
const env = { LIVECUE_HOST_TOKEN: "a token for tests only" };
const noting = { service_class: serviceFile("noting"), isolation: "worker" };

async function startHost(folder: string, ...args: string[]): Promise<{ host: Running; address: string }> {
  await writeConfig(folder, { services: { tested: noting } });
  const host = startProgramWith(env, folder, "work", "--name", "gpu-1", "--service", "tested", ...args);
  const line = await host.line(/gpu-1 serves tested at/);
  return { host, address: /ws:\/\/\S+:\d+/.exec(line)?.[0] ?? "" };
}

async function writeOwner(folder: string, address: string, given: object = {}): Promise<void> {
  await writeConfig(folder, {
    hosts: { "gpu-1": { address, token_env: "LIVECUE_HOST_TOKEN" } },
    services: {
      tested: {
        service_class: "./only_on_the_host.ts",
        runs_on: "gpu-1",
        max_queue_size: 10_000,
        subscriptions: { CommentEvent: { is_async: true } },
        ...given,
      },
    },
  });
}

function notesIn(hostFolder: string): number[] {
  const [room] = [...Deno.readDirSync(join(hostFolder, "data", "tested"))];
  const path = join(hostFolder, "data", "tested", room?.name ?? "", "notes");
  return Deno.readTextFileSync(path).trim().split("\n").map(Number);
}

Deno.test("work --name runs a service for a Livecue that has no code of it, and Ctrl-C stops it in order", async () => {
  await withFolder(async (hostFolder) => {
    const { host, address } = await startHost(hostFolder);
    await host.line(/Only programs of this machine can connect/);
    await withFolder(async (folder) => {
      await writeOwner(folder, address);
      const words = Array.from({ length: 20 }, (): CapturedEvent => commentOf("wait a turn"));
      const source = await writeRecording(folder, words);
      const owner = startProgramWith(
        env,
        folder,
        ...["start", "--plain", "--source", source, "--speed", "max", "--database", "livecue.db"],
      );
      assert.equal((await owner.ended).code, 0);
      const [row] = query(folder, "SELECT count(*) AS count FROM event_queue WHERE status = 'completed'");
      assert.equal(row?.count, 20);
    });
    assert.equal(new Set(notesIn(hostFolder)).size, 20);
    await host.line(/uses the service/);
    host.kill("SIGINT");
    assert.equal((await host.ended).code, 0);
  });
});

Deno.test("Steps, emitted events and the item's folder work on another machine, and the folder goes in the end", async () => {
  await withFolder(async (hostFolder) => {
    await writeConfig(hostFolder, {
      services: { tested: { service_class: serviceFile("stepper"), emits: ["ToldEvent"] } },
    });
    const host = startProgramWith(env, hostFolder, "work", "--name", "gpu-1", "--service", "tested");
    const address = /ws:\/\/\S+:\d+/.exec(await host.line(/gpu-1 serves tested at/))?.[0] ?? "";
    await withFolder(async (folder) => {
      await writeOwner(folder, address, { emits: ["ToldEvent"] });
      const source = await writeRecording(folder, [commentOf("files one:1 two:2 emit:x")]);
      const owner = startProgramWith(
        env,
        folder,
        ...["start", "--plain", "--source", source, "--speed", "max", "--database", "livecue.db"],
      );
      assert.equal((await owner.ended).code, 0);
      const steps = query(folder, "SELECT name, status FROM item_step ORDER BY name");
      assert.deepEqual(steps.map(({ name, status }) => `${name} ${status}`), [
        "one completed",
        "two completed",
      ]);
      const [told] = query(folder, "SELECT count(*) AS count FROM live_event WHERE event_type = 'ToldEvent'");
      assert.equal(told?.count, 1);
    });
    host.kill("SIGINT");
    assert.equal((await host.ended).code, 0);
  });
});

Deno.test("Mistakes on the command line of a host are told before it listens", async () => {
  await withFolder(async (folder) => {
    await writeConfig(folder, { services: { tested: noting } });
    const noToken = await livecue(folder, "work", "--name", "gpu-1");
    assert.match(noToken.stderr, /LIVECUE_HOST_TOKEN is not set\. Set it on both machines/);
    assert.equal(noToken.code, 2);
    const short = startProgramWith({ LIVECUE_HOST_TOKEN: "short" }, folder, "work", "--name", "gpu-1");
    assert.match((await short.ended).stderr, /has 5 characters: use at least 16/);
    assert.match((await livecue(folder, "work", "--listen", "7350")).stderr, /Use HOST:PORT/);
    assert.match((await livecue(folder, "work", "--listen", "0.0.0.0:1")).stderr, /A host needs a name/);
    assert.match((await livecue(folder, "work", "--name", "a", "--service", "x")).stderr, /no service "x"/);
  });
});

Deno.test("A service that runs on an unknown host is a mistake in the config", async () => {
  await withFolder(async (folder) => {
    await writeOwner(folder, "ws://127.0.0.1:7350", { runs_on: "gpu-2" });
    const { stderr, code } = await livecue(folder, "work", "--drain");
    assert.match(stderr, /there is no host "gpu-2" in "hosts", did you mean "gpu-1"\?/);
    assert.equal(code, 2);
  });
});
