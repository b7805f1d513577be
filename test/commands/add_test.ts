/** `add`, as a person runs it: what it writes, what it checks, and what it says. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { loadConfig } from "../../src/config/load.ts";
import { livecue, writeConfig } from "../support/livecue.ts";
import { blockSlugs } from "../support/service_blocks.ts";
import { withFolder } from "../support/temporary_store.ts";

const textIn = (folder: string) => Deno.readTextFileSync(join(folder, "config.jsonc"));

Deno.test("add writes the block of each service that comes with Livecue, one after the other", async () => {
  await withFolder(async (folder) => {
    await livecue(folder, "init");
    const own = "// mine\n" + textIn(folder);
    await Deno.writeTextFile(join(folder, "config.jsonc"), own);
    const added = ["verbose", "obs", "dummy"];
    for (const slug of added) {
      const { stdout, stderr } = await livecue(folder, "add", slug);
      assert.equal(stderr, "");
      assert.match(stdout, new RegExp(`^The service ${slug} was added to .*config\\.jsonc\\.`));
      assert.match(
        stdout,
        new RegExp(`Next: follow the steps in docs/services/(${slug}|examples)\\.md\\.\n$`),
      );
    }
    const { services } = loadConfig(join(folder, "config.jsonc"));
    assert.deepEqual(services.map(({ slug, isActive }) => [slug, isActive]), [
      ["overlays", true],
      ...added.map((slug) => [slug, true]),
    ]);
    const tail = own.lastIndexOf("    }\n  }\n}");
    assert.ok(
      textIn(folder).startsWith(own.slice(0, tail) + "    },\n\n    // Writes each event to the log.\n"),
    );
    assert.match(textIn(folder), /\/\/ Tries until an event counts as failed/);
    assert.deepEqual(
      [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.startsWith(".")),
      [],
    );
  });
});

Deno.test("add checks what it added: a missing OBS is reported with what to do, and exit code 1", async () => {
  await withFolder(async (folder) => {
    const { code, stdout } = await livecue(folder, "add", "obs", "--yes");
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^\S*config\.jsonc was created\. It explains each setting\.\nThe service obs was added to/,
    );
    assert.match(stdout, /^✗ OBS: OBS does not answer at 127\.0\.0\.1:4455 .*start OBS/m);
    assert.match(stdout, /^Fix these problems, then check again: deno task livecue obs check$/m);
    assert.equal((await livecue(folder, "add", "dummy")).code, 0);
  });
});

Deno.test("add accepts the file of the user's own service", async () => {
  await withFolder(async (folder) => {
    const code = `import { BaseQueueService } from "livecue/service";
      export default class Mine extends BaseQueueService { override processEvent() { return true; } }`;
    await Deno.mkdir(join(folder, "services", "Wheel of 8"), { recursive: true });
    await Deno.writeTextFile(join(folder, "services", "greeter.ts"), code);
    await Deno.writeTextFile(join(folder, "services", "Wheel of 8", "main.ts"), code);
    writeConfig(folder, {});
    const greeter = await livecue(folder, "add", "./services/greeter.ts");
    assert.equal(greeter.code, 0, greeter.stderr);
    assert.match(greeter.stdout, /^✓ greeter: The module loads, and the options are valid\.$/m);
    assert.equal((await livecue(folder, "add", "services/Wheel of 8/main.ts")).code, 0);
    const { services } = loadConfig(join(folder, "config.jsonc"));
    assert.deepEqual(services.map(({ slug, serviceClass }) => [slug, serviceClass]), [
      ["greeter", join(folder, "services", "greeter.ts")],
      ["wheel_of_8", join(folder, "services", "Wheel of 8", "main.ts")],
    ]);
    assert.match(textIn(folder), /"service_class": "\.\/services\/greeter\.ts"/);
  });
});

Deno.test("add refuses with a sentence what it cannot add, and changes nothing", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {
      services: { obs: { service_class: "./obs.ts", is_active: false } },
    });
    const before = textIn(folder);
    const refusals: [name: string, says: RegExp][] = [
      ["obss", /^Livecue has no service "obss"\. Did you mean "obs"\? Its services are: .*dino_chrome/],
      ["obs", /config\.jsonc already has a service "obs"\. Set its "is_active" to true to switch it on\./],
      [
        "./config.jsonc",
        /^.*config\.jsonc is not a service module\. Name a file that ends in \.ts or \.js\./,
      ],
      ["./nothing.ts", /^There is no file .*nothing\.ts\. Create it, or correct its name\./],
    ];
    for (const [name, says] of refusals) {
      const { code, stdout, stderr } = await livecue(folder, "add", name);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "" }, name);
      assert.match(stderr, says);
    }
    assert.equal(textIn(folder), before);
    await Deno.writeTextFile(join(folder, "config.jsonc"), '{ "services": { ');
    const { code, stderr } = await livecue(folder, "add", "dummy");
    assert.equal(code, 2);
    assert.match(stderr, /config\.jsonc:1:\d+/);
    assert.equal(textIn(folder), '{ "services": { ');
  });
});

Deno.test("Each service that comes with Livecue has a block", () => {
  assert.deepEqual(blockSlugs, [
    "dashboard",
    "dino_chrome",
    "dummy",
    "feed",
    "gmod",
    "keys",
    "obs",
    "overlays",
    "peebot",
    "points",
    "sampler",
    "slow",
    "threshold",
    "tts",
    "verbose",
    "webhook",
  ]);
});
