/** Programs that a service has started end with its worker, although they have their own process group. */
import assert from "node:assert/strict";
import { WorkerChildren } from "../../src/runner/child_groups.ts";
import { noPermissions, shareInTest, startRunner } from "../support/runner_under_test.ts";
import { withFolder } from "../support/temporary_store.ts";

/** Waits until there is no such process; a zombie's parent is this process, which reaps it in its own time. */
async function isGone(pid: number): Promise<boolean> {
  for (let look = 0; look < 200; look++) {
    try {
      const state = (await Deno.readTextFile(`/proc/${pid}/stat`)).split(") ")[1]?.[0];
      if (state === "Z") return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return true;
      throw error;
    }
    await new Deno.Command("sleep", { args: ["0.02"] }).output();
  }
  return false;
}

for (const by of ["Deno.Command", "node:child_process"]) {
  Deno.test({
    name: `A program started by ${by} does not outlive the worker that started it`,
    ignore: Deno.build.os !== "linux",
    fn: () =>
      withFolder(async (folder) => {
        await using tested = await startRunner("parent", {
          options: { file: `${folder}/signals`, by, stopsIt: false },
          permissions: { ...noPermissions, run: true, env: true },
        });
        const { text } = await tested.log.heard(/has the pid \d+/);
        const pid = Number(text.match(/\d+$/)?.[0]);
        assert.ok((await Deno.stat(`/proc/${pid}`)).isDirectory, "it runs as long as its service does");
        const stopped = tested.runner.stop({ graceMs: 0 });
        await tested.passSeconds(4);
        await stopped;
        assert.equal(await isGone(pid), true);
      }),
  });
}

Deno.test({
  name: "A program of one room of a shared worker ends with its room, and those of other rooms go on",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withFolder(async (folder) => {
      const shared = shareInTest();
      const startRoom = async (name: string) => {
        const options = { file: `${folder}/${name}`, by: "Deno.Command", stopsIt: false };
        const permissions = { ...noPermissions, run: true, env: true };
        const tested = await startRunner("parent", { isolation: "shared", options, permissions }, shared);
        const { text } = await tested.log.heard(/has the pid \d+/);
        return { tested, pid: Number(text.match(/\d+$/)?.[0]) };
      };
      const ana = await startRoom("ana");
      const ben = await startRoom("ben");
      await ana.tested.runner.stop({ graceMs: 0 });
      assert.equal(await isGone(ana.pid), true);
      assert.ok((await Deno.stat(`/proc/${ben.pid}`)).isDirectory);
      await ben.tested.runner.stop({ graceMs: 0 });
      assert.equal(await isGone(ben.pid), true);
    }),
});

Deno.test({
  name:
    "A service that says a program of somebody else's is its own does not get it killed, nor Livecue itself",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const shell = new Deno.Command("sh", {
      args: ["-c", "sleep 100 & echo $!; read line; kill $!"],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const output = shell.stdout.getReader();
    const pid = Number(new TextDecoder().decode((await output.read()).value));
    const children = new WorkerChildren({ mayRun: true });
    for (const other of [pid, Deno.pid]) {
      children.take({ kind: "child", pid: other, isRunning: true });
    }
    children.kill();
    const state = (await Deno.readTextFile(`/proc/${pid}/stat`)).split(") ")[1]?.[0];
    assert.match(state ?? "", /[RSD]/, "it runs on");
    await shell.stdin.close();
    await output.cancel();
    await shell.status;
  },
});
