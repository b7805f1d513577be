import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parse } from "jsonc-parser";
import type { DraftView, Overview, Trial } from "../../src/desk/overview.ts";
import { DeskOfRun } from "../../src/commands/desk_of_run.ts";
import { makeEvent, makeGift } from "../support/events.ts";
import { greeterConfig, withDesk } from "../support/desk_under_test.ts";
import { silentLog } from "../support/silent_log.ts";

const rose = { when: "GiftEvent", if: { gift: "Rose" }, do: { say: "a rose" } };
const roseText = '{ "when": "GiftEvent", "if": { "gift": "Rose" }, "do": { "say": "a rose" } }';
const rules = `[
        // Roses first.
        ${roseText}, // the best
        { "when": "FollowEvent", "do": { "say": "{user}!" } }
      ]`;
const follow = { index: 1, text: '{ "when": "FollowEvent", "do": { "say": "{user}!" } }' };
const first = { index: 0, text: roseText };
const slug = "greeter";

Deno.test("The desk shows each service that has rules, with the form of its own actions", async () => {
  await withDesk({ rules, events: [makeGift({ id: 1 })] }, async ({ ask }) => {
    const { json: overview } = await ask<Overview>("/overview");
    assert.equal(overview.error, null);
    const [service] = overview.services;
    assert.ok(service);
    assert.deepEqual(service.rules.map(({ value }) => value), [
      rose,
      { when: "FollowEvent", do: { say: "{user}!" } },
    ]);
    const { properties: form } = service.schema?.rule as {
      properties: { do: { required: string[] }; if: { properties: Record<string, unknown> } };
    };
    assert.deepEqual(form.do.required, ["say"]);
    assert.ok(form.if.properties.min_diamonds);
    assert.ok(overview.eventTypes.includes("GiftEvent"));
  });
});

Deno.test("The desk says of a service that its first rule decides, and of others nothing", async () => {
  await withDesk({ rules }, async ({ ask, config, write }) => {
    const overlays = fileURLToPath(new URL("../../services/overlays/main.ts", import.meta.url));
    write(
      config().replace(
        '"services": {',
        `"services": {
      "overlays": { "service_class": ${JSON.stringify(overlays)}, "subscriptions": { "*": {} } },`,
      ),
    );
    const { json: { services } } = await ask<Overview>("/overview");
    const notes = services.map(({ slug, note }) => [slug, note?.split(".", 1)[0]]);
    assert.deepEqual(notes, [
      ["overlays", "The first rule that matches an event decides"],
      ["greeter", undefined],
    ]);
  });
});

Deno.test("A saved rule changes its own text in the config, and nothing else", async () => {
  await withDesk({ rules }, async ({ ask, config }) => {
    const draft = { rule: { ...rose, if: { gift: "Rose", min_count: 3 } } };
    const { json } = await ask("/save", { slug, change: { kind: "put", target: first, draft } });
    assert.equal(
      config(),
      greeterConfig(rules).replace('"gift": "Rose" }', '"gift": "Rose", "min_count": 3 }'),
    );
    assert.deepEqual(json.overview.services[0]?.rules[0]?.value, draft.rule);
    await ask("/save", {
      slug,
      change: {
        kind: "put",
        target: null,
        draft: { text: '{ "when": "ShareEvent", "do": { "say": "s" } }' },
      },
    });
    assert.match(config(), /"\{user\}!" \} \},\n {8}\{ "when": "ShareEvent"/);
    await ask("/save", { slug, change: { kind: "move", target: follow, to: 0 } });
    assert.match(config(), /\[\n {8}\{ "when": "FollowEvent"[^\n]*\},\n {8}\/\/ Roses first\.\n/);
    await ask("/save", { slug, change: { kind: "remove", target: { ...follow, index: 0 } } });
    assert.doesNotMatch(config(), /Follow/);
    assert.match(config(), /\/\/ Roses first\.[^]*\/\/ the best[^]*\/\/ its options/);
  });
});

Deno.test("A rule with a mistake is not saved, and each mistake has its place", async () => {
  await withDesk({ rules }, async ({ ask, config }) => {
    const before = config();
    const drafts = {
      "if.min_diamonds": { rule: { ...rose, if: { min_diamonds: 0 } } },
      "do.say": { rule: { ...rose, do: {} } },
      "if.min_viewers": { rule: { ...rose, if: { min_viewers: 3 } } },
      "Line 1": { text: "{ when: }" },
    };
    for (const [place, draft] of Object.entries(drafts)) {
      const view = await ask<DraftView>("/view", { slug, target: first, draft });
      const told = view.status === 200 ? view.json.mistakes.join("\n") : view.text;
      const key = place.split(".")[0] as string;
      assert.ok(told.includes(key), `${place}: ${told}`);
      const { status, text } = await ask("/save", { slug, change: { kind: "put", target: first, draft } });
      assert.equal(status, 409);
      assert.ok(text.includes(key), text);
      assert.equal(config(), before);
    }
  });
});

Deno.test("Two tabs at once lose nothing: another rule's change is kept, and a change of the same rule is told", async () => {
  await withDesk({ rules }, async ({ ask, config }) => {
    const say = (text: string) => ({ rule: { ...rose, do: { say: text } } });
    const put = (target: unknown, draft: unknown) =>
      ask("/save", { slug, change: { kind: "put", target, draft } });
    assert.equal((await ask("/save", { slug, change: { kind: "move", target: follow, to: 0 } })).status, 200);
    assert.equal((await put(first, say("one"))).status, 200);
    const refused = await put(first, say("two"));
    assert.equal(refused.status, 409);
    assert.match(refused.text, /changed or removed meanwhile.*Nothing was saved/);
    assert.match(config(), /FollowEvent[^]*"say": "one"/);
    const both = await Promise.all(["a", "b"].map((text) => put(null, say(text))));
    assert.deepEqual(both.map(({ status }) => status), [200, 200]);
    const saved = parse(config()).services.greeter.options.rules.map(({ do: { say } }: typeof rose) => say);
    assert.deepEqual(saved.sort(), ["a", "b", "one", "{user}!"]);
  });
});

Deno.test("A draft is compared with the latest events of its types, whole lists of rules at once", async () => {
  const events = [
    makeGift({ id: 1, messageId: "1", count: 2 }),
    makeGift({ id: 2, messageId: "2", count: 5 }),
    makeEvent({ id: 3, messageId: "3" }),
  ];
  await withDesk({ rules, events }, async ({ ask }) => {
    const draft = { rule: { ...rose, if: { min_diamonds: 5 } } };
    const { json } = await ask<DraftView>("/view", { slug, target: null, draft });
    assert.deepEqual(json.mistakes, []);
    assert.deepEqual(
      json.events.map(({ isMatch, rules }) => ({ isMatch, rules })),
      [{ isMatch: true, rules: [1, 3] }, { isMatch: false, rules: [1] }],
    );
  });
});

Deno.test("A trial sends a test event to the services, and says whether the rule matches it", async () => {
  await withDesk({ rules }, async ({ ask, sent }) => {
    const event = {
      type: "GiftEvent",
      amount: 1,
      text: "",
      gift: { name: "Rose", diamonds: 1 },
      user: { name: "Ana", roles: [] },
    };
    assert.equal((await ask<Trial>("/try", { slug, target: first, event })).json.isMatch, true);
    const other = { ...event, gift: { name: "Panda", diamonds: 5 } };
    assert.equal((await ask<Trial>("/try", { slug, target: first, event: other })).json.isMatch, false);
    assert.deepEqual(sent.map(({ gift }) => gift.name), ["Rose", "Panda"]);
  });
  await withDesk({ rules, options: { send: null } }, async ({ ask }) => {
    assert.equal((await ask<Overview>("/overview")).json.canTry, false);
  });
});

Deno.test("A config with a mistake is shown with its line, and is not changed", async () => {
  await withDesk({ rules }, async ({ ask, write, config }) => {
    const broken = greeterConfig(rules).replace('"isolation": "worker"', '"isolation": "wroker"');
    write(broken);
    assert.match(
      (await ask<Overview>("/overview")).json.error ?? "",
      /config\.jsonc:5:\d+: services\.greeter\.isolation/,
    );
    const { status, text } = await ask("/save", { slug, change: { kind: "remove", target: first } });
    assert.equal(status, 409);
    assert.match(text, /Correct it first/);
    assert.equal(config(), broken);
  });
});

Deno.test("Nobody without the token reads or writes, and no other site", async () => {
  await withDesk({ rules }, async ({ url, config }) => {
    const before = config();
    const body = JSON.stringify({ slug, change: { kind: "remove", target: first } });
    const request = (address: URL | string, headers: Record<string, string> = {}) =>
      fetch(address, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
    const save = new URL("/save", url);
    assert.equal((await (await request(save)).text()).includes("token"), true);
    save.search = new URL(url).search;
    const foreign = await request(save, { origin: "https://example.org" });
    assert.equal(foreign.status, 403);
    await foreign.body?.cancel();
    assert.equal(config(), before);
  });
});

Deno.test("The desk of a run opens once, is shown again, and closes with the run", async () => {
  await withDesk({ rules }, async ({ configPath }) => {
    const shown: string[] = [];
    const desk = new DeskOfRun({
      configPath: () => Promise.resolve(configPath),
      database: "",
      log: silentLog(),
      send: null,
      browse: (address) => void shown.push(address),
    });
    assert.match(
      await desk.open(),
      /^The rule desk is at http:\/\/127\.0\.0\.1:\d+\/\?token=\w+$/,
    );
    await desk.open();
    assert.equal(shown[0], shown[1]);
    await desk.stop();
    await assert.rejects(desk.open(), /Livecue is stopping/);
    await assert.rejects(fetch(shown[0] as string));
  });
});

Deno.test("A config that is gone, or whose rules are no list, is told with what to do, and comes back by itself", async () => {
  await withDesk({ rules }, async ({ ask, config, configPath, write }) => {
    const whole = config();
    const draft = { rule: rose };
    const save = () => ask("/save", { slug, change: { kind: "put", target: null, draft } });
    Deno.removeSync(configPath);
    assert.match((await ask<Overview>("/overview")).json.error ?? "", /There is no config file/);
    assert.match((await ask("/view", { slug, target: null, draft })).text, /There is no config file/);
    assert.equal((await save()).status, 409);
    write(greeterConfig('{ "when": "GiftEvent" }'));
    const { json: overview } = await ask<Overview>("/overview");
    assert.deepEqual(overview.services[0]?.rules, []);
    assert.match(overview.services[0]?.mistakes[0] ?? "", /^rules: /);
    const refused = await save();
    assert.equal(refused.status, 409);
    assert.match(refused.text, /"rules" of greeter is not a list/);
    write(whole);
    assert.equal((await save()).status, 200);
  });
});
