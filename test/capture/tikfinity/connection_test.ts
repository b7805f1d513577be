import assert from "node:assert/strict";
import { createTikfinitySource } from "../../../src/capture/tikfinity/connection.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeTikfinity, personFields, roseFields } from "../../support/fake_tikfinity.ts";
import { silentLog } from "../../support/silent_log.ts";
import { TikfinityScene } from "../../support/tikfinity_scene.ts";
import { keptOfRoom } from "../../../src/capture/intake.ts";

Deno.test("TikFinity source connects, opens a session with the first event and says whose live it is", async () => {
  await using tikfinity = await FakeTikfinity.start();
  await using scene = new TikfinityScene(tikfinity.url);
  await scene.until("live");
  const client = await tikfinity.nextClient();
  client.send("config", { events: [] });
  client.send("chat", personFields({ comment: "hello" }));
  await scene.events(1);
  const title = `TikFinity at 127.0.0.1:${tikfinity.port}`;
  assert.deepEqual(scene.seen.slice(0, -1), [
    { kind: "state", state: { phase: "connecting", username: "tikfinity" } },
    { kind: "state", state: { phase: "live", username: "tikfinity", roomId: "", title } },
    { kind: "state", state: { phase: "live", username: "streamer", roomId: "", title } },
    { kind: "session", username: "streamer", roomId: "" },
  ]);
});

Deno.test("TikFinity source says what to do where TikFinity is not running, and tries again at growing intervals", async () => {
  const gone = await FakeTikfinity.start();
  await gone[Symbol.asyncDispose]();
  await using scene = new TikfinityScene(gone.url);
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 7; attempt++) {
    const state = await scene.until("reconnecting");
    assert.equal(state.attempt, attempt);
    assert.match(
      state.why,
      /^Nothing answers at ws:\/\/127\S+: TikFinity is not running, or its WebSocket is off\. Start TikFinity\.$/,
    );
    waits.push(state.nextAt - scene.clock.now());
    scene.clock.advance(waits.at(-1) ?? 0);
  }
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

Deno.test("TikFinity source comes back by itself when TikFinity is started again, in the same session", async () => {
  const first = await FakeTikfinity.start();
  await using scene = new TikfinityScene(first.url);
  await scene.until("live");
  (await first.nextClient()).send("chat", personFields({ comment: "one" }));
  await scene.events(1);
  await first[Symbol.asyncDispose]();
  const { why, nextAt } = await scene.until("reconnecting");
  assert.equal(why, "TikFinity closed the connection.");
  await using _second = await FakeTikfinity.start({ port: first.port });
  scene.clock.advance(nextAt - scene.clock.now());
  assert.equal((await scene.until("live")).username, "streamer");
  (await _second.nextClient()).send("chat", personFields({ comment: "two" }));
  await scene.events(1);
  assert.equal(scene.seen.filter(({ kind }) => kind === "session").length, 1);
});

Deno.test("TikFinity source stays with a TikFinity that is silent for an hour, and answers", async () => {
  await using tikfinity = await FakeTikfinity.start();
  await using scene = new TikfinityScene(tikfinity.url);
  await scene.until("live");
  const client = await tikfinity.nextClient();
  for (let passedMs = 0; passedMs < 3_600_000; passedMs += 20_000) {
    const ping = client.nextPing();
    scene.clock.advance(20_000);
    await ping;
    await client.delivered();
  }
  client.send("chat", personFields({ comment: "still here" }));
  await scene.events(1);
  assert.equal(scene.seen.filter((item) => item.kind === "state" && item.state.phase !== "live").length, 1);
});

Deno.test("TikFinity source notices a TikFinity that is stuck", async () => {
  await using tikfinity = await FakeTikfinity.start({ isStuck: true });
  await using scene = new TikfinityScene(tikfinity.url);
  await scene.until("live");
  scene.clock.advance(20_000);
  scene.clock.advance(20_000);
  assert.match((await scene.until("reconnecting")).why, /^TikFinity no longer answers/);
});

Deno.test("TikFinity source gives up a connection that does not come about", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  await using scene = new TikfinityScene(`ws://127.0.0.1:${port}/`);
  await scene.until("connecting");
  using _connection = await listener.accept();
  scene.clock.advance(10_000);
  assert.match((await scene.until("reconnecting")).why, /^Nothing answers at ws:/);
});

Deno.test("TikFinity source says so where something else answers", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("hello"),
  );
  await using scene = new TikfinityScene(`ws://127.0.0.1:${server.addr.port}/`);
  assert.match(
    (await scene.until("reconnecting")).why,
    /is not TikFinity's WebSocket \(Unexpected server response: 200\)\. Check the source's "url"\.$/,
  );
});

Deno.test("TikFinity source counts what cannot be read, and reads on", async () => {
  await using tikfinity = await FakeTikfinity.start();
  await using scene = new TikfinityScene(tikfinity.url);
  await scene.until("live");
  const client = await tikfinity.nextClient();
  client.sendText("{ broken");
  client.sendBytes(new Uint8Array([0xff, 0x00, 0x80]));
  client.sendText(`{"event":"chat","data":{"comment":"${"x".repeat(1_000_000)}"}}`);
  client.send("follow", personFields());
  const events = await scene.events(2);
  assert.deepEqual(events.map(({ type }) => type), ["CommentEvent", "FollowEvent"]);
  assert.equal(scene.seen.filter(({ kind }) => kind === "corrupt").length, 2);
});

Deno.test("TikFinity source leaves a message out that is too long, says so once, and takes all others", async () => {
  await using tikfinity = await FakeTikfinity.start();
  await using scene = new TikfinityScene(tikfinity.url);
  await scene.until("live");
  const client = await tikfinity.nextClient();
  for (let round = 0; round < 2; round++) {
    client.send("follow", personFields());
    client.sendText("x".repeat(5 * 1024 * 1024));
  }
  client.send("share", personFields());
  const events = await scene.events(3);
  assert.deepEqual(events.map(({ type }) => type), ["FollowEvent", "FollowEvent", "ShareEvent"]);
  const notices = scene.seen.flatMap((item) => item.kind === "notice" ? [item.text] : []);
  assert.equal(notices.length, 1);
  assert.match(notices[0] ?? "", /message .* has more than 2 MB and was skipped/);
});

Deno.test("TikFinity source lets joins and likes go in a flood that nobody reads, and no gift", async () => {
  await using tikfinity = await FakeTikfinity.start();
  await using scene = new TikfinityScene(tikfinity.url);
  await scene.until("live");
  const client = await tikfinity.nextClient();
  for (let index = 0; index < 12_000; index++) {
    client.send("member", { userId: String(index + 1), actionId: 1 });
  }
  for (let index = 0; index < 100; index++) {
    client.send("gift", roseFields(1, false, { giftType: 2, groupId: "" }));
  }
  client.send("questionNew", { questionText: "the end" });
  await client.delivered();
  let [gifts, joins, shed] = [0, 0, 0];
  while (true) {
    const item = await scene.next();
    if (item?.kind === "shed") shed += item.count;
    if (item?.kind !== "event") continue;
    if (item.event.type === "GiftEvent") gifts++;
    if (item.event.type === "JoinEvent") joins++;
    if (item.event.type === "QuestionEvent") break;
  }
  assert.equal(gifts, 100);
  assert.equal(joins + shed, 12_000);
  assert.ok(joins < 10_000);
});

Deno.test("TikFinity source ends the session with the live, after what still belongs to it, and opens the next one's", async () => {
  await using tikfinity = await FakeTikfinity.start();
  await using scene = new TikfinityScene(tikfinity.url);
  await scene.until("live");
  const client = await tikfinity.nextClient();
  client.send("chat", personFields({ comment: "bye" }));
  client.send("streamEnd", { action: 3 });
  client.send("like", personFields({ likeCount: 2 }));
  client.send("streamEnd", { action: 3 });
  await scene.events(4);
  scene.clock.advance(10_000);
  assert.deepEqual(await scene.nextOf("end"), {
    kind: "end",
    status: "completed",
    reason: "The streamer ended the live.",
  });
  client.send("chat", personFields({ comment: "hello again" }));
  assert.equal((await scene.nextOf("session")).username, "streamer");
  await scene.events(1);
});

Deno.test("TikFinity source opens no session for an end that comes again", async () => {
  await using tikfinity = await FakeTikfinity.start();
  await using scene = new TikfinityScene(tikfinity.url);
  await scene.until("live");
  const client = await tikfinity.nextClient();
  client.send("chat", personFields({ comment: "bye" }));
  client.send("streamEnd", { action: 3, msgId: "7515589486609222446" });
  await scene.events(2);
  scene.clock.advance(10_000);
  await scene.nextOf("end");
  const before = scene.seen.length;
  client.send("streamEnd", { action: 3, msgId: "7515589486609222446" });
  client.send("follow", personFields());
  await scene.events(1);
  assert.deepEqual(scene.seen.slice(before).map(({ kind }) => kind), ["session", "event"]);
});

Deno.test("TikFinity source that is to end with the live ends with it", async () => {
  await using tikfinity = await FakeTikfinity.start();
  await using scene = new TikfinityScene(tikfinity.url, { once: true });
  await scene.until("live");
  (await tikfinity.nextClient()).send("streamEnd", { action: 4 });
  await scene.events(1);
  scene.clock.advance(10_000);
  assert.deepEqual(await scene.rest(), [
    { kind: "state", state: { phase: "ended", username: "tikfinity", why: "TikTok suspended the live." } },
    { kind: "end", status: "completed", reason: "TikTok suspended the live." },
  ]);
});

Deno.test("TikFinity source opens another session when TikFinity goes to another streamer", async () => {
  await using tikfinity = await FakeTikfinity.start();
  await using scene = new TikfinityScene(tikfinity.url);
  await scene.until("live");
  const client = await tikfinity.nextClient();
  client.send("follow", personFields());
  client.send("follow", personFields({ tikfinityUsername: "@Other" }));
  client.send("follow", personFields({ tikfinityUsername: undefined }));
  await scene.events(3);
  const sessions = scene.seen.flatMap((item) => item.kind === "session" ? [item.username] : []);
  assert.deepEqual(sessions, ["streamer", "other"]);
});

Deno.test("A TikFinity that names streamers in turn opens a session in five seconds at most, and loses no event", async () => {
  await using tikfinity = await FakeTikfinity.start();
  await using scene = new TikfinityScene(tikfinity.url);
  await scene.until("live");
  const client = await tikfinity.nextClient();
  for (let turn = 0; turn < 100; turn++) {
    client.send("follow", personFields({ tikfinityUsername: turn % 2 === 0 ? "@one" : "@two" }));
  }
  await scene.events(100);
  scene.clock.advance(5_000);
  client.send("follow", personFields({ tikfinityUsername: "@three" }));
  await scene.events(1);
  const sessions = scene.seen.flatMap((item) => item.kind === "session" ? [item.username] : []);
  assert.deepEqual(sessions, ["one", "two", "three"]);
});

Deno.test("TikFinity source marks what TikTok repeats from before the connection as history", async () => {
  await using tikfinity = await FakeTikfinity.start();
  await using scene = new TikfinityScene(tikfinity.url);
  await scene.until("live");
  const client = await tikfinity.nextClient();
  const now = scene.clock.now();
  for (const createTime of [now - 60_000, now - 9_000, now + 1_000, undefined]) {
    client.send("chat", personFields({ comment: "x", createTime: createTime && String(createTime) }));
  }
  assert.deepEqual((await scene.events(4)).map(({ isHistory }) => isHistory), [true, false, false, false]);
});

Deno.test("TikFinity source is not deaf for long where this computer's clock is ahead, and says so", async () => {
  await using tikfinity = await FakeTikfinity.start();
  await using scene = new TikfinityScene(tikfinity.url);
  await scene.until("live");
  const client = await tikfinity.nextClient();
  const isHistory: unknown[] = [];
  for (let second = 0; second <= 80; second += 20) {
    const createTime = String(scene.clock.now() - 600_000);
    client.send("chat", personFields({ comment: "x", createTime }));
    isHistory.push((await scene.events(1))[0]?.isHistory);
    scene.clock.advance(20_000);
    await client.delivered();
  }
  assert.deepEqual(isHistory, [true, true, true, false, false]);
  const notices = scene.seen.flatMap((item) => item.kind === "notice" ? [item.text] : []);
  assert.equal(notices.length, 1);
  assert.match(notices[0] ?? "", /clock is 10 min ahead of TikTok's/);
});

Deno.test("TikFinity source calls nothing history because somebody sets the clock", async () => {
  await using tikfinity = await FakeTikfinity.start();
  await using scene = new TikfinityScene(tikfinity.url);
  await scene.until("live");
  const client = await tikfinity.nextClient();
  const trueNow = scene.clock.now();
  for (const shiftMs of [0, -3_600_000, 3_600_000, 7_200_000]) {
    scene.clock.shiftWall(shiftMs);
    client.send("chat", personFields({ comment: "x", createTime: String(trueNow) }));
    assert.equal((await scene.events(1))[0]?.isHistory, false, String(shiftMs));
  }
});

Deno.test("TikFinity source has no rooms, may repeat itself, and goes by the name that the config gives it", () => {
  const options = { clock: new FakeClock(), log: silentLog(), random: () => 0, once: false, url: "ws://x/" };
  const { name, traits } = createTikfinitySource({ ...options, name: "tik" });
  assert.equal(name, "tik");
  assert.deepEqual(traits, {
    type: "tikfinity",
    isLive: true,
    keepsIds: false,
    hasHistory: true,
    keeps: keptOfRoom,
    isEndless: false,
    hasRooms: false,
    follows: null,
  });
});
