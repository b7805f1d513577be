import assert from "node:assert/strict";
import { join } from "node:path";
import { redactor } from "../../../services/webhook/redactor.ts";
import type { App } from "../../../src/app/app.ts";
import type { ServiceConfig } from "../../../src/service.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { signatureOf, signingKey } from "../../../src/kit/standard_webhooks.ts";
import { makeService, withApp } from "../../support/app_on_a_live.ts";
import { makeGift } from "../../support/events.ts";
import { heardLog } from "../../support/heard_log.ts";
import { noPermissions, startRunner } from "../../support/runner_under_test.ts";
import { withFolder } from "../../support/temporary_store.ts";
import { WebhookReceiver } from "../../support/webhook_receiver.ts";
import { configOfBlocks } from "../../support/service_blocks.ts";
import { quick, startWebhook, webhookClass } from "../../support/webhook_under_test.ts";

const secrets = {
  token: "c2VjcmV0LXRva2Vu-in-the-path",
  query: "key-in-the-query",
  password: "whsec_c2lnbmluZy1zZWNyZXQtb2YtbWluZQ==",
  header: "Bearer bearer-of-mine",
};

/** Everything that a person could read afterwards in the folder, and in the log. */
async function readAll(folder: string, log: ReturnType<typeof heardLog>): Promise<string> {
  const texts = log.entries.map(({ text }) => text);
  for await (const { name } of Deno.readDir(folder)) {
    texts.push(new TextDecoder("latin1").decode(await Deno.readFile(join(folder, name))));
  }
  return texts.join("\n");
}

async function settled(app: App, live: { say(text: string): Promise<void> }, text: string): Promise<void> {
  await live.say(text);
  await app.idle();
}

Deno.test("No secret gets into the log or the database, even where the server repeats it", async () => {
  await using receiver = new WebhookReceiver((request, nth) => {
    if (nth === 1) return new Response(null, { status: 204 });
    const { path, headers } = request;
    const answer = `${headers.get("authorization")} may not post to ${path}, ${encodeURIComponent(path)}`;
    return new Response(`${answer}; ${secrets.password}`, { status: nth === 2 ? 404 : 500 });
  });
  Deno.env.set("LIVECUE_TEST_URL", `${receiver.url}api/webhooks/1/${secrets.token}?key=${secrets.query}`);
  Deno.env.set("LIVECUE_TEST_PASSWORD", secrets.password);
  Deno.env.set("LIVECUE_TEST_HEADER", secrets.header);
  const target = {
    url_env: "LIVECUE_TEST_URL",
    secret_env: "LIVECUE_TEST_PASSWORD",
    headers_env: { Authorization: "LIVECUE_TEST_HEADER" },
    ...quick,
  };
  const env = ["LIVECUE_TEST_URL", "LIVECUE_TEST_PASSWORD", "LIVECUE_TEST_HEADER"];
  const service = makeService("webhook", {
    serviceClass: webhookClass,
    options: { targets: { discord: target } },
    permissions: { ...noPermissions, net: [receiver.host], env },
  });
  const log = heardLog();
  await withApp([service], async ({ app, live, folder }) => {
    for (const text of ["taken", "refused", "broken"]) await settled(app, live, text);
    const { path, headers } = await receiver.nth(1);
    assert.equal(path, `/api/webhooks/1/${secrets.token}?key=${secrets.query}`);
    assert.equal(headers.get("authorization"), secrets.header);
    assert(headers.has("webhook-signature"));

    const all = await readAll(folder, log);
    const found = Object.values(secrets).flatMap((secret) => [secret, secret.replace(/^whsec_|^Bearer /, "")])
      .filter((secret) => all.includes(secret));
    assert.deepEqual(found, []);
    // It looked in the right place: what the server said is there, without them.
    assert.match(all, /answered 404 "\[secret\] may not post to \[secret\]/);
    assert.match(all, /answered 500 /);
  }, { log });
});

Deno.test("A secret is taken out of an answer also as PHP writes it", () => {
  const redact = redactor(["Basic dXNl/cjpw"]);
  assert.equal(redact(String.raw`{"refused":"Basic dXNl\/cjpw"}`), '{"refused":"[secret]"}');
});

Deno.test("Address and secret can come from files, and a line's end in them is no part of them", async () => {
  await withFolder(async (folder) => {
    await using receiver = new WebhookReceiver();
    const files = { url_file: join(folder, "url.txt"), secret_file: join(folder, "secret.txt") };
    Deno.writeTextFileSync(files.url_file, `${receiver.url}hook\r\n`);
    Deno.writeTextFileSync(files.secret_file, "of mine\n");
    await using tested = await startWebhook({
      targets: { one: files },
      permissions: { ...noPermissions, net: [receiver.host], read: Object.values(files) },
    });
    assert.deepEqual(await tested.feed.say(1, "hello"), { kind: "completed" });
    const { path, headers, body } = await receiver.nth(1);
    assert.equal(path, "/hook");
    const [id, timestamp] = [String(headers.get("webhook-id")), Number(headers.get("webhook-timestamp"))];
    const expected = signatureOf(signingKey("of mine"), { id, timestamp, body });
    assert.equal(headers.get("webhook-signature"), expected);
  });
});

Deno.test("What a target lacks is said at the start, with the line that helps", async () => {
  Deno.env.set("LIVECUE_TEST_BAD", "ftp://secret.example");
  Deno.env.delete("LIVECUE_TEST_NONE");
  const url = "https://example.com/very-secret-path";
  const cases: [target: Record<string, unknown>, said: string][] = [
    [
      { url },
      'one: the service is not allowed to connect to example.com: add "example.com" to "net" in its "permissions"',
    ],
    [
      { url_env: "LIVECUE_TEST_OTHER" },
      "one: the environment variable LIVECUE_TEST_OTHER (url_env) may not be read: " +
      'add "LIVECUE_TEST_OTHER" to the list "env" in "permissions"',
    ],
    [
      { url_file: "/nowhere/url" },
      'one: the file /nowhere/url (url_file) may not be read: add "/nowhere/url" to the list "read" in "permissions"',
    ],
    [
      { url_env: "LIVECUE_TEST_NONE" },
      "one: the environment variable LIVECUE_TEST_NONE (url_env) is not set: set it, and restart Livecue",
    ],
    [
      { url_env: "LIVECUE_TEST_BAD" },
      "one: the content of the environment variable LIVECUE_TEST_BAD is not an address that starts with http:// or https://",
    ],
  ];
  const permissions = { ...noPermissions, env: ["LIVECUE_TEST_NONE", "LIVECUE_TEST_BAD"] };
  for (const [target, said] of cases) {
    await using tested = await startWebhook({ targets: { one: target }, permissions });
    const { text } = await tested.log.heard(/could not start/);
    assert.equal(text, `the service could not start: ${said}; next try in 1 s`);
  }
});

Deno.test("A target that cannot be used does not stop the others, and no rule means no trouble", async () => {
  await using receiver = new WebhookReceiver();
  const targets = {
    good: { url: receiver.url },
    bad: { url: "https://example.com/" },
    unused: { url: "https://example.net/" },
  };
  await using tested = await startWebhook({
    targets,
    rules: [
      { when: "CommentEvent", do: { send: ["good", "bad"] } },
      { when: "GiftEvent", do: { send: "good" } },
    ],
    permissions: { ...noPermissions, net: [receiver.host] },
  });
  const sentence =
    'bad: the service is not allowed to connect to example.com: add "example.com" to "net" in its "permissions"';
  assert.deepEqual(await tested.feed.say(1, "hello"), {
    kind: "failed",
    error: sentence,
  });
  assert.deepEqual(await tested.feed.add(2, makeGift()), { kind: "completed" });
  assert.equal(receiver.received.length, 2);
  assert.deepEqual(tested.log.entries.map(({ level, text }) => [level, text]), [
    ["error", `${sentence}. Until then, its deliveries fail`],
  ]);
});

/** The example's service, with a receiver in place of each host that it names. */
function exampleOn(hosts: Record<string, string>): ServiceConfig {
  const text = configOfBlocks(["webhook"]);
  const here = Object.entries(hosts).reduce((rest, [host, local]) => rest.replaceAll(host, local), text)
    .replaceAll("https://127", "http://127");
  const { services } = parseConfig(here, { path: "/home/ana/livecue/config.jsonc" });
  const webhook = services.find(({ slug }) => slug === "webhook");
  assert(webhook);
  return { ...webhook, serviceClass: webhookClass };
}

Deno.test("The example's targets work with the example's permissions", async () => {
  await using bot = new WebhookReceiver();
  await using discord = new WebhookReceiver();
  await using server = new WebhookReceiver();
  Deno.env.set("DISCORD_WEBHOOK_URL", `${discord.url}api/webhooks/1/token-of-mine`);
  Deno.env.set("LIVECUE_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  Deno.env.set("LIVECUE_WEBHOOK_TOKEN", "Bearer mine");
  const example = exampleOn({
    "127.0.0.1:7474": bot.host,
    "discord.com": discord.host,
    "example.com": server.host,
  });
  const { targets } = example.options;
  const gift = makeGift({ count: 3 });
  await using asItStands = await startRunner(webhookClass, example);
  assert.deepEqual(await asItStands.feed.add(1, gift), { kind: "completed" });
  assert.deepEqual([bot, discord, server].map(({ received }) => received.length), [1, 0, 0]);
  const { path, body } = await bot.nth(1);
  assert.equal(path, "/DoAction");
  assert.deepEqual(JSON.parse(body), {
    action: { name: "TikTok GiftEvent" },
    args: { user: "Ana", gift: "Rose", count: "3", diamonds: "3", comment: "" },
  });

  await using toAll = await startRunner(webhookClass, { ...example, options: { targets } });
  assert.deepEqual(await toAll.feed.add(1, gift), { kind: "completed" });
  assert.deepEqual(JSON.parse((await discord.nth(1)).body), {
    content: "**Ana** sent Rose ×3",
    allowed_mentions: { parse: [] },
  });
  const { headers } = await server.nth(1);
  assert.equal(headers.get("authorization"), "Bearer mine");
  assert.equal(headers.get("x-stream"), "tiktok");
  assert.match(headers.get("webhook-signature") ?? "", /^v1,/);
  assert.deepEqual([...asItStands.log.entries, ...toAll.log.entries], []);
});
