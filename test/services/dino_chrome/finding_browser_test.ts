/** How a browser is found, and what is said where there is none, or none that starts. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { browserPath } from "../../support/browser.ts";
import { BrowserOfGame, exampleDino, ignore } from "../../support/dino_under_test.ts";
import { makeEvent } from "../../support/events.ts";
import { startRunner } from "../../support/runner_under_test.ts";
import { withFolder } from "../../support/temporary_store.ts";

const rules = [{ when: "CommentEvent", do: { action: "jump" } }];

const isInUsualPlace = (exampleDino.permissions.run as string[]).includes(`${browserPath}`);

Deno.test({
  name: "The example finds this computer's browser, with just what its permissions grant",
  ignore: ignore || !isInUsualPlace,
}, async () => {
  await using tested = await startRunner(exampleDino.serviceClass, {
    options: { ...exampleDino.options, headless: true },
    permissions: exampleDino.permissions,
  });
  await tested.log.heard(/^The game is on, in/);
});

Deno.test({
  name: "Without a browser it says once what to install, items fail with that, and one that comes is used",
  ignore,
}, async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "chrome");
    await using tested = await startRunner(exampleDino.serviceClass, {
      options: { headless: true, browser_path: path, rules },
      permissions: { ...exampleDino.permissions, run: [path] },
    });
    await tested.log.heard(/^No game: there is no \/.*chrome: install it \(.*apt install chromium/);
    const outcome = await tested.feed.add(1, makeEvent());
    assert.match(outcome.kind === "failed" ? outcome.error : "", /there is no \/.*chrome: install it/);
    await using browser = new BrowserOfGame(folder);
    Deno.symlinkSync(browser.path, path);
    await tested.log.heard(/^The game is on, in \/.*chrome\.$/);
    assert.deepEqual(await tested.feed.add(2, makeEvent()), { kind: "completed" });
    assert.equal(tested.log.entries.filter(({ text }) => /^No game/.test(text)).length, 1);
  });
});

Deno.test({
  name: "A browser that it may not start, and one that does not start, are told as what they are",
  ignore,
}, async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "chrome");
    Deno.writeTextFileSync(path, "#!/bin/sh\necho 'ERROR: Missing X server or $DISPLAY' >&2\nexit 1\n", {
      mode: 0o755,
    });
    const options = { browser_path: path, rules };
    await using denied = await startRunner(exampleDino.serviceClass, {
      options,
      permissions: exampleDino.permissions,
    });
    await denied.log.heard(
      /^No game: it may not start \/.*chrome \(Requires run access to ".*"\): name it under "run"/,
    );
    await using broken = await startRunner(exampleDino.serviceClass, {
      options,
      permissions: { ...exampleDino.permissions, run: [path] },
    });
    await broken.log.heard(/^No game: \/.*chrome ended while it was starting: ERROR: Missing X server/);
  });
});
