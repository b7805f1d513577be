import assert from "node:assert/strict";
import { join } from "node:path";
import type { Permissions } from "../../src/service.ts";
import { secretGivenTwice } from "../../src/kit/secret.ts";
import { noPermissions, startRunner } from "../support/runner_under_test.ts";
import { withFolder } from "../support/temporary_store.ts";

/** What a service with these options reads, or why it cannot. */
async function read(
  options: Record<string, string>,
  permissions: Partial<Permissions> = {},
  configFolder = "/",
): Promise<string> {
  await using tested = await startRunner("secretive", {
    options,
    permissions: { ...noPermissions, ...permissions },
    configFolder,
  });
  const outcome = await tested.feed.say(1, "tell me");
  if ("error" in outcome) return outcome.error.split("\n")[0] as string;
  return tested.log.entries.map(({ text }) => text).join();
}

Deno.test("A secret stands in the config, in an environment variable, or in a file beside the config", async () => {
  assert.equal(await read({ password: "rose" }), "rose");
  assert.equal(await read({}), "undefined");
  assert.equal(await read({ password: "", password_env: "HOME" }, { env: ["HOME"] }), Deno.env.get("HOME"));
  assert.equal(await read({ password_env: "HOME" }, { env: ["HOME"] }), Deno.env.get("HOME"));
  await withFolder(async (folder) => {
    // As Notepad writes it: with a mark at the beginning and an end of line of its own.
    Deno.writeTextFileSync(join(folder, "secret.txt"), "\uFEFFgalaxy rose\r\n");
    assert.equal(await read({ password_file: "secret.txt" }, { read: [folder] }, folder), "galaxy rose");
  });
});

Deno.test("A file that is too long to be a secret is not read to its end", async () => {
  await withFolder(async (folder) => {
    Deno.writeTextFileSync(join(folder, "x"), "s".repeat(70_000));
    assert.match(
      await read({ password_file: "./x" }, { read: [folder] }, folder),
      /^the file \.\/x \(password_file\) has over 64 KB: write the secret alone into it/,
    );
  });
});

Deno.test("A secret that is missing, or not granted, is told with what to do", async () => {
  assert.equal(
    await read({ password_env: "HOME" }),
    'the environment variable HOME (password_env) may not be read: add "HOME" to the list "env" in "permissions"',
  );
  assert.match(
    await read({ password_env: "LIVECUE_NO_SUCH" }, { env: true }),
    /LIVECUE_NO_SUCH \(password_env\) is not set: set it/,
  );
  assert.match(
    await read({ password_file: "./x" }),
    /^the file \.\/x \(password_file\) may not be read: add "\.\/x" to the list "read"/,
  );
  await withFolder(async (folder) => {
    assert.match(
      await read({ password_file: "./x" }, { read: [folder] }, folder),
      /^there is no file \.\/x \(password_file\): create it/,
    );
    Deno.writeTextFileSync(join(folder, "x"), "\n");
    assert.match(
      await read({ password_file: "./x" }, { read: [folder] }, folder),
      /^the file \.\/x \(password_file\) is empty/,
    );
  });
});

Deno.test("A secret that is given twice is a mistake", async () => {
  assert.equal(
    await read({ password: "rose", password_env: "HOME" }, { env: ["HOME"] }),
    '"options" has password and password_env: keep only one of password, password_env, password_file',
  );
  assert.equal(secretGivenTwice("key", { key_env: "KEY" }), null);
  assert.equal(
    secretGivenTwice("key", { key: "a", key_env: "KEY" }),
    "has key and key_env: keep only one of key, key_env, key_file",
  );
});
