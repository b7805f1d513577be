import assert from "node:assert/strict";
import { makeService, noPermissions, RunnerUnderTest } from "../../support/runner_under_test.ts";
import { makeEvent, makeGift } from "../../support/events.ts";
import { FeedClient, startFeed } from "../../support/feed_under_test.ts";
import { fileURLToPath } from "node:url";

Deno.test("A program gets a hello with the version, and then every event as services see it", async () => {
  await using feed = await startFeed();
  await using client = await FeedClient.open(feed.url);
  assert.deepEqual(await client.first(1), [{ kind: "hello", version: 1 }]);
  const events = [
    makeEvent({ id: 1 }),
    makeGift({ id: 2, count: 3 }),
    makeEvent<"DonationEvent">({
      id: 3,
      type: "DonationEvent",
      data: { amount: 500, currency: "EUR", provider: "kofi", message: "", isPublic: true },
    }),
    { ...makeEvent({ id: 4 }), type: "SpinEvent", data: { prize: "hat" }, causedBy: 2 } as never,
    makeEvent({ id: 5, isTest: true }),
  ];
  for (const event of events) assert.equal((await feed.tested.feed.add(event.id, event)).kind, "completed");
  const messages = (await client.first(6)).slice(1);
  assert.deepEqual(
    messages,
    events.map((event) => ({ kind: "event", event, count: event.id === 2 ? 3 : 1 })),
  );
});

Deno.test("A program may ask for some types, and for some sources", async () => {
  await using feed = await startFeed();
  await using gifts = await FeedClient.open(`${feed.url}?types=GiftEvent,FollowEvent`);
  await using second = await FeedClient.open(`${feed.url}?source=second`);
  await Promise.all([gifts.first(1), second.first(1)]);
  const events = [
    makeEvent({ id: 1, source: "main" }),
    makeGift({ id: 2, source: "main" }),
    makeEvent({ id: 3, source: "second" }),
    makeEvent<"FollowEvent">({ id: 4, source: "second", type: "FollowEvent", data: { followerCount: 1 } }),
  ];
  for (const event of events) await feed.tested.feed.add(event.id, event);
  const ids = async (client: FeedClient) => (await client.first(3)).slice(1).map(({ event }) => event.id);
  assert.deepEqual(await ids(gifts), [2, 4]);
  assert.deepEqual(await ids(second), [3, 4]);
});

Deno.test("Pages of other sites, other names and strange forms are turned away, and the log says how to let a site in", async () => {
  await using feed = await startFeed({ origins: ["https://trusted.example"] });
  const refused = (headers: Record<string, string>, query = "") =>
    assert.rejects(FeedClient.open(`${feed.url}${query}`, headers));
  await refused({ origin: "https://evil.example" });
  await refused({ origin: "null" });
  await refused({ origin: "https://trusted.example.evil.example" });
  assert.match(await rawAnswer(feed.url, "evil.example"), /^HTTP\/1\.1 421 /);
  await refused({}, "?format=other");
  const { text } = await feed.tested.log.heard(/evil\.example tried to connect and was refused/);
  assert.match(text, /add "https:\/\/evil\.example" to "origins"/);
  await using page = await FeedClient.open(feed.url, { origin: "https://trusted.example" });
  await page.first(1);
});

Deno.test("A program that asks for what no event's type can be is told so, and is not left to wait", async () => {
  await using feed = await startFeed();
  for (const types of ["GiftEvnt", "giftEvent", "GiftEvent,gift"]) {
    await assert.rejects(FeedClient.open(`${feed.url}?types=${types}`));
    const response = await fetch(`${feed.url.replace("ws://", "http://")}?types=${types}`);
    assert.equal(response.status, 400);
    assert.match(await response.text(), /is not an event type\. Types look like GiftEvent/);
  }
  await using client = await FeedClient.open(`${feed.url}?types=GiftEvent,%20SpinEvent`);
  await client.first(1);
});

Deno.test("A program that is no WebSocket's is told what this is", async () => {
  await using feed = await startFeed();
  const response = await fetch(feed.url.replace("ws://", "http://"));
  assert.equal(response.status, 426);
  assert.match(await response.text(), /^This is Livecue's feed of events: connect to ws:/);
});

Deno.test("Where there is a token, nobody comes in without it", async () => {
  await using feed = await startFeed({ token: "correct-horse" });
  await assert.rejects(FeedClient.open(feed.url));
  await assert.rejects(FeedClient.open(`${feed.url}?token=wrong-horse1`));
  await using client = await FeedClient.open(`${feed.url}?token=correct-horse`);
  await client.first(1);
});

Deno.test("Where other computers can connect, a token is made, told and kept", async () => {
  const permissions = { ...noPermissions, net: ["0.0.0.0"] };
  await using feed = await startFeed({ host: "0.0.0.0" }, { permissions });
  await assert.rejects(FeedClient.open(feed.url));
  const { text } = await feed.tested.log.heard(/Programs can connect to/);
  const [, token = ""] = text.match(/\?token=([0-9a-f]{32})$/) ?? [];
  await using client = await FeedClient.open(`${feed.url}?token=${token}`);
  await client.first(1);
  assert.deepEqual([...feed.tested.feed.state.values()], [token]);
});

Deno.test("A program that does not read is cut off with its count, and no other waits for it", async () => {
  await using feed = await startFeed();
  await using reader = await FeedClient.open(feed.url);
  using stuck = await connectWithoutReading(feed.url);
  await reader.first(1);
  const comment = "x".repeat(20_000);
  const sent = 1_000;
  for (let id = 1; id <= sent; id++) {
    const outcome = await feed.tested.feed.add(
      id,
      makeEvent({ id, data: { comment, language: "", emotes: [] } }),
    );
    assert.equal(outcome.kind, "completed");
  }
  assert.equal((await reader.first(sent + 1)).length, sent + 1);
  const { level, text } = await feed.tested.log.heard(/read too slowly and was disconnected/);
  assert.equal(level, "warn");
  const [, unread] = text.match(/with (\d+) unread messages/) ?? [];
  assert.ok(Number(unread) > 50 && Number(unread) < sent, text);
  assert.ok(stuck !== null);
});

Deno.test("Where the port is taken, it says so and comes in when it is free; the events go on", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  await using tested = new RunnerUnderTest(makeService(
    fileURLToPath(new URL("../../../services/feed/main.ts", import.meta.url)),
    { permissions: { ...noPermissions, net: [`127.0.0.1:${port}`] }, options: { port } },
  ));
  await tested.runner.start();
  const { text } = await tested.log.heard(/uses port/);
  assert.match(text, new RegExp(`^Another program uses port ${port}\\. Close it, or change "port"`));
  assert.equal((await tested.feed.say(1, "hello")).kind, "completed");
  taken.close();
  await tested.log.heard(/Programs can connect to/);
  await using client = await FeedClient.open(`ws://127.0.0.1:${port}/`);
  await client.first(1);
});

Deno.test("A stop says goodbye to all programs", async () => {
  await using feed = await startFeed();
  const client = await FeedClient.open(feed.url);
  await client.first(1);
  await feed.tested.runner.stop({ graceMs: 2000 });
  assert.equal((await client.closed).code, 1001);
});

Deno.test("Without the permission for its port the start fails, and says what to write", async () => {
  await using tested = new RunnerUnderTest(makeService(
    fileURLToPath(new URL("../../../services/feed/main.ts", import.meta.url)),
    { permissions: noPermissions },
  ));
  await tested.runner.start();
  const { text } = await tested.log.heard(/It is not allowed to listen on/);
  assert.match(text, /add "net": \["127\.0\.0\.1:21214"\] to its "permissions"/);
});

/** Asks for all events, and takes none from the line. */
async function connectWithoutReading(url: string): Promise<Deno.TcpConn> {
  const connection = await handshake(url, new URL(url).host);
  await connection.read(new Uint8Array(1000));
  return connection;
}

/** What is answered to one who calls the server by this name. */
async function rawAnswer(url: string, host: string): Promise<string> {
  using connection = await handshake(url, host);
  const answer = new Uint8Array(1000);
  const length = await connection.read(answer);
  return new TextDecoder().decode(answer.subarray(0, length ?? 0));
}

async function handshake(url: string, host: string): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const lines = [
    "GET / HTTP/1.1",
    `Host: ${host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
  ];
  await connection.write(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`));
  return connection;
}
