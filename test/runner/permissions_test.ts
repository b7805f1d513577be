import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Permissions } from "../../src/service.ts";
import { permissionFlags, permissionsOf, workerPermissions } from "../../src/runner/permissions.ts";
import { makeGift } from "../support/events.ts";
import { withFolder } from "../support/temporary_store.ts";
import { makeService, noPermissions, startRunner } from "../support/runner_under_test.ts";

const ownFolder = fileURLToPath(new URL("../support/services", import.meta.url));
const kitFolder = fileURLToPath(new URL("../../src/kit", import.meta.url));
const clockPage = fileURLToPath(new URL("../../src/clock.ts", import.meta.url));

for (const isolation of ["worker", "shared", "process"] as const) {
  Deno.test(`A service in a ${isolation} may read its own folder and the kit, and nothing else without a grant`, async () => {
    const folder = Deno.makeTempDirSync();
    await using tested = await startRunner("curious", { isolation });
    const granted = [`read ${join(ownFolder, "curious.ts")}`, `read ${join(kitFolder, "service.ts")}`];
    for (const [i, words] of granted.entries()) {
      assert.deepEqual(await tested.feed.say(i + 1, words), { kind: "completed" }, words);
    }
    const denied: Record<string, RegExp> = {
      [`read ${clockPage}`]: /NotCapable|read access/,
      [`write ${join(folder, "file")}`]: /write access/,
      [`write ${join(ownFolder, "file")}`]: /write access/,
      "fetch http://127.0.0.1:9999/": /net access to "127.0.0.1:9999"/,
      "env HOME": /env access to "HOME"/,
      "run git": /run access to "git"/,
      "sys": /sys access to "hostname"/,
      "import https://example.com/module.ts": /import access|Requires import/,
    };
    for (const [i, [words, message]] of Object.entries(denied).entries()) {
      const outcome = await tested.feed.say(i + 10, words);
      assert.equal(outcome.kind, "failed", words);
      assert.match("error" in outcome ? outcome.error : "", message);
    }
    assert.deepEqual(await tested.feed.say(100, granted[0] ?? ""), { kind: "completed" });
    Deno.removeSync(folder, { recursive: true });
  });

  Deno.test(`A service in a ${isolation} may use rules and templates without any permission`, async () => {
    const rules = [{ when: "GiftEvent", if: { gift: "Rose" }, do: { say: "{user} sent {count}" } }];
    await using tested = await startRunner("ruled", { isolation, options: { rules } });
    assert.deepEqual(await tested.feed.add(1, makeGift({ count: 5 })), { kind: "completed" });
    await tested.log.heard(/^Ana sent 5$/);
  });

  Deno.test(`A service in a ${isolation} has exactly the permissions that it was granted`, async () => {
    const folder = Deno.makeTempDirSync();
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response());
    const host = `127.0.0.1:${server.addr.port}`;
    const permissions: Permissions = {
      net: [host],
      read: [clockPage],
      write: [folder],
      env: ["HOME"],
      run: false,
      sys: ["hostname"],
    };
    {
      await using tested = await startRunner("curious", { isolation, permissions });
      const granted = [
        `read ${clockPage}`,
        `write ${join(folder, "file")}`,
        `fetch http://${host}/`,
        "env HOME",
        "sys",
      ];
      for (const [i, words] of granted.entries()) {
        assert.deepEqual(await tested.feed.say(i + 1, words), { kind: "completed" }, words);
      }
      const denied = [`read ${join(folder, "file")}`, "fetch http://127.0.0.1:9999/", "env PATH"];
      for (const [i, words] of denied.entries()) {
        assert.equal((await tested.feed.say(i + 10, words)).kind, "failed", words);
      }
    }
    await server.shutdown();
    Deno.removeSync(folder, { recursive: true });
  });
}

Deno.test("Every module that authors import can be loaded with only the kit's permission", async () => {
  const config = JSON.parse(Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)));
  // Only tests import livecue/testing.
  const pages = Object.keys(config.imports).filter((name) => /^livecue\/(?!testing)/.test(name));
  assert.ok(pages.includes("livecue/service"));
  for (const isolation of ["worker", "shared", "process"] as const) {
    await withFolder(async (folder) => {
      const serviceClass = join(folder, "all_pages.ts");
      const imports = pages.map((page) => `import ${JSON.stringify(page)};`).join("\n");
      Deno.writeTextFileSync(
        serviceClass,
        `${imports}\nimport { BaseQueueService } from "livecue/service";
        export default class AllPages extends BaseQueueService { processEvent() { return true; } }`,
      );
      await using tested = await startRunner(serviceClass, { isolation });
      assert.deepEqual(tested.log.entries, []);
      assert.deepEqual(await tested.feed.say(1, ""), { kind: "completed" });
    });
  }
});

Deno.test("The message of a denied permission says where to grant it, and names no Deno flag", async () => {
  await using tested = await startRunner("curious");
  const outcome = await tested.feed.say(1, "env HOME");
  assert.ok(outcome.kind === "failed");
  assert.equal(
    outcome.error.split("\n")[0],
    'Requires env access to "HOME"; if the service should have it, grant it under "permissions" of this service in the config',
  );
});

Deno.test("An impossible permission is reported as a mistake in the config, with the reason", async () => {
  await using tested = await startRunner("curious", {
    permissions: { ...noPermissions, net: ["localhost:99999"] },
  });
  await tested.log.heard(
    /could not be given a worker with its "permissions": invalid port in 'localhost:99999'/,
  );
});

Deno.test("A service that requests a permission is answered without a prompt", async () => {
  await using tested = await startRunner("scripted");
  assert.equal((await tested.feed.say(1, "ask for a permission")).kind, "failed");
  await tested.log.heard(/^net is (prompt|denied)$/);
});

Deno.test("Permissions name every kind, so that nothing is left to Deno's defaults", () => {
  const permissions = permissionsOf(makeService("curious"));
  assert.deepEqual(permissions, {
    ...noPermissions,
    read: [ownFolder, kitFolder, "/data/tested"],
    write: ["/data/tested"],
  });
  assert.deepEqual(workerPermissions(permissions), { ...permissions, ffi: false, import: false });
  assert.equal(
    permissionsOf(makeService("curious", { permissions: { ...noPermissions, read: true } })).read,
    true,
  );
  assert.equal(dirname(makeService("curious").serviceClass), ownFolder);
});

Deno.test("Permissions of a process are flags, with commas doubled within a name", () => {
  const flags = permissionFlags({
    net: ["localhost:80", "example.com"],
    read: ["/one,two"],
    write: false,
    env: true,
    run: [],
    sys: ["hostname"],
  });
  assert.deepEqual(flags, [
    "--allow-net=localhost:80,example.com",
    "--allow-read=/one,,two",
    "--allow-env",
    "--allow-sys=hostname",
  ]);
});
