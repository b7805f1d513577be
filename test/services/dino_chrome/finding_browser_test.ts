/** How a browser is found, and what is said where there is none, or none that starts. */
import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import type { Permissions } from "../../../src/service.ts";
import { browserPath } from "../../support/browser.ts";
import {
  BrowserOfGame,
  exampleDino,
  ignore,
  processesWith,
  profiles,
} from "../../support/dino_under_test.ts";
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
  await tested.log.heard(/^The game runs in/);
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
    await tested.log.heard(
      /^No game: \/.*chrome does not exist: correct browser_path .*apt install chromium/,
    );
    assert.deepEqual(await tested.feed.add(1, makeEvent()), {
      kind: "failed",
      error: `${path} does not exist`,
    });
    await using browser = new BrowserOfGame(folder);
    Deno.symlinkSync(browser.path, path);
    await tested.log.heard(/^The game runs in \/.*chrome\.$/);
    assert.deepEqual(await tested.feed.add(2, makeEvent()), { kind: "completed" });
    assert.equal(tested.log.entries.filter(({ text }) => /^No game/.test(text)).length, 1);
  });
});

/** What is said of a file that browser_path names. */
async function troubleWith(path: string, permissions: Partial<Permissions> = {}): Promise<string> {
  await using tested = await startRunner(exampleDino.serviceClass, {
    configFolder: dirname(path),
    options: { browser_path: `./${basename(path)}`, rules },
    permissions: { ...exampleDino.permissions, run: [path], ...permissions },
  });
  await tested.log.heard(/^No game/);
  return tested.log.entries.map(({ text }) => text).find((text) => text.startsWith("No game")) ?? "";
}

Deno.test({
  name: "A browser that it may not start, and one that does not start, are told as what they are",
  ignore,
}, async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "chrome");
    const write = (...lines: string[]) =>
      Deno.writeTextFileSync(path, ["#!/bin/sh", ...lines].join("\n"), { mode: 0o755 });

    write(
      "echo '[8:21:1121/160634.017:ERROR:dbus/bus.cc:405] Failed to connect to the bus: no such file' >&2",
      "echo '[8:8:1121/160634.021:ERROR:ozone_platform_x11.cc:257] Missing X server or $DISPLAY' >&2",
      "echo '[8:8:1121/160634.022:ERROR:env.cc:255] The platform failed to initialize.  Exiting.' >&2",
      "exit 1",
    );
    assert.match(
      await troubleWith(path),
      /chrome exited while it was starting: Missing X server or \$DISPLAY\.$/,
    );
    assert.match(
      await troubleWith(path, { run: exampleDino.permissions.run }),
      /^No game: the service is not allowed to start \/.*chrome \(Requires run access to ".*"\): add it to "run" in this service\'s permissions/,
    );
    assert.match(
      await troubleWith(path, { env: false }),
      /\(Requires env access to ".*"\): give this service the permissions shown in docs\/services\/dino_chrome\.md/,
    );
    write("echo hello");
    assert.match(
      await troubleWith(path),
      /chrome exited while it was starting: check that it is Chrome or Chromium\./,
    );
    write("echo 'unknown option --user-data-dir' >&2", "exit 1");
    assert.match(await troubleWith(path), /exited while it was starting: unknown option/);
    Deno.chmodSync(path, 0o644);
    assert.match(await troubleWith(path), /chrome cannot be started \(.*EACCES\): .* the program itself/);
    assert.match(await troubleWith(folder), /cannot be started .*, not its folder/);
  });
});

Deno.test({
  name: "A browser without its sandbox shows no bar, and a stop does not wait for one that says nothing",
  ignore,
}, async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "chrome");
    const started = join(folder, "started");
    Deno.mkdirSync(started);
    using watcher = Deno.watchFs(started);
    const script = ["#!/bin/sh", `echo "$@" > "${started}/arguments"`, `exec tail -f "${started}/arguments"`];
    Deno.writeTextFileSync(path, script.join("\n"), { mode: 0o755 });
    await using tested = await startRunner(exampleDino.serviceClass, {
      options: { browser_path: path, no_sandbox: true },
      permissions: { ...exampleDino.permissions, run: [path] },
    });
    for await (const { kind } of watcher) if (kind === "modify") break;
    const stoppedAt = performance.now();
    await tested.runner.stop({ graceMs: 0 });
    assert(performance.now() - stoppedAt < 10_000);
    assert.deepEqual(await processesWith(started), []);
    assert.match(Deno.readTextFileSync(join(started, "arguments")), /--no-sandbox --test-type/);
    const [, profile] = Deno.readTextFileSync(join(started, "arguments")).match(/--user-data-dir=(\S+)/) ??
      [];
    assert(![...Deno.readDirSync(profiles)].some(({ name }) => name.startsWith(basename(`${profile}`))));
  });
});
