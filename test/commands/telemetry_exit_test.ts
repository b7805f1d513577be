/** A process with telemetry exits in time, whatever keeps Deno from exporting the rest. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { FakeCollector } from "../support/fake_collector.ts";
import { type Ended, startProgramWith } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

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
    const { code, stdout, stderr } = await run.ended;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /events stored/);
  });
});

Deno.test("An exit never waits for long: a collector with a long time limit, a worker that is stuck in a loop", async () => {
  await using hanging = new FakeCollector({ hangs: true });
  await using collector = new FakeCollector();
  const often = { OTEL_METRIC_EXPORT_INTERVAL: "1000" };
  const patient = { ...hanging.env, ...often, OTEL_EXPORTER_OTLP_TIMEOUT: "600000" };
  const ends = [run("exit_before_export", patient), run("exit_while_stuck", { ...collector.env, ...often })];
  for (const { code, stderr } of await Promise.all(ends)) {
    assert.match(stderr, /could not be sent in time, so Livecue was killed/);
    assert.equal(code, Deno.build.os === "windows" ? 1 : 137);
  }
});

Deno.test("A process that exits shortly before an export has its own exit code", async () => {
  await using collector = new FakeCollector({ hangs: true });
  const env = { ...collector.env, OTEL_METRIC_EXPORT_INTERVAL: "5000", OTEL_BSP_SCHEDULE_DELAY: "60000" };
  const { code, stderr } = await run("exit_before_export", env);
  assert.equal(code, 3, stderr);
});

async function run(name: string, env: Record<string, string>): Promise<Ended> {
  const program = fileURLToPath(new URL(`../support/${name}.ts`, import.meta.url));
  const args = ["run", "-A", "--no-check", "--quiet", program];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env }).output();
  const [printed = "", complaint = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: printed, stderr: complaint };
}
