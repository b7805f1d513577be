/**
 * One item in steps, on whose way the program is killed at every moment that differs in what is stored: each start
 * gets as far as the next moment.
 *
 *   begin ─asked─noted─committed─▶ function runs ─▶ complete ─asked─noted─committed─▶ next step … end ─asked─noted─▶
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commentOf } from "./captured_events.ts";
import { livecue, query, writeConfig } from "./livecue.ts";
import { writeRecording } from "./recording.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface StepMoments {
  steps: readonly string[];
  isolation: "worker" | "process";
  /** Whether the service throws after its last step. */
  fails: boolean;
}

/** Throws an `AssertionError` if a step ran more or less often than the kills explain. Returns how often it killed. */
export async function killAtEachMoment(folder: string, options: StepMoments): Promise<number> {
  const { steps, isolation, fails } = options;
  writeConfig(folder, {
    services: {
      notes: {
        service_class: join(root, "test/support/services/step_notes.ts"),
        isolation,
        max_attempts: 1,
        max_crashes: 1_000,
        emits: ["ToldEvent"],
        subscriptions: { CommentEvent: {} },
      },
    },
  });
  const comment = fails ? [...steps, "fails"].join(" ") : steps.join(" ");
  const source = await writeRecording(folder, [commentOf(comment)]);
  const captured = await livecue(folder, "capture", "--source", source, "--speed", "max");
  assert.equal(captured.code, 0, captured.stderr);
  const moments = momentsOf(options);
  for (const moment of moments) {
    const { code, stderr } = await workUntil(folder, moment);
    assert.equal(code, 137, `${moment} was not reached: ${stderr}`);
  }
  const { code, stderr } = await workUntil(folder, null);
  assert.equal(code, 0, stderr);
  audit(folder, options, moments.length);
  return moments.length;
}

const about = ["asked", "noted", "committed"];

function momentsOf({ steps, fails }: StepMoments): string[] {
  const ofSteps = steps.flatMap((step) => [
    ...about.map((when) => `begin_step ${step}: ${when}`),
    `show_step ${step}: asked`,
    ...about.map((when) => `complete_step ${step}: ${when}`),
  ]);
  return [...ofSteps, ...fails ? ["onFailure: asked", "onFailure: running"] : [], "end: asked", "end: noted"];
}

async function workUntil(folder: string, moment: string | null): Promise<{ code: number; stderr: string }> {
  const preload = ["--preload", join(root, "test/support/kill_at_moment.ts")];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-prompt",
      "--no-check",
      "--quiet",
      "--config",
      join(root, "deno.json"),
      ...preload,
    ]
      .concat(join(root, "main.ts"), "work", "--drain"),
    cwd: folder,
    stdin: "null",
    env: { NO_COLOR: "1", ...moment === null ? {} : { KILL_AT: moment } },
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

function audit(folder: string, { steps, fails }: StepMoments, killed: number): void {
  const rows = (sql: string) => query(folder, sql).map((row) => ({ ...row }));
  // A try is cut before its function, inside, and twice before its result is committed. The fifth one is completed.
  assert.deepEqual(
    rows("SELECT name, status, attempts, failures FROM item_step ORDER BY seq"),
    steps.map((name) => ({ name, status: "completed", attempts: 5, failures: 0 })),
  );
  const notes = Deno.readTextFileSync(join(folder, "data/notes/notes")).trim().split("\n");
  const ran = notes.filter((note) => note !== "clean up");
  assert.deepEqual(ran.map((note) => note.split(" ")[0]), steps.flatMap((name) => Array(4).fill(name)));
  assert.equal(new Set(ran).size, steps.length, "the key of a step is the same in all its tries");
  assert.equal(notes.length - ran.length, fails ? 4 : 0, "onFailure runs again if the end is not committed");
  assert.deepEqual(rows("SELECT status, attempts, failures, crashes FROM event_queue"), [{
    status: fails ? "failed" : "completed",
    attempts: killed + 1,
    failures: fails ? 1 : 0,
    crashes: fails ? 5 : 3,
  }]);
  assert.deepEqual(rows("SELECT count(*) AS told FROM live_event WHERE event_type = 'ToldEvent'"), [{
    told: fails ? 0 : 1,
  }]);
  assert.deepEqual([...Deno.readDirSync(join(folder, "data/notes/items"))], []);
}
