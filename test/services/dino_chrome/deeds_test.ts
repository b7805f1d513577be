/** What viewers' deeds do in the game, in a time that the test moves. */
import assert from "node:assert/strict";
import { lacksBrowser as ignore } from "../../support/browser.ts";
import { deedOf, type FastDino, withFastDino } from "../../support/fast_dino.ts";

/** A run that nothing ends: no obstacle comes, unless a viewer sends it. */
async function withEmptyDesert(use: (dino: FastDino) => Promise<void>): Promise<void> {
  await withFastDino({ autopilot: "off", pause_seconds: 3 }, async (dino) => {
    await dino.game("game.horizon.addNewObstacle = () => {}");
    await use(dino);
  });
}

const crash = "Runner.getInstance().gameOver()";

Deno.test(
  { name: "Deeds of a flood are merged: twenty jumps a second wait less than a second", ignore },
  async () => {
    await withEmptyDesert(async ({ perform, pass, game, page }) => {
      await page.evaluate(`globalThis.jumps = 0; globalThis.longest = 0;
      const { tRex } = Runner.getInstance(), { startJump } = tRex;
      tRex.startJump = function (speed) { globalThis.jumps++; return startJump.call(this, speed); };`);
      for (let each = 0; each < 200; each++) {
        await perform(deedOf("jump", { name: `viewer ${each}` }));
        await pass(0.05);
      }
      await pass(1);
      assert.equal(await game("livecue.status().deeds.entries.length"), 0);
      const jumps = await game<number>("globalThis.jumps");
      assert(jumps >= 10 && jumps <= 25, `${jumps} jumps in ten seconds`);
    });
  },
);

Deno.test({
  name: "A deed that is repeated gets longer, up to a minute, and is shown once with its number",
  ignore,
}, async () => {
  await withEmptyDesert(async ({ perform, pass, texts, game }) => {
    for (let each = 0; each < 30; each++) {
      await perform(deedOf("night", { name: `${each}`, seconds: 8, text: "dark" }));
    }
    await pass(0.5);
    assert.deepEqual(await texts(".action"), ["0\n+29\ndark\n×30\n60 s"]);
    await pass(59);
    assert.equal(await game("game.inverted"), true);
    await pass(1);
    assert.equal(await game("game.inverted"), false);
  });
});

Deno.test({ name: "The same deed is done once, whatever hands it out again", ignore }, async () => {
  await withEmptyDesert(async ({ perform, game }) => {
    const deed = deedOf("night", { seconds: 8 });
    await perform(deed);
    await perform(deed);
    assert.deepEqual(await game("livecue.status().deeds.entries.map(({ times }) => times)"), [1]);
  });
});

Deno.test({
  name: "A speed holds in the next run too, its time stands still between runs, and it is put back",
  ignore,
}, async () => {
  await withEmptyDesert(async ({ perform, pass, game, page }) => {
    await perform(deedOf("speed", { by: 6, seconds: 5 }));
    await pass(1);
    assert.equal(await game("game.currentSpeed > 12"), true);
    await page.evaluate(crash);
    await pass(2.5);
    assert.equal(await game("livecue.status().deeds.entries[0].seconds > 3.9"), true);
    await pass(1.5);
    assert.equal(await game("game.playCount === 2 && game.currentSpeed > 12"), true);
    await pass(4);
    assert.equal(await game("game.currentSpeed < 7"), true);
  });
});

Deno.test({ name: "A shield survives one hit, and the next hit ends the run", ignore }, async () => {
  await withFastDino(
    { autopilot: "off", pause_seconds: 3 },
    async ({ perform, pass, passUntil, game, texts }) => {
      await game("game.config.clearTime = 0");
      await perform(deedOf("shield", { text: "shield" }));
      await passUntil("livecue.status().deeds.entries.length === 0");
      assert.deepEqual(await game("[game.crashed, livecue.status().deeds.entries.length]"), [false, 0]);
      assert.deepEqual(await texts(".burst"), ["saved!"]);
      await pass(0.5);
      assert.equal(await game("game.crashed"), false);
      await passUntil("game.crashed");
    },
  );
});

Deno.test({ name: "Two shields survive two hits, and end when the newest would end", ignore }, async () => {
  await withEmptyDesert(async ({ perform, pass, game }) => {
    for (const name of ["Ana", "Ben"]) await perform(deedOf("shield", { name, times: 1, seconds: 4 }));
    await pass(1);
    const [{ times, seconds }] = await game<[{ times: number; seconds: number }]>(
      "livecue.status().deeds.entries",
    );
    assert(times === 2 && seconds <= 3.1, `${times} hits, ${seconds} s`);
    await pass(3.5);
    assert.equal(await game("livecue.status().deeds.entries.length"), 0);
  });
});

Deno.test({ name: "Slow motion halves the game's time, and ends", ignore }, async () => {
  await withEmptyDesert(async ({ perform, pass, game }) => {
    await pass(2);
    const ran = async (seconds: number) => {
      const before = await game<number>("game.distanceRan");
      await pass(seconds);
      return (await game<number>("game.distanceRan")) - before;
    };
    const usual = await ran(2);
    await perform(deedOf("slow_motion", { seconds: 2 }));
    const slow = await ran(2);
    const after = await ran(2);
    assert(slow > 0.45 * usual && slow < 0.55 * usual, `${slow} of ${usual}`);
    assert(after > 0.95 * usual, `${after} of ${usual}`);
  });
});

Deno.test({
  name: "A viewer's bird comes at any speed, and whoever sent it is named when it ends the run",
  ignore,
}, async () => {
  await withFastDino(
    { autopilot: "off", pause_seconds: 3 },
    async ({ perform, pass, passUntil, game, texts }) => {
      await game("game.horizon.obstacleTypes[2].yPos = [75]");
      await perform(deedOf("bird", { name: "Bo", times: 3 }));
      const isBird = "({ typeConfig: { type } }) => type === 'pterodactyl'";
      await passUntil(`game.horizon.obstacles.some(${isBird})`);
      assert.equal(await game("game.currentSpeed < 8"), true);
      // Nothing else ends the run before.
      await game(`game.horizon.obstacles = game.horizon.obstacles.filter(${isBird})`);
      await passUntil("game.crashed");
      await pass(0.1);
      assert.deepEqual(await texts(".who"), ["Bo\ncrashed it with a bird"]);
    },
  );
});

Deno.test({
  name: "Whoever plays moves the dino at once, others' comments do not, gifts do, and the autopilot rests",
  ignore,
}, async () => {
  await withFastDino({ autopilot: "expert", pause_seconds: 3 }, async ({ perform, pass, game, texts }) => {
    await game("game.horizon.addNewObstacle = () => {}");
    await perform(deedOf("play", { name: "Ana", seconds: 5, text: "plays!" }));
    await pass(0.2);
    assert.deepEqual(await texts(".action"), ["Ana\nplays!\n5 s"]);
    await perform(deedOf("jump", { name: "Bo" }));
    await pass(0.1);
    assert.equal(await game("game.tRex.jumping"), false);
    await perform(deedOf("jump", { name: "Ana" }));
    await pass(0.1);
    assert.equal(await game("game.tRex.jumping"), true);
    await pass(1);
    await perform(deedOf("jump", { name: "Bo", isComment: false }));
    await pass(0.1);
    assert.equal(await game("game.tRex.jumping"), true);
    await perform(deedOf("play", { name: "Cy", seconds: 5 }));
    await pass(4);
    assert.equal(await game("livecue.status().deeds.entries.map(({ who }) => who[0].name).join()"), "Cy");
  });
});

Deno.test({
  name: "A player who crashes is named and the turn is over; a sixth who waits is refused",
  ignore,
}, async () => {
  await withFastDino(
    { autopilot: "expert", pause_seconds: 3 },
    async ({ perform, pass, passUntil, game, texts }) => {
      for (const name of ["Ana", "Bo", "Cy", "Di", "Ed"]) {
        assert.equal(await perform(deedOf("play", { name, seconds: 60 })), null);
      }
      assert.match(
        await perform(deedOf("play", { name: "Flo", seconds: 60 })) ?? "",
        /^5 viewers are already waiting/,
      );
      await passUntil("game.crashed");
      await pass(0.1);
      assert.deepEqual(await texts(".who"), ["Ana\ncrashed it"]);
      assert.equal(await game("livecue.status().deeds.entries.length"), 4);
    },
  );
});
