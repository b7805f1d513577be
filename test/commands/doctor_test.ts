/** `doctor`, as a person runs it: the services' own checks with a fake OBS, game and TikTok. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FakeObs } from "../support/fake_obs.ts";
import { FakeRcon } from "../support/fake_rcon.ts";
import { FakeTikTok } from "../support/fake_tiktok.ts";
import { livecue, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const moduleOf = (name: string) => fileURLToPath(new URL(`../../services/${name}`, import.meta.url));
const archivist = fileURLToPath(new URL("../support/services/archivist.ts", import.meta.url));

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A service that may listen or connect at this port, and nothing else. */
function at(name: string, port: number, options: object = {}): object {
  return {
    service_class: moduleOf(name),
    permissions: { net: [`127.0.0.1:${port}`] },
    options: { host: "127.0.0.1", port, ...options },
  };
}

async function withTikTok(use: (folder: string, tiktok: FakeTikTok) => Promise<void>): Promise<void> {
  const tiktok = new FakeTikTok();
  try {
    await withFolder((folder) => use(folder, tiktok));
  } finally {
    await tiktok.close();
  }
}

const onWord = (action: object) => [{ when: "CommentEvent", do: action }];

Deno.test("doctor confirms everything that a live needs, with exit code 0, and changes nothing", async () => {
  await using obs = new FakeObs({ scenes: { Main: { Rose: false } }, password: "swordfish" });
  await using game = new FakeRcon();
  await withTikTok(async (folder, tiktok) => {
    const showRose = onWord({ action: "show", source: "Rose" });
    writeConfig(folder, {
      tiktok: { endpoints: tiktok.endpoints },
      services: {
        overlays: at("overlays/main.ts", freePort()),
        feed: at("feed/main.ts", freePort()),
        obs: at("obs/main.ts", obs.port, { password: "swordfish", rules: showRose }),
        gmod: at("gmod/main.ts", game.port, { password: "swordfish" }),
        webhook: {
          service_class: moduleOf("webhook/main.ts"),
          permissions: { net: ["127.0.0.1:9"] },
          options: { targets: { bot: { url: "http://127.0.0.1:9/" } } },
        },
        dummy: { service_class: moduleOf("dummy.ts") },
        off: { service_class: "./nowhere.ts", is_active: false },
      },
    });
    const { code, stdout, stderr } = await livecue(folder, "doctor");
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, stdout);
    for (
      const line of [
        /^✓ Versions: livecue \d/m,
        /^✓ Permissions: /m,
        /^✓ Config: .*config\.jsonc is valid\. 6 of 7 services active\.$/m,
        /^✓ Database: .*livecue\.db does not exist yet/m,
        /^✓ Log file: /m,
        /^✓ TikTok: http:.* answers\.$/m,
        /^✓ TikTok: This computer's clock is correct\.$/m,
        /^✓ Sign server: http:/m,
        /^✓ overlays: The pages can be served at http:/m,
        /^✓ feed: Programs will be able to connect to ws:/m,
        /^✓ obs: OBS at .* answers and accepts the connection\.\n✓ obs: OBS has everything that the rules name\.$/m,
        /^✓ gmod: The server at .* answers and accepts the password\.$/m,
        /^✓ webhook: bot: its address and secrets are set, and its host is permitted/m,
        /^✓ dummy: The module loads, and the options are valid\.$/m,
        /\n\nNo problem keeps a live from working\./,
      ]
    ) assert.match(stdout, line);
    assert.doesNotMatch(stdout, /✗|nowhere/);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["config.jsonc"]);
    assert.deepEqual(obs.changes, []);
    assert.deepEqual(game.commands, []);
    assert.deepEqual(new Set(tiktok.requests.map(({ path }) => path)), new Set(["/"]));
  });
});

Deno.test("doctor says what to do about each problem, with exit code 1", async () => {
  await using obs = new FakeObs({ scenes: { Main: { Rose: false } } });
  await using game = new FakeRcon();
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const closed = freePort();
  const closedUrl = `http://127.0.0.1:${closed}`;
  await withFolder(async (folder) => {
    await Deno.mkdir(join(folder, "livecue.log"));
    await Deno.writeTextFile(join(folder, "livecue.db"), "this is a letter to Ben, and no database at all");
    writeConfig(folder, {
      tiktok: { endpoints: { web: closedUrl, sign: closedUrl } },
      services: {
        overlays: at("overlays/main.ts", other.addr.port),
        feed: at("feed/main.ts", other.addr.port),
        // Names that OBS does not have.
        obs: at("obs/main.ts", obs.port, { rules: onWord({ action: "show", source: "Roze" }) }),
        gone_obs: at("obs/main.ts", closed),
        gmod: at("gmod/main.ts", game.port, { password: "wrong" }),
        dino_chrome: {
          service_class: moduleOf("dino_chrome/main.ts"),
          permissions: { env: true, run: ["/nowhere/chrome"], write: [moduleOf("dino_chrome/profiles")] },
          options: { browser_path: "/nowhere/chrome" },
        },
        webhook: {
          service_class: moduleOf("webhook/main.ts"),
          permissions: { net: ["127.0.0.1:9"] },
          options: { targets: { bot: { url: "http://example.com/" }, fine: { url: "http://127.0.0.1:9/" } } },
        },
        archive: { service_class: archivist, options: { greeting: 5 } },
      },
    });
    const { code, stdout } = await livecue(folder, "doctor");
    assert.equal(code, 1, stdout);
    for (
      const line of [
        /^✗ Database: .*livecue\.db: The file is not an SQLite database/m,
        /^✗ Log file: .*livecue\.log cannot be written/m,
        /^✗ TikTok: .*cannot be reached .*check the internet connection/m,
        /^✗ Sign server: .*cannot be reached/m,
        /^✗ overlays: Another program uses port \d+.*Close it.* See docs\/services\/overlays\.md for the steps\.$/m,
        /^✗ feed: Another program uses port/m,
        /^! obs: There is no source “Roze” in OBS: did you mean “Rose”\?/m,
        /^✗ gone_obs: OBS does not answer at .*start OBS.*is ticked\. See/m,
        /^✗ gmod: .*refuses the password/m,
        /^✗ dino_chrome: \/nowhere\/chrome does not exist: correct browser_path/m,
        /^✓ webhook: fine: its address/m,
        /^✗ webhook: bot: the service is not allowed to connect to example\.com: add/m,
        /^✗ archive: "options" of the config do not fit the service\n✗ archive: .*config\.jsonc:1:\d+: .*greeting/m,
        /\n\n\d+ lines with ✗ would keep a live, or a part of it, from working\./,
      ]
    ) assert.match(stdout, line);
    assert.doesNotMatch(stdout, /archivist\.ts|ben's letter/i);
  });
});

Deno.test("All mistakes in a config are reported, and the other checks are left for later", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "config.jsonc"), '{ "tiktok": { "usr": "ana" },\n  "databse": 5 }');
    const { code, stdout, stderr } = await livecue(folder, "doctor");
    assert.deepEqual({ code, stderr }, { code: 1, stderr: "" });
    assert.match(stdout, /^✗ Config: .*config\.jsonc:1:15: tiktok\.usr: unknown key, did you mean "user"/m);
    assert.match(stdout, /^✗ Config: .*config\.jsonc:2:3: databse: unknown key/m);
    assert.match(stdout, /Fix the config first, then run doctor again to check the rest\./);
    assert.doesNotMatch(stdout, /Database:|TikTok:/);
  });
});

Deno.test("While Livecue runs, doctor accepts that its ports are in use, and says that its database is", async () => {
  await withTikTok(async (folder, tiktok) => {
    writeConfig(folder, {
      tiktok: { endpoints: tiktok.endpoints },
      services: { overlays: at("overlays/main.ts", freePort()), feed: at("feed/main.ts", freePort()) },
    });
    const running = startLivecue(folder, "work");
    await Promise.all([running.line(/how to put them into OBS/), running.line(/Programs can connect to/)]);
    const { code, stdout } = await livecue(folder, "doctor");
    assert.equal(code, 0, stdout);
    assert.match(
      stdout,
      new RegExp(`^! Database: Another Livecue \\(process ${running.pid}\\) is using`, "m"),
    );
    assert.match(
      stdout,
      /^✓ overlays: The port of http:\S+ is in use, as expected, because Livecue is running\.$/m,
    );
    assert.match(stdout, /^✓ feed: The port of ws:\S+ is in use, as expected, because Livecue is running/m);
    const alone = await livecue(folder, "overlays", "check");
    assert.match(alone.stdout, /^The port of http:\S+ is in use, as expected, because Livecue is running/);
    running.kill("SIGTERM");
    assert.equal((await running.ended).code, 0);
  });
});

Deno.test("doctor names a misspelled field in a service of one's own, which would be undefined in a live", async () => {
  await withFolder(async (folder) => {
    Deno.writeTextFileSync(
      join(folder, "greeter.ts"),
      `import { BaseQueueService, type LiveEvent } from "livecue/service";
export default class Greeter extends BaseQueueService {
  override processEvent(event: LiveEvent): boolean {
    return event.type === "CommentEvent" && event.data.commnt !== "";
  }
}
`,
    );
    writeConfig(folder, { services: { greeter: { service_class: "./greeter.ts" } } });
    const { stdout } = await livecue(folder, "doctor");
    assert.match(
      stdout,
      /^! greeter: greeter\.ts has a mistake in its types: Property 'commnt' does not exist .*greeter\.ts:4:\d+\)$/m,
    );
  });
});
