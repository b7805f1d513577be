import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { openProfile } from "../../../services/dino_chrome/profile.ts";
import { withFolder } from "../../support/temporary_store.ts";

Deno.test("Profiles that were left behind are cleared away, with a lock or without; one in use is not", async () => {
  await withFolder(async (folder) => {
    const used = await openProfile(folder);
    Deno.mkdirSync(used.path);
    Deno.mkdirSync(join(folder, "killed"));
    Deno.writeTextFileSync(join(folder, "killed.lock"), "");
    // What a browser that was killed wrote when its profile had been removed already.
    Deno.mkdirSync(join(folder, "written-once-more", "Default"), { recursive: true });
    const own = await openProfile(folder);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    const inUse = basename(used.path);
    assert.deepEqual(names, [inUse, `${inUse}.lock`, `${basename(own.path)}.lock`].sort());
    await own.remove();
    await used.remove();
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});
