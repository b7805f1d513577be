/** A process with telemetry exits in time and with its own code, whatever keeps Deno from exporting the rest. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { FakeCollector } from "../support/fake_collector.ts";
import { startProgramWith } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

/** Deno itself waits for 20 s and more. */
const most = 10_000;

async function lasts(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

Deno.test("A collector that hangs holds up neither a run nor its end", async () => {
  await withFolder(async (folder) => {
    await using collector = new FakeCollector({ hangs: true });
    const args = [
      "demo",
      "--plain",
      "--seed",
      "4",
      "--rate",
      "300",
      "--for",
      "1",
      "--database",
      "livecue.db",
    ];
    const run = startProgramWith(collector.env, folder, ...args);
    await collector.asked;
    await run.line(/events stored/);
    const lastedMs = await lasts(async () => assert.equal((await run.ended).code, 0));
    assert.ok(lastedMs < most, `${lastedMs} ms`);
  });
});

Deno.test("A command that fails exits with its code although the collector hangs", async () => {
  await withFolder(async (folder) => {
    await using collector = new FakeCollector({ hangs: true });
    const lastedMs = await lasts(async () => {
      const { code, stdout } = await startProgramWith(collector.env, folder, "report", "77").ended;
      assert.equal(code, 2, stdout);
    });
    assert.ok(lastedMs < most, `${lastedMs} ms`);
  });
});

Deno.test("A worker that is stuck in a loop does not keep the process from exiting with its code", async () => {
  await using collector = new FakeCollector();
  const program = fileURLToPath(new URL("../support/exit_while_stuck.ts", import.meta.url));
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", program],
    env: collector.env,
  });
  const lastedMs = await lasts(async () => assert.equal((await command.output()).code, 3));
  assert.ok(lastedMs < most, `${lastedMs} ms`);
});
