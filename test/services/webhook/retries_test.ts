import assert from "node:assert/strict";
import { optionsSchema, type TargetOptions } from "../../../services/webhook/options.ts";
import { retryAfterMs } from "livecue/backoff";
import { restOf, retryAfterOfBody } from "../../../services/webhook/retry_after.ts";
import { Target } from "../../../services/webhook/target.ts";
import type { QueueItem } from "../../../src/kit/service.ts";
import { makeEvent } from "../../support/events.ts";
import { cert, key } from "../../support/video_test_certificate.ts";
import { FakeDiscord } from "../../support/fake_discord.ts";
import { noPermissions } from "../../support/runner_under_test.ts";
import { silentLog } from "../../support/silent_log.ts";
import { silence, WebhookReceiver } from "../../support/webhook_receiver.ts";
import { quick, startWebhook } from "../../support/webhook_under_test.ts";

for (const status of [408, 425, 429, 500, 503]) {
  Deno.test(`After ${status} it is tried again, with the same id and body`, async () => {
    await using receiver = new WebhookReceiver((_, nth) =>
      new Response(null, { status: nth < 3 ? status : 200 })
    );
    await using tested = await startWebhook({ targets: { one: { url: receiver.url, ...quick } } });
    assert.deepEqual(await tested.feed.say(1, "hello"), { kind: "completed" });
    const sent = receiver.received.map(({ headers, body }) => [headers.get("webhook-id"), body]);
    assert.equal(sent.length, 3);
    assert.deepEqual(sent, [sent[0], sent[0], sent[0]]);
    assert.deepEqual(tested.log.entries, []);
  });
}

Deno.test("Another refusal is final: told once, with what the server said, and its end", async () => {
  const answers = [404, 404, 204];
  await using receiver = new WebhookReceiver(() => {
    const status = answers.shift() ?? 204;
    return new Response(status === 404 ? "no\r\n such \x1b[31m\u202ehook" : null, { status });
  });
  await using tested = await startWebhook({ targets: { one: { url: receiver.url, ...quick } } });
  const sentence = `one: ${receiver.host} answered 404 "no such [31m hook": the address does not exist: ` +
    "check the url";
  assert.deepEqual(await tested.feed.say(1, "a"), { kind: "failed", error: `${sentence}` });
  assert.equal((await tested.feed.say(2, "b")).kind, "failed");
  assert.equal((await tested.feed.say(3, "c")).kind, "completed");
  assert.equal(receiver.received.length, 3);
  assert.deepEqual(tested.log.entries.map(({ text }) => text), [
    sentence,
    `one: ${receiver.host} accepts events again`,
  ]);
});

Deno.test("Retry-After holds back all deliveries to the target, for as long as it says", async () => {
  const answers: Record<string, () => Response> = {
    seconds: () => new Response(null, { status: 503, headers: { "retry-after": "0.8" } }),
    body: () => Response.json({ message: "You are being rate limited.", retry_after: 0.8 }, { status: 429 }),
    remaining: () =>
      new Response(null, {
        status: 204,
        headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset-after": "0.8" },
      }),
  };
  for (const [name, limited] of Object.entries(answers)) {
    await using receiver = new WebhookReceiver((_, nth) =>
      nth === 1 ? limited() : new Response(null, { status: 204 })
    );
    await using other = new WebhookReceiver();
    await using tested = await startWebhook({
      targets: { one: { url: receiver.url, ...quick, max_concurrency: 1 }, other: { url: other.url } },
    });
    const items = [tested.feed.say(1, "a")];
    const first = await receiver.nth(1);
    items.push(tested.feed.say(2, "b"));
    const second = await receiver.nth(2);
    await Promise.all(items);
    assert(second.at - first.at >= 799, `${name}: ${second.at - first.at} ms`);
    // The other target's were not held up.
    assert((await other.nth(2)).at < second.at, name);
  }
});

Deno.test("A burst of gifts gets into Discord in full, within its limit, and in order", async () => {
  const discord = new FakeDiscord({ limit: 5, windowMs: 120 });
  await using receiver = new WebhookReceiver(discord.answer);
  await using tested = await startWebhook({
    targets: { discord: { url: receiver.url, ...quick, max_concurrency: 1, body: { content: "{comment}" } } },
  });
  const items = Array.from({ length: 30 }, (_, index) => tested.feed.say(index + 1, `rose ${index}`));
  assert((await Promise.all(items)).every(({ kind }) => kind === "completed"));
  assert.deepEqual(discord.messages.map(({ content }) => content), items.map((_, index) => `rose ${index}`));
  // A timer may be a moment early, once a window.
  assert(discord.limitedCount <= 6, `${discord.limitedCount} requests too many`);
});

Deno.test("Where others use up Discord's limit too, nothing is lost", async () => {
  const discord = new FakeDiscord({ limit: 2, windowMs: 60 });
  await using receiver = new WebhookReceiver((request, nth) => {
    // Somebody else's, who posts with the same address.
    if (nth % 3 === 1) discord.answer({ ...request, body: '{"content":"other"}' });
    return discord.answer(request);
  });
  await using tested = await startWebhook({
    targets: { discord: { url: receiver.url, ...quick, max_attempts: 20, body: { content: "{comment}" } } },
  });
  const items = Array.from({ length: 12 }, (_, index) => tested.feed.say(index + 1, `rose ${index}`));
  assert((await Promise.all(items)).every(({ kind }) => kind === "completed"));
  assert.equal(discord.messages.filter(({ content }) => content !== "other").length, 12);
  assert(discord.limitedCount > 0);
});

Deno.test("A server that asks for a longer wait than max_wait_ms is left alone", async () => {
  await using receiver = new WebhookReceiver(() =>
    new Response(null, { status: 429, headers: { "retry-after": "3600" } })
  );
  await using tested = await startWebhook({ targets: { one: { url: receiver.url, max_wait_ms: 50 } } });
  const error = `one: ${receiver.host} answered 429 and asked for a pause of 3600 s`;
  assert.deepEqual(await tested.feed.say(1, "a"), { kind: "failed", error });
  assert.deepEqual(await tested.feed.say(2, "b"), { kind: "failed", error });
  assert.equal(receiver.received.length, 1);
});

Deno.test("Retry-After is read in seconds and as a date, and nonsense is not", () => {
  const now = Date.parse("2026-11-21T20:00:00Z");
  assert.equal(retryAfterMs("120", now), 120_000);
  assert.equal(retryAfterMs(" 1.337 ", now), 1337);
  assert.equal(retryAfterMs("Sat, 21 Nov 2026 20:00:30 GMT", now), 30_000);
  assert.equal(retryAfterMs("Sat, 21 Nov 2026 19:00:30 GMT", now), 0);
  for (const text of [null, "", "soon", "-5", "1e9", "7 wombats", "Sat, 99 Nov 2026 20:00:30 GMT"]) {
    assert.equal(retryAfterMs(text, now), 0, String(text));
  }
  assert.equal(retryAfterOfBody('{"message":"slow down","retry_after": 64.57,"global":false}'), 64_570);
  assert.equal(retryAfterOfBody("<html>"), 0);
  const headers = (remaining: string, after: string) =>
    new Headers({ "x-ratelimit-remaining": remaining, "x-ratelimit-reset-after": after });
  assert.equal(restOf(headers("0", "1.5")), 1500);
  assert.equal(restOf(headers("4", "1.5")), 0);
  assert.equal(restOf(headers("0", "soon")), 0);
  assert.equal(restOf(new Headers()), 0);
});

Deno.test("A server that never answers is given up after timeout_ms, and a hanging body does no harm", async () => {
  await using receiver = new WebhookReceiver((_, nth) =>
    nth === 1
      ? silence()
      : new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(9)) }))
  );
  await using tested = await startWebhook({
    targets: { one: { url: receiver.url, timeout_ms: 250, max_attempts: 20, max_wait_ms: 5 } },
  });
  assert.deepEqual(await tested.feed.say(1, "a"), { kind: "completed" });
  assert(receiver.received.length > 1);
});

Deno.test("Of a huge answer only the start is read", async () => {
  let sentBytes = 0;
  await using receiver = new WebhookReceiver(() => {
    const body = new ReadableStream({
      pull(controller) {
        sentBytes += 65_536;
        if (sentBytes > 1e9) controller.close();
        else controller.enqueue(new Uint8Array(65_536).fill(120));
      },
    });
    return new Response(body, { status: 418 });
  });
  await using tested = await startWebhook({ targets: { one: { url: receiver.url, ...quick } } });
  const outcome = await tested.feed.say(1, "a");
  assert(outcome.kind === "failed" && outcome.error.length < 300, JSON.stringify(outcome));
  assert(sentBytes < 1e8, `${sentBytes} bytes`);
});

Deno.test("A redirect is not followed", async () => {
  await using elsewhere = new WebhookReceiver();
  await using receiver = new WebhookReceiver(() => Response.redirect(`${elsewhere.url}stolen`, 307));
  await using tested = await startWebhook({
    targets: { one: { url: receiver.url, ...quick } },
    permissions: { ...noPermissions, net: [receiver.host, elsewhere.host] },
  });
  assert.deepEqual(await tested.feed.say(1, "a"), {
    kind: "failed",
    error: `one: ${receiver.host} answered 307 with a redirect to ${elsewhere.host}: ` +
      "redirects are not followed, so put the final address into the config",
  });
  assert.equal(elsewhere.received.length, 0);
});

Deno.test("A target that is down is told once, and its end; the others go on", async () => {
  let isDown = true;
  await using good = new WebhookReceiver();
  await using bad = new WebhookReceiver(() => new Response(null, { status: isDown ? 503 : 204 }));
  await using tested = await startWebhook({
    targets: { good: { url: good.url, ...quick }, bad: { url: bad.url, ...quick, backoff_ms: 1 } },
  });
  const outcomes = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((id) => tested.feed.say(id, "a")));
  assert(outcomes.every(({ kind }) => kind === "failed"));
  assert.equal(good.received.length, 8);
  isDown = false;
  // One of the next finds out: the first after the rest, which is short here.
  for (let id = 9; (await tested.feed.say(id, "b")).kind !== "completed"; id++);
  assert.deepEqual(tested.log.entries.map(({ level, text }) => [level, text]), [
    [
      "warn",
      `bad: ${bad.host} answered 503 (tried 4 times). Until it answers, its deliveries fail. Retry them later ` +
      "with `retry` or the key R",
    ],
    ["info", `bad: ${bad.host} accepts events again`],
  ]);
});

Deno.test("While a target is down, events for it fail at once, and do not wait behind one another", async () => {
  await using receiver = new WebhookReceiver(silence);
  await using tested = await startWebhook({
    targets: {
      one: { url: receiver.url, timeout_ms: 100, max_attempts: 1, backoff_ms: 600_000, max_concurrency: 1 },
    },
  });
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, index) => tested.feed.say(index + 1, "a")),
  );
  const error = `one: ${receiver.host} did not answer within 0.1 s`;
  assert.deepEqual(outcomes, outcomes.map(() => ({ kind: "failed", error })));
  // The second could have been luckier.
  assert(receiver.received.length <= 2, `${receiver.received.length} requests`);
});

Deno.test("An event that the server cannot stand takes no other one with it", async () => {
  await using receiver = new WebhookReceiver(({ body }) =>
    new Response(null, { status: body.includes("poison") ? 500 : 204 })
  );
  await using tested = await startWebhook({
    targets: { one: { url: receiver.url, backoff_ms: 600_000, max_attempts: 1, max_concurrency: 1 } },
  });
  const waiting = [tested.feed.say(1, "poison"), tested.feed.say(2, "hello"), tested.feed.say(3, "hello")];
  const kinds = (await Promise.all(waiting)).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["failed", "completed", "completed"]);
});

Deno.test("A cut connection and a closed port are told apart from a refusal", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const cutting = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(1));
      connection.close();
    }
  })();
  const host = `127.0.0.1:${listener.addr.port}`;
  await using tested = await startWebhook({
    targets: { one: { url: `http://${host}/hook`, backoff_ms: 1, max_attempts: 2 } },
  });
  const cut = await tested.feed.say(1, "a");
  assert(cut.kind === "failed");
  assert.match(
    cut.error,
    /^one: 127\.0\.0\.1:\d+ could not be reached \(.+\) \(tried 2 times\)$/,
  );
  assert.doesNotMatch(cut.error, /hook/);
  listener.close();
  await cutting;
  await using later = await startWebhook({
    targets: { one: { url: `http://${host}/hook`, max_attempts: 1 } },
  });
  const refused = await later.feed.say(1, "a");
  assert.deepEqual(refused, {
    kind: "failed",
    error: `one: ${host} could not be reached (tcp connect error: Connection refused)`,
  });
});

Deno.test("A certificate that is refused is told with what to do", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", cert, key, onListen() {} },
    () => new Response(),
  );
  const url = `https://127.0.0.1:${server.addr.port}/`;
  await using tested = await startWebhook({ targets: { one: { url, ...quick, max_attempts: 1 } } });
  const ending = await tested.feed.say(1, "a");
  assert.match(
    JSON.stringify(ending),
    /one: the certificate of 127\.0\.0\.1:\d+: .+ \(invalid peer certificate/,
  );
});

Deno.test("With max_concurrency 1 a target gets events one by one, in their order, whatever is tried again", async () => {
  let inside = 0;
  let most = 0;
  await using receiver = new WebhookReceiver(async (_, nth) => {
    most = Math.max(most, ++inside);
    await Promise.resolve();
    inside--;
    return new Response(null, { status: nth % 3 === 1 ? 500 : 204 });
  });
  await using tested = await startWebhook({
    targets: { one: { url: receiver.url, ...quick, max_concurrency: 1, body: { text: "{comment}" } } },
  });
  await Promise.all(Array.from({ length: 10 }, (_, index) => tested.feed.say(index + 1, String(index))));
  assert.equal(most, 1);
  const texts = receiver.received.map(({ body }) => Number(JSON.parse(body).text));
  assert.deepEqual(texts, texts.toSorted((a, b) => a - b));
  assert.deepEqual([...new Set(texts)], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

Deno.test("The end of an item's time, and a stop, end a delivery at once", async () => {
  await using receiver = new WebhookReceiver(silence);
  await using tested = await startWebhook({ targets: { one: { url: receiver.url } }, timeoutMs: 5000 });
  const first = tested.feed.say(1, "a");
  await receiver.nth(1);
  tested.clock.advance(5000);
  const error = `timed out after 5 s: one: ${receiver.host} had not answered yet`;
  assert.deepEqual(await first, { kind: "failed", error });
  const second = tested.feed.say(2, "b");
  await receiver.nth(2);
  await tested.runner.stop({ graceMs: 0 });
  assert.deepEqual(await second, { kind: "released" });
  assert.deepEqual(tested.log.entries.map(({ text }) => text), [
    "the stop cut off 1 running item: it is pending again",
  ]);
});

Deno.test("A delivery whose time is up before its turn has come says so", async () => {
  await using receiver = new WebhookReceiver(silence);
  const { one } =
    optionsSchema.parse({ targets: { one: { url: receiver.url, max_concurrency: 1 } } }).targets;
  const access = { url: new URL(receiver.url), key: null, headers: new Headers(), secrets: [] };
  const target = new Target({ name: "one", options: one as TargetOptions, access, log: silentLog() });
  const deliver = (id: string, { signal }: AbortController) =>
    target.deliver({ id, event: makeEvent(), item: { count: 1, signal } as QueueItem });
  const [first, second] = [new AbortController(), new AbortController()];
  const asked = deliver("1", first);
  const waiting = deliver("2", second);
  await receiver.nth(1);
  const timeIsUp = new DOMException("timed out after 5 s", "TimeoutError");
  second.abort(timeIsUp);
  const message =
    `one: it was still waiting for its turn, because ${receiver.host} accepts events more slowly than they arrive`;
  await assert.rejects(waiting, { message });
  first.abort(timeIsUp);
  await assert.rejects(asked, { message: `one: ${receiver.host} had not answered yet` });
});
