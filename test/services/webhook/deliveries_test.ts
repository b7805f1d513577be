import assert from "node:assert/strict";
import { nobody } from "../../../src/event.ts";
import { makeEvent, makeGift } from "../../support/events.ts";
import { FakeDiscord } from "../../support/fake_discord.ts";
import { noPermissions } from "../../support/runner_under_test.ts";
import { WebhookReceiver } from "../../support/webhook_receiver.ts";
import { quick, startWebhook } from "../../support/webhook_under_test.ts";

const hostile = `"}, "admin": true, {"x":"</script>\\@everyone [win](https://evil.example) \u{1F339} {user}`;

Deno.test("Without rules and body, all targets get the whole event, in the shape that its page shows", async () => {
  await using one = new WebhookReceiver();
  await using other = new WebhookReceiver();
  await using tested = await startWebhook({
    targets: { one: { url: `${one.url}hook?key=1` }, other: { url: other.url } },
  });
  assert.deepEqual(await tested.feed.add(1, makeGift({ id: 77, count: 5 })), { kind: "completed" });
  const { method, path, headers, body } = await one.nth(1);
  assert.deepEqual([method, path], ["POST", "/hook?key=1"]);
  const id = headers.get("webhook-id");
  assert.match(id ?? "", /^[0-9a-f]{32}_77_one$/);
  assert.deepEqual(JSON.parse(body), {
    id,
    type: "GiftEvent",
    timestamp: "2023-11-14T22:13:20.000Z",
    data: {
      gift: { id: 5655, name: "Rose", diamondCount: 1, isStreakable: true, imageUrl: "" },
      repeatCount: 5,
      receiver: null,
    },
    user: { ...nobody, id: "42", uniqueId: "ana", nickname: "Ana" },
    count: 5,
    diamonds: 5,
    streak: { id: "700:42:5655:1", count: 5, delta: 5, hasEnded: true },
    isFirstOfUser: false,
    createdAt: 1_700_000_000_000,
    receivedAt: 1_700_000_000_100,
    roomId: "700",
    sessionId: 1,
    eventId: 77,
  });
  assert.equal((await other.nth(1)).headers.get("webhook-id"), id?.replace("_one", "_other"));
});

Deno.test("An event whose time is none has that at which Livecue got it", async () => {
  await using receiver = new WebhookReceiver();
  await using tested = await startWebhook({ targets: { one: { url: receiver.url } } });
  assert.deepEqual(await tested.feed.add(1, makeEvent({ createdAt: 1e18 })), { kind: "completed" });
  const { timestamp } = JSON.parse((await receiver.nth(1)).body);
  assert.equal(timestamp, "2023-11-14T22:13:20.100Z");
});

Deno.test("A delivery says what it is: JSON in UTF-8, from this version of Livecue", async () => {
  await using receiver = new WebhookReceiver();
  await using tested = await startWebhook({ targets: { one: { url: receiver.url } } });
  await tested.feed.add(1, makeEvent());
  const { headers } = await receiver.nth(1);
  const { version } = JSON.parse(Deno.readTextFileSync(new URL("../../../deno.json", import.meta.url)));
  assert.equal(headers.get("content-type"), "application/json; charset=utf-8");
  assert.equal(headers.get("user-agent"), `Livecue/${version}`);
  assert.equal(headers.get("webhook-signature"), null);
});

/** The function that docs/services/webhook.md gives to receivers. */
async function documentedCheck(): Promise<
  (secret: string, headers: Record<string, string>, body: string) => boolean
> {
  const page = await Deno.readTextFile(new URL("../../../docs/services/webhook.md", import.meta.url));
  const blocks = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code = ""]) => code);
  const code = blocks.find((block) => block.includes("isFromLivecue"));
  assert(code);
  const module = `import { Buffer } from "node:buffer";\n${code}`;
  const { isFromLivecue } = await import(`data:text/javascript,${encodeURIComponent(module)}`);
  return isFromLivecue;
}

for (const secret of ["a plain secret, ñandú", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]) {
  Deno.test(`A signed delivery verifies with its secret, and with no other: ${secret.slice(0, 6)}…`, async () => {
    await using receiver = new WebhookReceiver();
    Deno.env.set("LIVECUE_TEST_SECRET", secret);
    await using tested = await startWebhook({
      targets: { one: { url: receiver.url, secret_env: "LIVECUE_TEST_SECRET" } },
      permissions: { ...noPermissions, net: [receiver.host], env: ["LIVECUE_TEST_SECRET"] },
    });
    await tested.feed.say(1, hostile);
    const { headers: given, body } = await receiver.nth(1);
    const headers = Object.fromEntries(given);
    const isFromLivecue = await documentedCheck();
    assert(isFromLivecue(secret, headers, body));
    assert(!isFromLivecue(`${secret}BBBB`, headers, body));
    assert(!isFromLivecue(secret, headers, body.replace("Ana", "Bob")));
    assert(!isFromLivecue(secret, {}, body));
    assert(!isFromLivecue(secret, { ...headers, "webhook-timestamp": "1700000000" }, body));
  });
}

Deno.test("Rules say what goes where, and may have a body of their own", async () => {
  await using bot = new WebhookReceiver();
  await using chat = new WebhookReceiver();
  await using tested = await startWebhook({
    targets: {
      bot: {
        url: bot.url,
        body: { action: { name: "TikTok {event}" }, args: { n: 1, on: true, who: ["{user}"] } },
      },
      chat: { url: chat.url, body: "{user} ×{count}", headers: { "X-Stream": "tiktok" } },
    },
    rules: [
      { when: "GiftEvent", do: { send: ["bot", "chat"] } },
      { when: "GiftEvent", if: { min_count: 5 }, do: { send: "chat", body: { big: "{gift}" } } },
    ],
  });
  assert.deepEqual(await tested.feed.say(1, "nobody wants this"), { kind: "completed" });
  await tested.feed.add(2, makeGift({ id: 2, count: 5 }));
  assert.deepEqual(bot.received.map(({ body }) => JSON.parse(body)), [
    { action: { name: "TikTok GiftEvent" }, args: { n: 1, on: true, who: ["Ana"] } },
  ]);
  const sent = chat.received.sort((a, b) => a.body.localeCompare(b.body));
  assert.deepEqual(
    sent.map(({ body }) => body),
    ["Ana ×5", '{"big":"Rose"}'].sort((a, b) => a.localeCompare(b)),
  );
  assert.deepEqual(sent.map(({ headers }) => headers.get("x-stream")), ["tiktok", "tiktok"]);
  const types = sent.map(({ headers }) => headers.get("content-type")).sort();
  assert.deepEqual(types, ["application/json; charset=utf-8", "text/plain; charset=utf-8"]);
  assert.equal(new Set(sent.map(({ headers }) => headers.get("webhook-id"))).size, 2);
});

Deno.test("Nothing that a viewer writes breaks out of its place in a body, or is filled in again", async () => {
  await using receiver = new WebhookReceiver();
  await using tested = await startWebhook({
    targets: { one: { url: receiver.url, body: { "{user}": "{user} wrote {comment}", fixed: "{{user}}" } } },
  });
  const user = { ...nobody, id: "1", uniqueId: "eve", nickname: hostile };
  await tested.feed.add(1, makeEvent({ user, data: { comment: hostile, language: "en", emotes: [] } }));
  assert.deepEqual(JSON.parse((await receiver.nth(1)).body), {
    "{user}": `${hostile} wrote ${hostile}`,
    fixed: "{user}",
  });
});

Deno.test("For Discord, what viewers write is plain text, and no longer than Discord takes", async () => {
  const discord = new FakeDiscord({ limit: 5, windowMs: 100 });
  await using receiver = new WebhookReceiver(discord.answer);
  await using tested = await startWebhook({
    targets: {
      discord: {
        url: receiver.url,
        escape_markdown: true,
        body: { content: "**{user}**: {comment}", allowed_mentions: { parse: [] } },
      },
    },
  });
  await tested.feed.say(1, "@everyone [win](https://evil.example) <@1> **loud** # big");
  assert.deepEqual(await tested.feed.say(2, "\u{1F339}".repeat(3000)), { kind: "completed" });
  const [first, second] = discord.messages;
  assert.equal(
    first?.content,
    "**Ana**: \\@everyone \\[win\\]\\(https\\://evil.example\\) \\<\\@1\\> \\*\\*loud\\*\\* \\# big",
  );
  assert.deepEqual(first.allowed_mentions, { parse: [] });
  assert(second?.content.isWellFormed() && second.content.endsWith("\u{1F339}…"));
});

Deno.test("In an address, what a viewer wrote stays a part of it, and is not written for Discord", async () => {
  await using receiver = new WebhookReceiver();
  const body = {
    url: "https://example.com/@{handle}?q={comment}",
    text: "https://example.com is for {handle}",
  };
  const target = { url: receiver.url, body, escape_markdown: true };
  await using tested = await startWebhook({ targets: { one: target } });
  const user = { ...nobody, id: "1", uniqueId: "ana_b" };
  await tested.feed.add(1, makeEvent({ user, data: { comment: "a&b=/../ #_", language: "en", emotes: [] } }));
  assert.deepEqual(JSON.parse((await receiver.nth(1)).body), {
    url: "https://example.com/@ana_b?q=a%26b%3D%2F..%2F%20%23_",
    text: "https://example.com is for ana\\_b",
  });
});

Deno.test("What cannot be meant is refused at the start, in words that say what to do", async () => {
  const url = "https://example.com/";
  const mistakes: [targets: Record<string, Record<string, unknown>>, rules: unknown[], said: RegExp][] = [
    [{}, [], /targets: is empty: add a target with its url/],
    [{ one: {} }, [], /targets\.one: expected exactly one of "url", "url_env"/],
    [{ one: { url, url_env: "X" } }, [], /targets\.one: expected exactly one of "url", "url_env"/],
    [{ one: { url: "example.com" } }, [], /targets\.one\.url: is not an address that starts with http/],
    [
      { one: { url: "https://me:hunter2@example.com/" } },
      [],
      /targets\.one\.url: contains a user name or password/,
    ],
    [
      { one: { url, secret_env: "whsec_AAAA+" } },
      [],
      /secret_env: expected the name of an environment variable/,
    ],
    [{ one: { url, headers: { "Webhook-Id": "1" } } }, [], /Livecue sets this header itself/],
    [{ one: { url, headers: { X: "a\r\nY: b" } } }, [], /expected plain ASCII text on one line/],
    [
      { one: { url, body: '{"content": "{user}"}' } },
      [],
      /body: is JSON inside a string: remove the quotes/,
    ],
    [{ one: { url, body: { a: ["{nick}"] } } }, [], /body: there is no placeholder \{nick\}/],
    [{ "My Server": { url } }, [], /expected a name of lower-case letters, digits and "_"/],
    [
      { one: { url } },
      [{ when: "GiftEvent", do: { send: "two" } }],
      /rules\[0\]\.do\.send: there is no target "two": use one/,
    ],
  ];
  for (const [targets, rules, said] of mistakes) {
    await using tested = await startWebhook({ targets, rules, permissions: noPermissions });
    const { text } = await tested.log.heard(said);
    assert.doesNotMatch(text, /hunter2/);
    assert.equal(tested.runner.state.phase, "switched_off");
  }
});

Deno.test("A retry of an item goes only to the targets that have not had it, with the same ids", async () => {
  let isBroken = true;
  await using good = new WebhookReceiver();
  await using bad = new WebhookReceiver(() => new Response(null, { status: isBroken ? 400 : 204 }));
  await using tested = await startWebhook({
    targets: { good: { url: good.url, ...quick }, bad: { url: bad.url, ...quick } },
  });
  const outcome = await tested.feed.say(1, "hello");
  assert(outcome.kind === "failed");
  assert.match(
    outcome.error,
    /^bad: 127\.0\.0\.1:\d+ answered 400: it does not understand the body/,
  );
  assert.doesNotMatch(outcome.error, /good|\n/);
  isBroken = false;
  assert.deepEqual(await tested.feed.say(1, "hello", { attempt: 2 }), { kind: "completed" });
  assert.equal(good.received.length, 1);
  const ids = bad.received.map(({ headers }) => headers.get("webhook-id"));
  assert.deepEqual(ids, [ids[0], ids[0]]);
});

Deno.test("Ids stay the same when Livecue starts again, and differ from those of another database", async () => {
  await using receiver = new WebhookReceiver();
  const targets = { one: { url: receiver.url } };
  await using tested = await startWebhook({ targets });
  await tested.feed.say(1, "before");
  await tested.runner.restart({ graceMs: 0 });
  await tested.feed.say(1, "again", { attempt: 2 });
  await using elsewhere = await startWebhook({ targets });
  await elsewhere.feed.say(1, "elsewhere");
  const [before, again, other] = receiver.received.map(({ headers }) => headers.get("webhook-id"));
  assert.equal(before, again);
  assert.notEqual(before, other);
});
