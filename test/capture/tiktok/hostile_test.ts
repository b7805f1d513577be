/** TikTok's source among servers that do what no server should, in each phase: it says so, and goes on. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { WebcastPushFrame } from "tiktok-live-connector";
import { createTikTokSource } from "../../../src/capture/tiktok/connection.ts";
import type { CapturedEvent, ConnectionState, SourceItem } from "../../../src/source.ts";
import { commentOf } from "../../support/captured_events.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { type FakeConnection, type FakeMessage, FakeTikTok } from "../../support/fake_tiktok.ts";
import {
  assertSentence,
  HostileServer,
  httpMisbehaviors,
  socketMisbehaviors,
} from "../../support/hostile_server.ts";
import { whileTimePasses } from "../../support/passing_time.ts";
import { silentLog } from "../../support/silent_log.ts";

/** The tests' own part in it: bodies that the servers hold. */
const maxGrowthBytes = 200 * 1024 * 1024;
/** What a client may take of an answer before it cuts it off, with what the system's buffers take. */
const maxTakenBytes = 64 * 1024 * 1024;

class Scene implements AsyncDisposable {
  readonly tiktok = new FakeTikTok();
  readonly clock = new FakeClock();
  readonly seen: SourceItem[] = [];
  readonly #stop = new AbortController();
  readonly #endpoints: { sign?: string; web?: string };
  #items: AsyncIterator<SourceItem> | null = null;

  constructor(endpoints: { sign?: string; web?: string } = {}) {
    this.#endpoints = endpoints;
  }

  async until(phase: ConnectionState["phase"]): Promise<string> {
    for (let item = await this.next(); item !== null; item = await this.next()) {
      if (item.kind === "state" && item.state.phase === phase) {
        return "why" in item.state ? item.state.why : "";
      }
    }
    throw new Error(`The source ended before it was ${phase}.`);
  }

  async events(count: number): Promise<CapturedEvent[]> {
    const events: CapturedEvent[] = [];
    while (events.length < count) {
      const item = await this.next();
      if (item === null) throw new Error("The source ended.");
      if (item.kind === "event") events.push(item.event);
    }
    return events;
  }

  async next(): Promise<SourceItem | null> {
    this.#items ??= this.#open();
    const { value, done } = await this.#items.next();
    if (done) return null;
    this.seen.push(value);
    return value;
  }

  withTime<Value>(work: Promise<Value>, stepMs?: number): Promise<Value> {
    return whileTimePasses(this.clock, work, stepMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    while (await this.next() !== null);
    assert.equal(this.clock.timerCount, 0, "no timer is left");
    await this.tiktok.close();
  }

  #open(): AsyncIterator<SourceItem> {
    const source = createTikTokSource({
      name: "tiktok",
      username: this.tiktok.username,
      signApiKey: "secret-key",
      endpoints: { ...this.tiktok.endpoints, ...this.#endpoints },
      silenceMs: 60_000,
      clock: this.clock,
      random: () => 0,
      once: false,
      log: silentLog(),
    });
    return source.open(this.#stop.signal)[Symbol.asyncIterator]();
  }
}

for (const [name, { isSlow, behave }] of Object.entries(httpMisbehaviors)) {
  Deno.test(`A sign server that ${name} is told of in a sentence, and tried again`, async () => {
    await using hostile = new HostileServer(behave);
    await using scene = new Scene({ sign: hostile.origin });
    const before = Deno.memoryUsage().rss;
    const reconnecting = scene.until("reconnecting");
    await hostile.requested;
    const why = await (isSlow ? scene.withTime(reconnecting) : reconnecting);
    assertSentence(why);
    assert.match(why, /sign server/);
    assert.ok(hostile.sentBytes < maxTakenBytes, `${hostile.sentBytes} bytes were taken`);
    assert.ok(Deno.memoryUsage().rss - before < maxGrowthBytes);
    await scene.withTime(scene.until("reconnecting"));
  });

  Deno.test(`A TikTok whose web ${name} keeps nobody from a live that the sign server knows`, async () => {
    await using hostile = new HostileServer(behave);
    await using scene = new Scene({ web: hostile.origin });
    const before = Deno.memoryUsage().rss;
    const live = scene.until("live");
    await hostile.requested;
    await (isSlow ? scene.withTime(live) : live);
    assert.ok(hostile.sentBytes < 3 * maxTakenBytes, `${hostile.sentBytes} bytes were taken`);
    assert.ok(Deno.memoryUsage().rss - before < maxGrowthBytes);
    (await scene.tiktok.nextConnection()).send([commentOf("hello")]);
    await scene.events(1);
  });
}

for (const [name, { isSlow, behave }] of Object.entries(socketMisbehaviors)) {
  Deno.test(`A message server that ${name} is told of in a sentence, and the live goes on with the next`, async () => {
    await using hostile = new HostileServer(behave);
    await using scene = new Scene();
    scene.tiktok.pushServer = `ws://${hostile.host}/push`;
    scene.tiktok.history = [commentOf("with the signature")];
    const before = Deno.memoryUsage().rss;
    const reconnecting = scene.until("reconnecting");
    await hostile.requested;
    assertSentence(await (isSlow ? scene.withTime(reconnecting, 100) : reconnecting));
    assert.ok(Deno.memoryUsage().rss - before < maxGrowthBytes);
    scene.tiktok.pushServer = null;
    scene.clock.advance(5_000);
    await scene.until("live");
    (await scene.tiktok.nextConnection()).send([commentOf("afterwards")]);
    assert.deepEqual((await scene.events(2)).map(({ data }) => "comment" in data && data.comment), [
      "with the signature",
      "afterwards",
    ]);
  });
}

const dayMs = 24 * 60 * 60_000;

for (
  const value of [
    "-5",
    "0",
    "NaN",
    "Infinity",
    "1e9",
    "1e300",
    "99999999999999999999999",
    "Fri, 31 Dec 5195 23:59:59 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "5, 10",
    "next week",
  ]
) {
  for (const name of ["retry-after", "x-ratelimit-reset"]) {
    Deno.test(`A sign server with the ${name} "${value}" is asked again within a day`, async () => {
      await using scene = new Scene();
      scene.tiktok.sign = { kind: "status", status: 429, headers: { [name]: value } };
      const why = await scene.until("reconnecting");
      assertSentence(why);
      const state = scene.seen.flatMap((item) => item.kind === "state" ? [item.state] : []).at(-1);
      const waitMs = state?.phase === "reconnecting" ? state.nextAt - scene.clock.now() : NaN;
      assert.ok(waitMs >= 5_000 && waitMs <= dayMs, `${waitMs} ms`);
      scene.tiktok.sign = { kind: "ok" };
      scene.clock.advance(waitMs);
      await scene.until("live");
    });
  }
}

for (
  const pushServer of [
    "file:///etc/passwd",
    "http://127.0.0.1:1/",
    "ws://",
    "ws://nowhere.invalid/",
    "ws://127.0.0.1:1/",
    "ws://[::1]:1/",
    "\x1b[2J",
    `ws://${"a".repeat(100_000)}/`,
  ]
) {
  const name = pushServer.slice(0, 30).replace("\x1b", "ESC");
  Deno.test(`A message server at ${name} is told of in a sentence, and tried again`, async () => {
    await using scene = new Scene();
    scene.tiktok.pushServer = pushServer;
    assertSentence(await scene.until("reconnecting"));
    scene.tiktok.pushServer = null;
    scene.clock.advance(5_000);
    await scene.until("live");
  });
}

for (
  const kind of ["closed port", "unknown name", "server that speaks no TLS", "port of IPv6 that is closed"]
) {
  Deno.test(`A TikTok and a sign server at a ${kind} are told of in a sentence`, async () => {
    await using hostile = new HostileServer(() => Promise.resolve());
    const addresses: Record<string, string> = {
      "closed port": "http://127.0.0.1:1",
      "unknown name": "http://nowhere.invalid",
      "server that speaks no TLS": `https://${hostile.host}`,
      "port of IPv6 that is closed": "http://[::1]:1",
    };
    const address = addresses[kind] as string;
    await using both = new Scene({ web: address, sign: address });
    const failing = both.until("reconnecting");
    assertSentence(await (kind.startsWith("server") ? both.withTime(failing) : failing));
    await using sign = new Scene({ sign: address });
    const reconnecting = sign.until("reconnecting");
    await sign.tiktok.nextLookup();
    const why = await (kind.startsWith("server") ? sign.withTime(reconnecting) : reconnecting);
    assert.match(why, /^The sign server .*\.$/);
  });
}

/** A frame of messages, whatever their bytes are. */
function batchFrame(batch: Uint8Array): Uint8Array {
  return WebcastPushFrame.encode({
    ...WebcastPushFrame.decode(new Uint8Array(0)),
    payloadEncoding: "pb",
    payloadType: "msg",
    payload: gzipSync(batch, { level: 1 }),
  }).finish();
}

/** One message with so many of these fields. */
function messageOf(method: string, field: number[], count: number): FakeMessage {
  const payload = new Uint8Array(field.length * count);
  for (let index = 0; index < payload.length; index++) payload[index] = field[index % field.length] ?? 0;
  return { method, payload };
}

const megabyte = 1024 * 1024;
const lists = new Uint8Array(15 * megabyte).map((_, index) => index % 2 === 0 ? 10 : 0);

/** What may stand between other frames. */
const frames: Record<string, (connection: FakeConnection) => void> = {
  "of 17 MB": (connection) => connection.sendBytes(new Uint8Array(17 * megabyte)),
  "of 50 MB": (connection) => connection.sendBytes(new Uint8Array(50 * megabyte)),
  "that inflates to 100 MB": (connection) => connection.sendBytes(batchFrame(new Uint8Array(100 * megabyte))),
  "of eight million empty messages": (connection) => connection.sendBytes(batchFrame(lists)),
  "of garbage": (connection) => connection.sendBytes(new Uint8Array(1000).fill(255)),
  "of text": (connection) => connection.sendText("hello"),
  "with a gift of millions of fields": (connection) =>
    connection.send([messageOf("WebcastGiftMessage", [0x3a, 0], 7 * megabyte)], { isGzipped: true }),
  "with a comment of 200,000 badges": (connection) =>
    connection.send([messageOf("WebcastChatMessage", [0xaa, 4, 0], 200_000)], { isGzipped: true }),
};

for (const [name, send] of Object.entries(frames)) {
  Deno.test(`A frame ${name} is left out and told once; its neighbors come, over the same connection`, async () => {
    await using scene = new Scene();
    await scene.until("live");
    const connection = await scene.tiktok.nextConnection();
    const before = Deno.memoryUsage().rss;
    for (const text of ["one", "two"]) {
      connection.send([commentOf(text)]);
      send(connection);
    }
    connection.send([commentOf("three")]);
    const events = await scene.events(3);
    assert.deepEqual(events.map(({ data }) => "comment" in data && data.comment), ["one", "two", "three"]);
    assert.equal(scene.seen.filter(({ kind }) => kind === "corrupt").length, 2);
    const notices = scene.seen.flatMap((item) => item.kind === "notice" ? [item.text] : []);
    assert.equal(notices.length, 1);
    assertSentence(notices[0] ?? "");
    assert.deepEqual(scene.tiktok.connections, [connection]);
    assert.ok(Deno.memoryUsage().rss - before < 2 * maxGrowthBytes);
  });
}

Deno.test("Messages of one frame that take long are decoded in slices, and all come in order", async () => {
  await using scene = new Scene();
  await scene.until("live");
  const connection = await scene.tiktok.nextConnection();
  const slow = messageOf("WebcastBarrageMessage", [0x0a, 4, 0x42, 2, 0x22, 0], 10_000);
  const many = Array.from({ length: 200 }, (_, index) => [slow, commentOf(`comment ${index}`)]).flat();
  connection.send(many, { isGzipped: true });
  const comments = (await scene.events(400)).filter(({ type }) => type === "CommentEvent");
  assert.deepEqual(
    comments.map(({ data }) => "comment" in data && data.comment),
    Array.from({ length: 200 }, (_, index) => `comment ${index}`),
  );
});
