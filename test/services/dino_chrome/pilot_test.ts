/** The autopilot, in a game whose time the test moves. */
import assert from "node:assert/strict";
import { lacksBrowser as ignore } from "../../support/browser.ts";
import { deedOf, withFastDino } from "../../support/fast_dino.ts";

const pause_seconds = 2;

/** The average score of the runs in some minutes. */
async function averageOf(autopilot: "beginner" | "good" | "expert", seed: number): Promise<number> {
  let average = 0;
  await withFastDino({ autopilot, pause_seconds, seed }, async ({ pass, game }) => {
    const scores = await pass(360);
    const last = await game<number>("livecue.status().score");
    average = (scores.reduce((sum, score) => sum + score, 0) + last) / (scores.length + 1);
  });
  return average;
}

Deno.test(
  { name: "The expert runs for minutes by itself, up to the game's highest speed", ignore },
  async () => {
    await withFastDino({ autopilot: "expert", pause_seconds, seed: 3 }, async ({ pass, game }) => {
      assert.deepEqual(await pass(240), []);
      assert.equal(await game("game.currentSpeed >= game.config.maxSpeed"), true);
    });
  },
);

Deno.test({ name: "The better the autopilot, the farther it gets", ignore }, async () => {
  const beginner = await averageOf("beginner", 2);
  const good = await averageOf("good", 2);
  const expert = await averageOf("expert", 2);
  assert(beginner > 60 && good > 1.5 * beginner && expert > 2 * good, `${beginner}, ${good}, ${expert}`);
});

Deno.test(
  { name: "The expert gets through what viewers change, and jumps for them without harm", ignore },
  async () => {
    await withFastDino({ autopilot: "expert", pause_seconds, seed: 2 }, async ({ pass, perform, game }) => {
      await game("game.config.clearTime = 500");
      const crashes: number[] = [];
      for (const by of [3, -3, 5]) {
        await perform(deedOf("speed", { by, seconds: 10 }));
        await perform(deedOf("slow_motion", { seconds: 3 }));
        await perform(deedOf("night", { seconds: 5 }));
        await perform(deedOf("bird"));
        for (let second = 0; second < 15; second++) {
          for (let jump = 0; jump < 5; jump++) await perform(deedOf("jump", { name: `${second} ${jump}` }));
          crashes.push(...await pass(1));
        }
      }
      await perform(deedOf("moon_gravity", { seconds: 20 }));
      crashes.push(...await pass(25));
      assert.deepEqual(crashes, []);
    });
  },
);

Deno.test({ name: "The autopilot knows this browser's game, and says so", ignore }, async () => {
  await withFastDino({ autopilot: "good", pause_seconds, seed: 2 }, async ({ pass, game }) => {
    await pass(1);
    assert.equal(await game("livecue.status().mistake"), null);
  });
});
