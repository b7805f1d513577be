/** What a run suffers at its end: which process is killed, and in the midst of what. */
import { setImmediate as nextTurn } from "node:timers/promises";
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Choices } from "./kill_scene.ts";
import { livecue, type Running } from "./livecue.ts";

export type Moment = "flood" | "start" | "stop" | "reload" | "backup" | "child" | "both" | "interrupt";

export interface MomentParts {
  folder: string;
  choices: Choices;
  running: Running;
  /** Writes the config with a change that changes nothing of what is checked. */
  changeConfig: () => void;
}

/** Suffers it, and resolves when the run has ended. Returns how many processes were killed. */
export async function suffer(
  moment: Moment,
  { folder, choices, running, changeConfig }: MomentParts,
): Promise<number> {
  const wait = (most: number) => turns(choices.whole(most));
  switch (moment) {
    case "interrupt":
      running.kill("SIGINT");
      return 0;
    case "stop":
      running.kill("SIGINT");
      await wait(20_000);
      return kill(running);
    case "reload":
      changeConfig();
      if (choices.whole(2) === 0) {
        await Promise.race([running.line(/The changed config is in effect/).catch(() => {}), running.ended]);
      }
      await wait(2_000);
      return kill(running);
    case "backup":
      return await killInBackup(folder, running, () => wait(60_000));
    case "child": {
      const children = await killChildren(running.pid);
      await wait(60_000);
      return children + kill(running);
    }
    case "both": {
      const children = await killChildren(running.pid);
      return children + kill(running);
    }
    case "start":
    case "flood":
      return kill(running);
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn();
}

/** One that is gone already is not killed. */
function kill(running: Running): number {
  try {
    running.kill("SIGKILL");
    return 1;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return 0;
  }
}

/** A copy that is made meanwhile is whole, or there is none. */
async function killInBackup(folder: string, running: Running, wait: () => Promise<void>): Promise<number> {
  const name = `backup-${crypto.randomUUID()}.db`;
  const backup = livecue(folder, "backup", name, "--database", "livecue.db");
  await wait();
  const killed = kill(running);
  const { code, stderr } = await backup;
  if (code !== 0) {
    assert.notEqual(code, 1, stderr);
    return killed;
  }
  const database = new DatabaseSync(join(folder, name), { readOnly: true });
  try {
    assert.deepEqual({ ...database.prepare("PRAGMA integrity_check").get() }, { integrity_check: "ok" });
    assert.deepEqual(database.prepare("PRAGMA foreign_key_check").all(), []);
  } finally {
    database.close();
  }
  return killed;
}

/** The processes of services, as the system knows them. Elsewhere than on Linux none are found. */
async function killChildren(pid: number): Promise<number> {
  let count = 0;
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "");
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 1).trim().split(" ")[1]);
    if (parent !== pid) continue;
    try {
      Deno.kill(Number(name), "SIGKILL");
      count++;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return count;
}
