/** The example of docs/services_that_speak.md, as an author would copy it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeGift } from "../support/events.ts";
import { livecue, writeConfig } from "../support/livecue.ts";
import { startRunner } from "../support/runner_under_test.ts";
import { withFolder } from "../support/temporary_store.ts";

const page = new URL("../../docs/services_that_speak.md", import.meta.url);
const denoConfig = fileURLToPath(new URL("../../deno.json", import.meta.url));

function writeExample(folder: string): string {
  const code = /```ts\n(.*?)```/s.exec(Deno.readTextFileSync(page))?.[1];
  assert.ok(code);
  const path = join(folder, "wheel.ts");
  Deno.writeTextFileSync(path, code);
  return path;
}

Deno.test("The example of a service that speaks is right for the compiler", async () => {
  await withFolder(async (folder) => {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--config", denoConfig, writeExample(folder)],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  });
});

Deno.test("The example of a service with pages is right for the compiler", async () => {
  await withFolder(async (folder) => {
    const code = [...Deno.readTextFileSync(page).matchAll(/```ts\n(.*?)```/gs)].at(-1)?.[1];
    const path = join(folder, "wall.ts");
    Deno.writeTextFileSync(path, String(code));
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--config", denoConfig, path],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  });
});

Deno.test("The example of a service that speaks draws the prizes that its command adds, the same for the same item", async () => {
  await withFolder(async (folder) => {
    const serviceClass = writeExample(folder);
    writeConfig(folder, { services: { wheel: { service_class: serviceClass } } });
    assert.equal((await livecue(folder, "wheel", "add", "a hat")).code, 0);
    assert.equal((await livecue(folder, "wheel", "prizes")).stdout, "a hat\n");
    const dataFolder = join(folder, "data", "wheel");
    await using tested = await startRunner(serviceClass, { dataFolder, emits: ["SpinEvent"] });
    await tested.feed.add(1, makeGift());
    const emitted = [{ type: "SpinEvent", data: { prize: "a hat" }, id: null }];
    assert.deepEqual(tested.feed.outcomes.get(1), { kind: "completed", emitted });
    assert.equal((await livecue(folder, "wheel", "add", "a rabbit")).code, 0);
    await tested.feed.add(1, makeGift(), { attempt: 2 });
    assert.deepEqual(tested.feed.outcomes.get(1), { kind: "completed", emitted });
  });
});
