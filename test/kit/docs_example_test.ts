/** The examples of docs/services_that_speak.md, as an author would copy them. */
/// <reference lib="dom" />
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lacksBrowser, withPage } from "../support/browser.ts";
import { makeEvent, makeGift } from "../support/events.ts";
import { livecue, writeConfig } from "../support/livecue.ts";
import { noPermissions, startRunner } from "../support/runner_under_test.ts";
import { withFolder } from "../support/temporary_store.ts";

const page = new URL("../../docs/services_that_speak.md", import.meta.url);
const denoConfig = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** The first block of this language in the page, from these words on. */
function blockOf(language: string, from: string): string {
  const text = Deno.readTextFileSync(page);
  const code = text.slice(text.indexOf(from)).match(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s"))?.[1];
  assert.ok(code);
  return code;
}

function writeExample(folder: string): string {
  const path = join(folder, "wheel.ts");
  Deno.writeTextFileSync(path, blockOf("ts", "# Services that emit events"));
  return path;
}

function writePagesExample(folder: string): string {
  Deno.mkdirSync(join(folder, "pages", "assets"), { recursive: true });
  const from = "## Pages of its own";
  Deno.writeTextFileSync(join(folder, "pages", "index.html"), blockOf("html", from));
  Deno.writeTextFileSync(join(folder, "pages", "assets", "wall.js"), blockOf("js", from));
  const path = join(folder, "main.ts");
  Deno.writeTextFileSync(path, blockOf("ts", from));
  return path;
}

Deno.test("The examples of services that speak and have pages are right for the compiler", async () => {
  await withFolder(async (folder) => {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--config", denoConfig, writeExample(folder), writePagesExample(folder)],
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
    const emitted = [{ type: "SpinEvent", data: { prize: "a hat" }, id: null, toSelf: false }];
    assert.deepEqual(tested.feed.outcomes.get(1), { kind: "completed", emitted });
    assert.equal((await livecue(folder, "wheel", "add", "a rabbit")).code, 0);
    await tested.feed.add(1, makeGift(), { attempt: 2 });
    assert.deepEqual(tested.feed.outcomes.get(1), { kind: "completed", emitted });
  });
});

Deno.test({
  name: "The example of a service with pages shows what it is given, also what came before the page was open",
  ignore: lacksBrowser,
  fn: async () => {
    await withFolder(async (folder) => {
      const permissions = { ...noPermissions, net: ["127.0.0.1"] };
      await using tested = await startRunner(writePagesExample(folder), {
        permissions,
        options: { port: 0 },
      });
      const { text } = await tested.log.heard(/^http:\S+ shows the pages/);
      const spin = (id: number, prize: string) => ({
        ...makeEvent({ id }),
        type: "SpinEvent",
        data: { prize },
      });
      await tested.feed.add(1, spin(1, "hat") as never);
      await withPage(async (opened) => {
        await opened.goto(text.split(" ")[0] ?? "");
        await opened.waitForFunction(() => document.querySelector("#prizes")?.textContent === "hat");
        await tested.feed.add(2, spin(2, "cat") as never);
        await opened.waitForFunction(() => document.querySelector("#prizes")?.textContent === "hatcat");
      });
    });
  },
});
