/** A program with a service that loops in its process; prints that process's number, and waits to be killed. */
import { startRunner } from "./runner_under_test.ts";

const tested = await startRunner("scripted", { isolation: "process" });
tested.feed.say(1, "loop");
for (const entry of Deno.readDirSync("/proc")) {
  const parent = /^\d+$/.test(entry.name) ? parentOf(entry.name) : null;
  if (parent === Deno.pid) console.log(entry.name);
}
await new Promise(() => {});

function parentOf(pid: string): number | null {
  try {
    const afterName = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1] ?? "";
    return Number(afterName.split(" ")[1]);
  } catch {
    return null;
  }
}
