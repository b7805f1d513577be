/** The same recording with the same full queues, replayed into SQLite and into PostgreSQL by the command. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { mostlyDiscardable } from "../admission_run.ts";
import { Choices, makeRecording, makeServices, writeScene } from "../kill_scene.ts";
import { livecue, query } from "../livecue.ts";
import { startPostgres } from "../postgres.ts";
import { randomFrom } from "../rooms_scene.ts";
import { withFolder } from "../temporary_store.ts";

/** What admission decided for each item, in its order. Ids differ: PostgreSQL's have gaps. */
const decisions =
  `SELECT slug, message_id, priority, is_async, is_discardable, count, item.status, discard_reason
  FROM event_queue AS item JOIN service ON service.id = service_id
  JOIN live_event AS event ON event.id = live_event_id ORDER BY item.id`;

export interface BothAdmissions {
  rows: number;
  evicted: number;
  dropped: number;
}

/** Throws at the first row that differs. Only one service works: what others have pending does not depend on time. */
export async function compareAdmissions(
  { seed, messages }: { seed: number; messages: number },
): Promise<BothAdmissions> {
  let report: BothAdmissions | null = null;
  await withFolder(async (folder) => {
    const choices = new Choices(randomFrom(seed));
    const recording = await makeRecording(folder, choices, { messages, deaths: 0 });
    const made = makeServices(choices, { hasProcess: false, dies: false });
    // The others hear what services answer and tell, and that depends on when these work.
    const services = made.filter(({ slug }) => !["screen", "teller"].includes(slug)).map((service) => ({
      ...service,
      subscriptions: mostlyDiscardable(service.subscriptions, choices),
      max_queue_size: service.slug === "steady" ? 100_000 : choices.of(1, 10, 100),
      answers: {},
    }));
    await using server = await startPostgres();
    const address = await server.createDatabase();
    writeScene(folder, services, { durability: "normal", name: "Tested" });
    for (const database of ["livecue.db", address]) {
      const args = [
        "start",
        "--plain",
        "--speed",
        "max",
        "--source",
        recording.source,
        "--service",
        "steady",
      ];
      const { code, stdout, stderr } = await livecue(folder, ...args, "--database", database);
      if (code !== 0) throw new Error(`${database}: ${stdout}${stderr}`);
      await Deno.remove(join(folder, "steady.diary"));
    }
    const here = query(folder, decisions).map((row) =>
      Object.values(row).map((value) => value ?? "").join("|")
    );
    const there = (await server.psql(decisions, new URL(address).pathname.slice(1))).split("\n");
    for (let index = 0; index < Math.max(here.length, there.length); index++) {
      assert.equal(there[index], here[index], `item ${index + 1}`);
    }
    const count = (reason: string) => here.filter((row) => row.endsWith(`|${reason}`)).length;
    report = { rows: here.length, evicted: count("evicted"), dropped: count("queue_full") };
  });
  return report!;
}
