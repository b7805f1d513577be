import assert from "node:assert/strict";
import fc from "fast-check";
import { fitForDiscord } from "../../../services/webhook/discord.ts";
import { reasonOf } from "../../../services/webhook/reason.ts";
import { nobody } from "../../../src/event.ts";
import { makeEvent } from "../../support/events.ts";
import { FakeDiscord, problemOf } from "../../support/fake_discord.ts";
import { WebhookReceiver } from "../../support/webhook_receiver.ts";
import { startWebhook } from "../../support/webhook_under_test.ts";

const address = "api/webhooks/123456789/a-token_of-mine";

/** A message with the same template at every place. */
function everywhere(text: string) {
  return {
    username: text,
    content: text,
    thread_name: text,
    allowed_mentions: { parse: [] },
    embeds: [{
      title: text,
      description: text,
      url: "https://www.tiktok.com/@{handle}",
      author: { name: text, icon_url: "" },
      footer: { text },
      fields: Array.from({ length: 30 }, () => ({ name: text, value: text, inline: true })),
      image: { url: "" },
    }],
  };
}

const texts = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 50 }),
  fc.tuple(fc.string({ unit: "grapheme", maxLength: 5 }), fc.nat({ max: 4_000 })).map(([text, count]) =>
    text.repeat(count)
  ),
  fc.constantFrom(
    "",
    " \n",
    "\u200b\u2060",
    "everyone",
    "Here",
    "discord",
    "xCLYDEx",
    "@a#b:c",
    "```",
    "\\".repeat(3_000),
  ),
);

Deno.test("Whatever a viewer is called or writes, Discord accepts the message at every place", async () => {
  const discord = new FakeDiscord({ limit: 100, windowMs: 1_000 });
  await using receiver = new WebhookReceiver(discord.answer);
  await using tested = await startWebhook({
    targets: {
      discord: { url: receiver.url + address, escape_markdown: true, body: everywhere("{user} {comment}") },
    },
  });
  let id = 0;
  for (const text of ["a", "*".repeat(3_000), "Discord", "clyde", "\u{1F339}".repeat(3_000)]) {
    const user = { ...nobody, id: "1", uniqueId: "eve", nickname: text };
    const event = makeEvent({ user, data: { comment: text, language: "en", emotes: [] } });
    assert.deepEqual(await tested.feed.add(++id, event), { kind: "completed" });
  }
  assert.equal(discord.messages.length, 5);
});

Deno.test("A message is fitted so that Discord accepts it, and is not changed by being fitted again", () => {
  fc.assert(
    fc.property(texts, texts, (text, other) => {
      const message = everywhere(text);
      Object.assign(message.embeds[0] as object, { description: other });
      message.embeds.push(
        ...everywhere(other).embeds,
        ...Array.from({ length: 9 }, () => everywhere(text).embeds).flat(),
      );
      // The title of the thread keeps the message from being empty, but is no content of its own.
      const fitted = fitForDiscord({ ...message, content: `${other}.` });
      assert.equal(problemOf(fitted), null);
      assert.deepEqual(fitForDiscord(fitted), fitted);
    }),
    { numRuns: 300 },
  );
});

Deno.test("Names and footers are shown as they are, so nothing in them is escaped", async () => {
  const discord = new FakeDiscord({ limit: 5, windowMs: 100 });
  await using receiver = new WebhookReceiver(discord.answer);
  await using tested = await startWebhook({
    targets: {
      discord: {
        url: receiver.url + address,
        escape_markdown: true,
        body: {
          username: "{user}",
          content: "{user}",
          embeds: [{ title: "{user}", footer: { text: "by {user}" } }],
        },
      },
    },
  });
  const user = { ...nobody, id: "1", uniqueId: "eve", nickname: "a_b*c" };
  await tested.feed.add(1, makeEvent({ user }));
  assert.deepEqual(discord.messages, [{
    username: "a_b*c",
    content: "a\\_b\\*c",
    embeds: [{ title: "a\\_b\\*c", footer: { text: "by a_b*c" } }],
  }]);
});

Deno.test("Parts that are empty for an event are left out, and a message of nothing else says so", async () => {
  const discord = new FakeDiscord({ limit: 5, windowMs: 100 });
  await using receiver = new WebhookReceiver(discord.answer);
  const only = {
    content: "{gift}",
    embeds: [{ author: { name: "{gift}", icon_url: "https://example.com/" } }],
  };
  await using tested = await startWebhook({
    targets: {
      discord: { url: receiver.url + address, body: { ...only, content: "{gift}{comment}" } },
      other: { url: `${receiver.url}${address}`, body: only },
    },
    rules: [
      { when: "CommentEvent", if: { words: "hello" }, do: { send: "discord" } },
      { when: "CommentEvent", if: { words: "bye" }, do: { send: "other" } },
    ],
  });
  assert.deepEqual(await tested.feed.say(1, "hello"), { kind: "completed" });
  assert.deepEqual(discord.messages, [{ content: "hello", embeds: [] }]);
  assert.deepEqual(await tested.feed.say(2, "bye"), {
    kind: "failed",
    error: "other: the message is empty for this event, and Discord accepts no empty message",
  });
  assert.equal(discord.messages.length, 1);
});

Deno.test("Another server's body is not fitted into Discord's limits", async () => {
  await using receiver = new WebhookReceiver();
  const body = { username: "Discord {user}", content: "", embeds: [{ title: "{comment}", url: "" }] };
  await using tested = await startWebhook({ targets: { one: { url: `${receiver.url}hook`, body } } });
  await tested.feed.say(1, "a".repeat(300));
  const sent = { username: "Discord Ana", content: "", embeds: [{ title: "a".repeat(300), url: "" }] };
  assert.deepEqual(JSON.parse((await receiver.nth(1)).body), sent);
});

Deno.test("What a server says about an error is shown with its place", () => {
  const tooLong = { code: "BASE_TYPE_MAX_LENGTH", message: "Must be 256 or fewer in length." };
  const discord = {
    message: "Invalid Form Body",
    code: 50035,
    errors: { embeds: { 0: { title: { _errors: [tooLong] } } } },
  };
  const said: [answer: string, shown: string][] = [
    [JSON.stringify(discord), "embeds.0.title: Must be 256 or fewer in length."],
    ['{"content": ["Must be 2000 or fewer in length."]}', "content: Must be 2000 or fewer in length."],
    ['{"message": "Cannot send an empty message", "code": 50006}', "Cannot send an empty message"],
    ['{"error": {"message": "bad key", "type": "auth"}}', "bad key"],
    ['{"title": "Not Found", "status": 404}', "Not Found"],
    ["no\r\n such \x1b[31mhook", "no such [31mhook"],
    ["", ""],
    ["[1, 2", "[1, 2"],
    ['{"code": 7}', '{"code": 7}'],
  ];
  for (const [answer, shown] of said) assert.equal(reasonOf(answer), shown);
});
