import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { WebcastPushFrame } from "tiktok-live-connector";
import { createTikTokSource, type TikTokSourceOptions } from "../../../src/capture/tiktok/connection.ts";
import type { CapturedEvent, ConnectionState, SourceItem } from "../../../src/source.ts";
import { decodeEvent } from "../../../src/capture/tiktok/decode.ts";
import { encodeEvent } from "../../../src/capture/tiktok/encode.ts";
import { addressFor } from "../../../src/capture/tiktok/web_request.ts";
import type { Log } from "../../../src/log/log.ts";
import { commentOf, sampleEvents, sampleOf, streamEnd } from "../../support/captured_events.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { type FakeConnection, FakeTikTok } from "../../support/fake_tiktok.ts";

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, named: () => silent };

/** A source that listens to a fake TikTok, and what it gives, read piece by piece. */
class Scene {
  readonly tiktok = new FakeTikTok();
  readonly clock = new FakeClock();
  readonly seen: SourceItem[] = [];
  readonly #stop = new AbortController();
  readonly #options: Partial<TikTokSourceOptions>;
  #items: AsyncIterator<SourceItem> | null = null;

  constructor(options: Partial<TikTokSourceOptions> = {}) {
    this.#options = options;
  }

  async next(): Promise<SourceItem | null> {
    this.#items ??= this.#open();
    const { value, done } = await this.#items.next();
    if (done) return null;
    this.seen.push(value);
    return value;
  }

  /** Reads on until the connection stands so. */
  async until<Phase extends ConnectionState["phase"]>(phase: Phase): Promise<StateOf<Phase>> {
    for (let item = await this.next(); item !== null; item = await this.next()) {
      if (item.kind === "state" && item.state.phase === phase) return item.state as StateOf<Phase>;
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

  async live(): Promise<FakeConnection> {
    await this.until("live");
    return await this.tiktok.nextConnection();
  }

  /** Reads to the end: what came from here on, without the states. */
  async rest(): Promise<SourceItem[]> {
    const start = this.seen.length;
    while (await this.next() !== null);
    return this.seen.slice(start).filter((item) => item.kind !== "state");
  }

  stop(): void {
    this.#stop.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.rest();
    assert.equal(this.clock.timerCount, 0, "no timer is left");
    await Promise.all(this.tiktok.connections.map((connection) => connection.closed));
    await this.tiktok.close();
  }

  #open(): AsyncIterator<SourceItem> {
    const source = createTikTokSource({
      name: "tiktok",
      username: this.tiktok.username,
      signApiKey: null,
      endpoints: this.tiktok.endpoints,
      silenceMs: 60_000,
      clock: this.clock,
      random: () => 0,
      once: false,
      log: silent,
      ...this.#options,
    });
    return source.open(this.#stop.signal)[Symbol.asyncIterator]();
  }
}

type StateOf<Phase extends ConnectionState["phase"]> = Extract<ConnectionState, { phase: Phase }>;

function comments(from: number, to: number): CapturedEvent[] {
  return Array.from({ length: to - from }, (_, index) => commentOf(`comment ${from + index}`));
}

Deno.test("TikTok source looks up, connects, opens a session and is live", async () => {
  await using scene = new Scene();
  const connection = await scene.live();
  const { username, roomId } = scene.tiktok;
  assert.deepEqual(scene.seen, [
    { kind: "state", state: { phase: "looking_up", username } },
    { kind: "state", state: { phase: "connecting", username } },
    { kind: "session", username, roomId, title: "Ana's live", connectedAt: scene.clock.now() },
    { kind: "state", state: { phase: "live", username, roomId, title: "Ana's live" } },
  ]);
  assert.deepEqual(connection.received, [{ type: "im_enter_room", roomId }]);
});

Deno.test("TikTok source gives every type of event in order, with the raw message of each", async () => {
  await using scene = new Scene();
  const connection = await scene.live();
  const events = sampleEvents();
  connection.send(events);
  assert.deepEqual(await scene.events(events.length), events);
  const raws = scene.seen.flatMap((item) => item.kind === "event" && item.raw !== null ? [item.raw] : []);
  assert.deepEqual(raws.map((raw) => decodeEvent(raw, "?")), events);
  assert.ok(raws.every((raw) => raw.streamer === "ana.live" && raw.createTime === 1_700_000_000_000));
});

Deno.test("TikTok source keeps the order of a burst of frames, gzipped and not", async () => {
  await using scene = new Scene();
  const connection = await scene.live();
  const events = comments(0, 600);
  for (let start = 0; start < 600; start += 10) {
    connection.send(events.slice(start, start + 10), { isGzipped: start % 20 === 0 });
  }
  assert.deepEqual(await scene.events(600), events);
});

Deno.test("TikTok source gives the history that comes with the signature first, whole", async () => {
  await using scene = new Scene();
  const events = sampleEvents();
  scene.tiktok.history = events;
  const connection = await scene.live();
  const next = commentOf("now");
  connection.send([next]);
  assert.deepEqual(await scene.events(events.length + 1), [...events, next]);
});

Deno.test("TikTok source acknowledges a frame that asks for it", async () => {
  await using scene = new Scene();
  const connection = await scene.live();
  assert.equal((await connection.nextReceived()).type, "im_enter_room");
  connection.send([commentOf("hi")], { needsAck: true });
  const ack = await connection.nextReceived();
  assert.equal(ack.type === "ack" ? ack.internalExt : ack.type, "ext-2");
});

Deno.test("TikTok source lets joins go when the app falls behind, says so, and keeps every gift", async () => {
  await using scene = new Scene();
  const connection = await scene.live();
  await connection.nextReceived();
  const joins = Array(1000).fill(encodeEvent(sampleOf("JoinEvent"), "ana.live"));
  for (let frame = 0; frame < 11; frame++) connection.send([...joins, sampleOf("GiftEvent")]);
  connection.send([commentOf("last")], { needsAck: true });
  // The acknowledgement tells that all frames have been taken in, while nobody was reading.
  assert.equal((await connection.nextReceived()).type, "ack");
  const counts = { JoinEvent: 0, GiftEvent: 0, CommentEvent: 0, shed: 0 };
  while (counts.CommentEvent === 0) {
    const item = await scene.next();
    if (item?.kind === "shed") counts.shed += item.count;
    else if (item?.kind === "event") counts[item.event.type as keyof typeof counts]++;
  }
  assert.deepEqual(counts, { JoinEvent: 9988, GiftEvent: 11, CommentEvent: 1, shed: 1012 });
});

Deno.test("TikTok source counts frames and messages that are garbage and goes on", async () => {
  await using scene = new Scene();
  const connection = await scene.live();
  connection.sendBytes(new Uint8Array([255, 255, 255]));
  connection.send([commentOf("before"), {
    method: "WebcastGiftMessage\x1b[2J",
    payload: new Uint8Array([0, 0]),
  }]);
  connection.sendBytes(zipBomb());
  connection.send([commentOf("after")]);
  await scene.events(2);
  const corrupt = scene.seen.flatMap((item) => item.kind === "corrupt" ? [item.method] : []);
  assert.deepEqual(corrupt, ["WebcastPushFrame", "WebcastGiftMessage", "WebcastPushFrame"]);
});

/** A frame of a few kilobytes that would inflate to 32 MiB. */
function zipBomb(): Uint8Array {
  return WebcastPushFrame.encode({
    ...WebcastPushFrame.decode(new Uint8Array(0)),
    payloadEncoding: "pb",
    payloadType: "msg",
    payload: gzipSync(new Uint8Array(32 * 1024 * 1024)),
  }).finish();
}

Deno.test("TikTok source reconnects to the same room 5 s after a drop, not sooner, and loses nothing", async () => {
  await using scene = new Scene();
  const connection = await scene.live();
  await scene.tiktok.nextLookup();
  connection.send(comments(0, 3));
  connection.drop();
  const events = await scene.events(3);
  const { attempt, nextAt, why } = await scene.until("reconnecting");
  assert.deepEqual({ attempt, waitMs: nextAt - scene.clock.now() }, { attempt: 1, waitMs: 5000 });
  assert.match(why, /closed the connection/);
  scene.tiktok.history = comments(3, 5);
  const requests = scene.tiktok.requests.length;
  scene.clock.advance(4_999);
  assert.equal(scene.clock.timerCount, 1);
  assert.equal(scene.tiktok.requests.length, requests);
  scene.clock.advance(1);
  (await scene.live()).send(comments(5, 6));
  const texts = [...events, ...await scene.events(3)].map((event) =>
    "comment" in event.data && event.data.comment
  );
  assert.deepEqual(texts, [0, 1, 2, 3, 4, 5].map((number) => `comment ${number}`));
  const rooms = scene.seen.flatMap((item) => item.kind === "session" ? [item.roomId] : []);
  assert.deepEqual(rooms, [scene.tiktok.roomId, scene.tiktok.roomId]);
});

Deno.test("TikTok source backs off from 5 s to 5 minutes, with jitter, and starts anew after a steady minute", async () => {
  await using scene = new Scene({ random: () => 0.999 });
  scene.tiktok.sign = { kind: "status", status: 500 };
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 9; attempt++) {
    const state = await scene.until("reconnecting");
    assert.equal(state.attempt, attempt);
    waits.push(Math.round((state.nextAt - scene.clock.now()) / 1000));
    if (attempt === 9) scene.tiktok.sign = { kind: "ok" };
    scene.clock.advance(state.nextAt - scene.clock.now());
  }
  assert.deepEqual(waits, [6, 12, 24, 48, 96, 192, 300, 300, 300]);
  const first = await scene.live();
  first.drop();
  assert.equal((await scene.until("reconnecting")).attempt, 10);
  scene.clock.advance(300_000);
  const second = await scene.live();
  second.send([commentOf("a")]);
  await scene.events(1);
  scene.clock.advance(59_999);
  second.send([commentOf("b")]);
  await scene.events(1);
  scene.clock.advance(1);
  second.drop();
  assert.equal((await scene.until("reconnecting")).attempt, 1);
});

Deno.test("TikTok source finds nothing in answers to heartbeats, whatever bytes they hold", async () => {
  await using scene = new Scene();
  const connection = await scene.live();
  for (const payloadType of ["hb", "im_enter_room_resp"]) {
    const payload = Buffer.from("\n\x05hello");
    connection.sendBytes(
      WebcastPushFrame.encode({
        ...WebcastPushFrame.decode(new Uint8Array(0)),
        payloadEncoding: "pb",
        payloadType,
        payload,
      }).finish(),
    );
  }
  connection.send([commentOf("hi")]);
  const read = scene.seen.length;
  await scene.events(1);
  assert.equal(scene.seen.length, read + 1, "only the comment came");
});

Deno.test("TikTok source drops a connection that is silent for too long", async () => {
  await using scene = new Scene({ silenceMs: 20_000 });
  const connection = await scene.live();
  scene.clock.advance(15_000);
  connection.send([commentOf("still here")]);
  await scene.events(1);
  scene.clock.advance(19_999);
  assert.equal(scene.tiktok.connections.length, 1);
  scene.clock.advance(1);
  const { why } = await scene.until("reconnecting");
  assert.equal(why, "TikTok sent nothing for 20 s.");
  await connection.closed;
});

for (const shiftMs of [-3_600_000, 3_600_000]) {
  const direction = shiftMs < 0 ? "back" : "forward";
  Deno.test(`TikTok source notices silence when it is due though the clock is set ${direction} an hour`, async () => {
    await using scene = new Scene({ silenceMs: 20_000 });
    const connection = await scene.live();
    scene.clock.advance(15_000);
    connection.send([commentOf("still here")]);
    await scene.events(1);
    scene.clock.shiftWall(shiftMs);
    scene.clock.advance(19_999);
    connection.send([commentOf("and here")]);
    await scene.events(1);
    scene.clock.advance(20_000);
    await scene.until("reconnecting");
    await connection.closed;
  });

  Deno.test(`TikTok source comes back 5 s after a drop though the clock is set ${direction} an hour`, async () => {
    await using scene = new Scene();
    (await scene.live()).drop();
    await scene.until("reconnecting");
    scene.clock.shiftWall(shiftMs);
    scene.clock.advance(4_999);
    assert.equal(scene.clock.timerCount, 1, "it still waits");
    scene.clock.advance(1);
    await scene.live();
  });
}

Deno.test("TikTok source goes on when the end of another room's live is told in its own", async () => {
  await using scene = new Scene({ once: true });
  const connection = await scene.live();
  const foreign = streamEnd("7400000000000000099");
  connection.send([foreign, commentOf("we go on")]);
  assert.deepEqual((await scene.events(2))[0], foreign);
  connection.send([streamEnd()]);
  const rest = await scene.rest();
  assert.deepEqual(rest.at(-1), {
    kind: "end",
    status: "completed",
    reason: "The streamer ended the live.",
  });
});

Deno.test("TikTok source waits for a user who is offline, looks every 30 s, and joins when the live starts", async () => {
  await using scene = new Scene();
  scene.tiktok.goOffline();
  const first = await scene.until("waiting");
  assert.deepEqual(
    { why: first.why, waitMs: first.nextAt - scene.clock.now() },
    { why: "@ana.live is not live.", waitMs: 24_000 },
  );
  scene.clock.advance(24_000);
  await scene.until("waiting");
  scene.tiktok.goLive();
  scene.clock.advance(24_000);
  await scene.live();
  assert.equal(
    scene.tiktok.requests.filter(({ path }) => path.includes("connect")).length,
    1,
    "signs only when live",
  );
});

Deno.test("TikTok source ends with the live when told to listen once", async () => {
  await using scene = new Scene({ once: true });
  const connection = await scene.live();
  const last = [commentOf("bye"), streamEnd(), commentOf("after the end")];
  connection.send(last);
  connection.send([commentOf("too late")]);
  const rest = await scene.rest();
  assert.deepEqual(rest.slice(0, 3).map((item) => item.kind === "event" && item.event), last);
  assert.deepEqual(rest.slice(3), [
    { kind: "end", status: "completed", reason: "The streamer ended the live." },
  ]);
  await connection.closed;
});

Deno.test("TikTok source waits for the next live after the end of one, and opens its room", async () => {
  await using scene = new Scene();
  (await scene.live()).send([streamEnd(undefined, "suspended")]);
  scene.tiktok.goOffline();
  const { why, nextAt } = await scene.until("waiting");
  assert.equal(why, "TikTok suspended the live.");
  assert.ok(scene.seen.some((item) => item.kind === "end" && item.status === "completed"));
  scene.tiktok.goLive("7400000000000000002");
  scene.clock.advance(nextAt - scene.clock.now());
  await scene.live();
  const rooms = scene.seen.flatMap((item) => item.kind === "session" ? [item.roomId] : []);
  assert.deepEqual(rooms, ["7400000000000000001", "7400000000000000002"]);
});

Deno.test("TikTok source does not rejoin a room just after its end because the page still shows it", async () => {
  await using scene = new Scene();
  scene.tiktok.roomInfo = { kind: "status", status: 500 };
  (await scene.live()).send([streamEnd()]);
  await scene.until("waiting");
  scene.clock.advance(24_000);
  assert.equal((await scene.until("waiting")).why, "@ana.live is not live.");
  scene.tiktok.roomInfo = { kind: "ok" };
  scene.clock.advance(24_000);
  await scene.live();
});

Deno.test("TikTok source takes an end that comes again with the history for what it is", async () => {
  await using scene = new Scene();
  const end = streamEnd();
  (await scene.live()).send([end]);
  await scene.until("waiting");
  scene.tiktok.history = [end];
  scene.clock.advance(24_000);
  (await scene.live()).send([commentOf("on again")]);
  const [again, comment] = await scene.events(2);
  assert.deepEqual([again?.type, comment?.type], ["StreamEndEvent", "CommentEvent"]);
});

Deno.test("TikTok source ends the live that it finds over when it reconnects", async () => {
  await using scene = new Scene({ once: true });
  const connection = await scene.live();
  scene.tiktok.goOffline();
  connection.drop();
  await scene.until("reconnecting");
  scene.clock.advance(5_000);
  const rest = await scene.rest();
  assert.deepEqual(rest.map((item) => item.kind === "event" ? item.event.type : item.kind), [
    "StreamEndEvent",
    "end",
  ]);
});

Deno.test("TikTok source ends at once, aborted, where TikTok knows no such user", async () => {
  await using scene = new Scene();
  scene.tiktok.isKnown = false;
  const [end, ...others] = await scene.rest();
  assert.deepEqual(others, []);
  assert.ok(end?.kind === "end" && end.status === "aborted");
  assert.match(end.reason, /has no user @ana\.live\. Check the spelling/);
});

Deno.test("TikTok source keeps looking for a user who was live and is suddenly unknown", async () => {
  await using scene = new Scene();
  const connection = await scene.live();
  scene.tiktok.isKnown = false;
  connection.drop();
  await scene.until("reconnecting");
  scene.clock.advance(5_000);
  assert.equal((await scene.until("reconnecting")).attempt, 2);
});

Deno.test("TikTok source does not come back before the sign server's retry-after", async () => {
  for (const message of ["Slow down", "You have made far too many requests, please slow down"]) {
    await using scene = new Scene();
    const headers = { "retry-after": "120" };
    scene.tiktok.sign = { kind: "status", status: 429, headers, body: JSON.stringify({ message }) };
    const { why, nextAt } = await scene.until("reconnecting");
    assert.equal(nextAt - scene.clock.now(), 120_000);
    const moment = new Date(nextAt).toTimeString().slice(0, 8);
    assert.ok(why.includes(`allows no more connections until ${moment} (rate limit)`), why);
  }
});

Deno.test("TikTok source does not come back before the sign server's rate limit resets", async () => {
  for (const unit of [1000, 1]) {
    await using scene = new Scene();
    const resetAt = scene.clock.now() + 90_000;
    const headers = { "x-ratelimit-reset": String(resetAt / unit) };
    scene.tiktok.sign = { kind: "status", status: 429, headers, body: "not even JSON" };
    assert.equal((await scene.until("reconnecting")).nextAt, resetAt, `in units of ${unit} ms`);
  }
});

Deno.test("TikTok source says on which day the sign server's limit ends where it is not today", async () => {
  await using scene = new Scene();
  scene.tiktok.sign = { kind: "status", status: 429, headers: { "retry-after": String(86_400 * 2) } };
  assert.match(
    (await scene.until("reconnecting")).why,
    /until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(rate limit\)/,
  );
});

Deno.test("TikTok source says in one sentence what is wrong and what to do", async () => {
  const cases: [(tiktok: FakeTikTok) => void, RegExp][] = [
    [
      (tiktok) => tiktok.sign = { kind: "status", status: 402, body: '{"message":"Pay"}' },
      /status 402.*sign_api_key/,
    ],
    [(tiktok) => tiktok.sign = { kind: "status", status: 401, body: "{}" }, /status 401.*sign_api_key/],
    [(tiktok) => tiktok.sign = { kind: "status", status: 403 }, /status 403.*sign_api_key/],
    [(tiktok) => tiktok.sign = { kind: "status", status: 503 }, /has a problem \(status 503\)/],
    [(tiktok) => tiktok.sign = { kind: "status", status: 200 }, /an unusable answer .*cookies/],
    [(tiktok) => tiktok.socket = { kind: "status", status: 403 }, /message server refused the connection/],
    [(tiktok) => {
      tiktok.isBlocking = true;
      tiktok.sign = { kind: "status", status: 401, body: "{}" };
    }, /did not show the room of @ana\.live.*captcha/],
  ];
  for (const [arrange, expected] of cases) {
    await using scene = new Scene();
    arrange(scene.tiktok);
    const { why } = await scene.until("reconnecting");
    assert.match(why, expected);
    assert.doesNotMatch(why, /\n/);
  }
});

Deno.test("TikTok source does not mind a cookie that cannot be read", async () => {
  await using scene = new Scene();
  scene.tiktok.cookie = "share=100%; Path=/";
  await scene.live();
});

Deno.test("TikTok source asks the sign server for the room where TikTok blocks", async () => {
  await using scene = new Scene();
  scene.tiktok.isBlocking = true;
  await scene.live();
});

Deno.test("TikTok source says where it cannot reach anything", async () => {
  // A port that nothing listens on: it was free a moment ago.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const nowhere = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  await using scene = new Scene({ endpoints: { sign: nowhere, web: nowhere } });
  assert.match((await scene.until("reconnecting")).why, /TikTok cannot be reached.*internet connection/);
});

Deno.test("TikTok source notices a server that never answers, at every step", async () => {
  const cases: [(tiktok: FakeTikTok) => Promise<unknown>, RegExp][] = [
    [(tiktok) => (tiktok.page = { kind: "hang" }, tiktok.nextLookup()), /cannot be reached|did not answer/],
    [(tiktok) => (tiktok.sign = { kind: "hang" }, tiktok.nextSign()), /sign server http.* does not answer/],
    [
      (tiktok) => (tiktok.socket = { kind: "hang" }, tiktok.nextSocketRequest()),
      /message server did not answer/,
    ],
  ];
  for (const [arrange, expected] of cases) {
    await using scene = new Scene();
    const asked = arrange(scene.tiktok);
    const reconnecting = scene.until("reconnecting");
    await asked;
    scene.clock.advance(45_000);
    assert.match((await reconnecting).why, expected);
  }
});

Deno.test("TikTok source stops at every step without an end, leaving no request and no socket", async () => {
  const steps: Record<string, (scene: Scene) => Promise<unknown>> = {
    "the page hangs": (scene) => (scene.tiktok.page = { kind: "hang" }, scene.tiktok.nextLookup()),
    "the signature hangs": (scene) => (scene.tiktok.sign = { kind: "hang" }, scene.tiktok.nextSign()),
    "the socket hangs": (scene) => (scene.tiktok.socket = { kind: "hang" }, scene.tiktok.nextSocketRequest()),
    "the socket opens": (scene) => scene.tiktok.nextSocketRequest(),
    "live": (scene) => scene.tiktok.nextConnection(),
    "waiting": (scene) => (scene.tiktok.goOffline(), scene.until("waiting")),
    "reconnecting": (
      scene,
    ) => (scene.tiktok.sign = { kind: "status", status: 500 }, scene.until("reconnecting")),
  };
  for (const [name, reach] of Object.entries(steps)) {
    await using scene = new Scene();
    const reached = reach(scene);
    // Reading the first item is what opens the source.
    if (!name.endsWith("ing")) await scene.next();
    await reached;
    scene.stop();
    assert.ok((await scene.rest()).every((item) => item.kind !== "end"), name);
    await Promise.all(scene.tiktok.connections.map((connection) => connection.closed));
    assert.equal(scene.clock.timerCount, 0, name);
  }
});

Deno.test("TikTok source sends the key to the sign server, and nothing of it to TikTok", async () => {
  await using scene = new Scene({ signApiKey: "secret-key" });
  await scene.live();
  const carrying = scene.tiktok.requests.filter(({ headers, query }) =>
    headers.get("x-api-key") === "secret-key" || query.get("apiKey") === "secret-key"
  );
  assert.deepEqual(carrying.map(({ path }) => path), [`/webcast/rooms/${scene.tiktok.roomId}/connect`]);
});

Deno.test("addressFor makes requests to TikTok https, or sends them where the config says, as given", () => {
  assert.equal(
    addressFor("http://www.tiktok.com/@a/live?b=c", null).href,
    "https://www.tiktok.com/@a/live?b=c",
  );
  assert.equal(
    addressFor("https://webcast.tiktok.com/webcast/room/info/?b=c", "http://proxy:81/tt/").href,
    "http://proxy:81/tt/webcast/room/info/?b=c",
  );
  assert.equal(addressFor("http://nottiktok.com/x", "http://proxy").href, "http://nottiktok.com/x");
});
