/** Kills of the program between and inside steps repeat only the steps that they cut. */
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { commentOf } from "../support/captured_events.ts";
import { Choices } from "../support/kill_scene.ts";
import { livecue, query, startLivecue, writeConfig } from "../support/livecue.ts";
import { writeRecording } from "../support/recording.ts";
import { randomFrom } from "../support/rooms_scene.ts";
import { withFolder } from "../support/temporary_store.ts";

const serviceClass = fileURLToPath(new URL("../support/services/worker_in_steps.ts", import.meta.url));
const names = ["mark", "fetch", "convert", "save"];
const items = 12;
const kills = 5;

interface Diary {
  begins: { item: string; name: string; key: string }[];
  ends: string[];
}

function readDiary(path: string): Diary {
  const lines = Deno.readTextFileSync(path).trim().split("\n").map((line) => line.split(" "));
  return {
    begins: lines.filter(([kind]) => kind === "begin").map(([, item = "", name = "", , key = ""]) => ({
      item,
      name,
      key,
    })),
    ends: lines.filter(([kind]) => kind === "end").map((words) => words.slice(1).join(" ")),
  };
}

for (const isolation of ["worker", "process"] as const) {
  Deno.test(`Kills at any moment of steps repeat only the steps that they cut: ${isolation}`, async () => {
    await withFolder(async (folder) => {
      const isAsync = isolation === "process";
      const inHand = isAsync ? 3 : 1;
      const diary = `${folder}/diary`;
      writeConfig(folder, {
        services: {
          steps: {
            service_class: serviceClass,
            isolation,
            max_concurrency: inHand,
            max_crashes: 20,
            permissions: { write: [diary] },
            options: { diary },
            subscriptions: { CommentEvent: { is_async: isAsync, is_discardable: true } },
          },
        },
      });
      const source = await writeRecording(
        folder,
        Array.from({ length: items }, (_, i) => commentOf(`no. ${i}`)),
      );
      assert.equal((await livecue(folder, "capture", "--source", source, "--speed", "max")).code, 0);
      const choices = new Choices(randomFrom(7));
      let killed = 0;
      for (let cut = 0; cut < kills; cut++) {
        const running = startLivecue(folder, "work", "--drain");
        const mark = running.line(new RegExp(`mark ${3 * (1 + choices.whole(2))}$`)).catch(() => {});
        await Promise.race([mark, running.ended]);
        for (let turn = choices.whole(400); turn > 0; turn--) await nextTurn();
        try {
          running.kill("SIGKILL");
        } catch (error) {
          // It has come to its end.
          if (!(error instanceof TypeError)) throw error;
        }
        if ((await running.ended).code === 137) killed++;
      }
      assert.ok(killed > 1);
      const { code, stderr } = await livecue(folder, "work", "--drain");
      assert.equal(code, 0, stderr);

      const { begins, ends } = readDiary(diary);
      const all = items * names.length;
      assert.ok(begins.length >= all && begins.length <= all + killed * inHand, `${begins.length} begins`);
      for (let item = 1; item <= items; item++) {
        const ofItem = begins.filter((begin) => begin.item === `${item}`);
        // A step never runs again once the next one has begun, because its result was stored before.
        const order = ofItem.map(({ name }) => names.indexOf(name));
        assert.deepEqual(order, order.toSorted((a, b) => a - b), `item ${item}: ${order}`);
        assert.deepEqual(new Set(order).size, names.length);
        // The key of a step is the same in all its tries, and no other step has it.
        assert.equal(new Set(ofItem.map(({ key }) => key)).size, names.length);
        assert.ok(
          ends.includes(`${item} 4 ${names.map((name) => `${name} of ${item}`).join()}`),
          `item ${item}`,
        );
      }
      assert.deepEqual(
        query(folder, "SELECT status, count(*) AS count FROM event_queue GROUP BY status").map((row) => ({
          ...row,
        })),
        [{ status: "completed", count: items }],
      );
      assert.deepEqual([...Deno.readDirSync(`${folder}/data/steps/items`)], []);
    });
  });
}
