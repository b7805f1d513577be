import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { query, type Running, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
const verbose = fileURLToPath(new URL("../../services/verbose.ts", import.meta.url));
const choosy = fileURLToPath(new URL("../support/services/choosy.ts", import.meta.url));
const comments = { CommentEvent: {}, JoinEvent: {}, LikeEvent: {} };

/** Runs a demo with these services in its config, and stops it at the end. */
async function withDemo(
  services: Record<string, unknown>,
  use: (demo: Running, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    writeConfig(folder, { services });
    const demo = startLivecue(folder, "demo", "--rate", "50", "--verbose");
    try {
      await demo.line(/is live/);
      await use(demo, folder);
    } finally {
      demo.kill("SIGTERM");
      const { code, stderr } = await demo.ended;
      assert.equal(code, 0, stderr);
    }
  });
}

Deno.test("A config that is saved during a live applies at once: services are added, and removed ones leave their items", async () => {
  const first = { service_class: dummy, subscriptions: comments };
  await withDemo({ first }, async (demo, folder) => {
    await demo.line(/\[first\] item \d+ .* completed/);
    writeConfig(folder, { services: { second: { service_class: verbose, subscriptions: comments } } });
    await demo.line(/The changed config is in effect\.$/);
    await demo.line(/\[second\] item \d+ .* completed/);
    assert.deepEqual(
      query(folder, "SELECT slug, is_active FROM service ORDER BY slug").map((row) => ({ ...row })),
      [{ slug: "first", is_active: 0 }, { slug: "second", is_active: 1 }],
    );
    assert.deepEqual(query(folder, "SELECT status FROM event_queue WHERE status = 'failed'"), []);
  });
});

Deno.test("A mistake in a saved config is reported with its line, and the old settings remain in effect", async () => {
  const first = { service_class: dummy, subscriptions: comments };
  await withDemo({ first }, async (demo, folder) => {
    writeConfig(folder, { services: { first: { ...first, max_queue_sise: 3 } } });
    const line = await demo.line(/old settings remain in effect/);
    assert.match(line, /The changed config was not applied/);
    await demo.line(/config\.jsonc:1:\d+: services\.first\.max_queue_sise: .*"max_queue_size"/);
    writeConfig(folder, { services: { first: { ...first, max_queue_size: 3 } }, durability: "full" });
    await demo.line(/The changed config is in effect\. From the next start: durability\.$/);
    assert.equal(query<{ max_queue_size: number }>(folder, "SELECT * FROM service")[0]?.max_queue_size, 3);
  });
});

Deno.test("Options that do not fit their service are reported with their place when saved, until they are fixed", async () => {
  const counting = (options: Record<string, unknown>) => ({
    counting: { service_class: choosy, subscriptions: comments, options },
  });
  await withDemo(counting({ count: 1 }), async (demo, folder) => {
    await demo.line(/\[counting\] hello$/);
    const place = /config\.jsonc:(\d+:\d+): services\.counting\.options\.(\w+): Invalid input/;
    writeConfig(folder, { services: counting({ count: "two" }) });
    const saved = Deno.readTextFileSync(`${folder}/config.jsonc`);
    const line = await demo.line(place);
    assert.deepEqual(place.exec(line)?.slice(1), [`1:${saved.indexOf('"two"') + 1}`, "count"]);
    writeConfig(folder, { services: counting({ count: 1, word: "mended" }) });
    await demo.line(/\[counting\] mended$/);
  });
});

Deno.test("A rule for an event that its service does not get is reported at the start and when it is saved", async () => {
  const ruled = (type: string) => ({
    service_class: dummy,
    subscriptions: comments,
    options: { rules: [{ when: type }] },
  });
  await withDemo({ ruled: ruled("GiftEvent") }, async (demo, folder) => {
    await demo.line(
      /config\.jsonc:1:\d+: services\.ruled\.options\.rules\[0\]\.when: ruled does not get GiftEvent/,
    );
    writeConfig(folder, { services: { ruled: ruled("ShareEvent") } });
    await demo.line(/ruled does not get ShareEvent.* add "ShareEvent": \{\} to its "subscriptions"$/);
  });
});
