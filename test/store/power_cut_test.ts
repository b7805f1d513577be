/** The power is cut at any moment: what was not synced may be lost, in any part. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { cutAndStart, type Durability, recordWrites, whyNoPowerCut } from "../support/power/power_run.ts";
import { withFolder } from "../support/temporary_store.ts";

const why = whyNoPowerCut();
const events = 400;
const cuts = 40;

/** Runs `use` for each of the cuts. */
async function eachCut(
  durability: Durability,
  use: (result: { told: number; stored: number }, seed: number) => void,
): Promise<void> {
  await withFolder(async (folder) => {
    const writes = await recordWrites(folder, durability, events);
    const isSync = ({ kind, name }: { kind: string; name: string }) =>
      kind === "sync" && name === "livecue.db";
    assert.ok(writes.filter(isSync).length > 1, "the log was taken back into the file meanwhile");
    for (let seed = 1; seed <= cuts; seed += 1) {
      const after = join(folder, `after ${seed}`);
      await Deno.mkdir(after);
      try {
        use(await cutAndStart(writes, after, seed), seed);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
      await Deno.remove(after, { recursive: true });
    }
  });
}

Deno.test({
  name: `With "durability": "full" what was told to be stored is there after a power cut${
    why ? ` (${why})` : ""
  }`,
  ignore: why !== null,
  async fn() {
    await eachCut(
      "full",
      ({ told, stored }) => assert.ok(stored >= told, `${told} were told, ${stored} are stored`),
    );
  },
});

Deno.test({
  name: `With "durability": "normal" a power cut takes the last events alone, and the database is whole${
    why ? ` (${why})` : ""
  }`,
  ignore: why !== null,
  async fn() {
    let lost = 0;
    await eachCut("normal", ({ told, stored }) => lost += Math.max(0, told - stored));
    assert.ok(lost > 0, "a cut that loses nothing shows nothing");
  },
});
