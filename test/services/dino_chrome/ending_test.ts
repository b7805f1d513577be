/** However Livecue ends, it leaves no browser behind, and no profile that the next start does not clear away. */
import assert from "node:assert/strict";
import { basename } from "node:path";
import {
  BrowserOfGame,
  exampleDino,
  ignore,
  processesWith,
  profiles,
  withDino,
} from "../../support/dino_under_test.ts";
import { startLivecue, writeConfig } from "../../support/livecue.ts";
import { withFolder } from "../../support/temporary_store.ts";

for (const isolation of ["worker", "process"]) {
  Deno.test({
    name: `No browser is left of a Livecue that is killed, or stopped, with the game in a ${isolation}`,
    ignore,
  }, async () => {
    await withFolder(async (folder) => {
      await using browser = new BrowserOfGame(folder);
      writeConfig(folder, {
        services: {
          dino_chrome: {
            service_class: exampleDino.serviceClass,
            isolation,
            permissions: browser.permissions,
            options: { headless: true, browser_path: browser.path },
            subscriptions: { CommentEvent: {} },
          },
        },
      });
      const killed = startLivecue(folder, "start", "--source", "demo", "--plain");
      await killed.line(/The game runs in/);
      const left = browser.profile;
      assert.notEqual((await processesWith(left)).length, 0);
      killed.kill("SIGKILL");
      await killed.ended;
      await untilGone(left);

      const stopped = startLivecue(folder, "start", "--source", "demo", "--plain");
      await stopped.line(/The game runs in/);
      assert(!profileNames().includes(basename(left)), "what the killed one left is cleared away");
      const own = browser.profile;
      assert(profileNames().includes(basename(own)));
      stopped.kill("SIGTERM");
      assert.equal((await stopped.ended).code, 0);
      assert.deepEqual(await processesWith(own), []);
      assert(!profileNames().includes(basename(own)));
    });
  });
}

Deno.test(
  { name: "No browser is left of a worker that is ended, whatever it was doing", ignore },
  async () => {
    let profile = "";
    await withDino({}, ({ browser }) => {
      profile = browser.profile;
      return Promise.resolve();
    });
    await untilGone(profile);
  },
);

/** A browser takes a moment to see that its pipe is closed. */
async function untilGone(profile: string): Promise<void> {
  while ((await processesWith(profile)).length > 0);
}

function profileNames(): string[] {
  return [...Deno.readDirSync(profiles)].map(({ name }) => name);
}
