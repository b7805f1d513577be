import assert from "node:assert/strict";
import {
  createLightstreamerSource,
  type LightstreamerOptions,
} from "../../../src/capture/lightstreamer/connection.ts";
import { FakeLightstreamer } from "../../support/fake_lightstreamer.ts";
import { assertSentence } from "../../support/hostile_server.ts";
import { SourceScene } from "../../support/source_scene.ts";

/** 27 November 2026, 12:00 UTC: day 331 of the year, hour 7956 by the station's count. */
const startMs = Date.UTC(2026, 10, 27, 12);

function sceneOf(url: string, options: Partial<LightstreamerOptions> = {}): SourceScene {
  return new SourceScene((clock) =>
    createLightstreamerSource({
      name: "iss",
      url,
      adapterSet: "ISSLIVE",
      items: ["NODE3000005", "TIME_000001"],
      fields: ["TimeStamp", "Value", "Status.Class"],
      mode: "MERGE",
      timeForm: "hours_of_year",
      timeField: "TimeStamp",
      clock,
      random: () => 0,
      ...options,
    }), { startMs });
}

/** The server, the scene and its first session, subscribed. */
async function subscribed(
  options: Parameters<typeof FakeLightstreamer.start>[0] = {},
  source: Partial<LightstreamerOptions> = {},
) {
  const server = await FakeLightstreamer.start(options);
  const scene = sceneOf(server.url, source);
  await scene.state("listening");
  const session = await server.session();
  const parts = new AsyncDisposableStack();
  parts.use(server);
  parts.use(scene);
  return { server, scene, session, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

function valuesOf(scene: SourceScene, channel = "NODE3000005") {
  return scene.readings.filter((reading) => reading.channel === channel).map(({ value }) => value);
}

Deno.test("Lightstreamer source subscribes to the items and yields the snapshot and each update by the station's time", async () => {
  await using parts = await subscribed();
  const { server, scene, session } = parts;
  session.update(1, "7956.0|41|24");
  session.update(1, "7956.25|42|");
  session.update(2, "7956.25|0|24");
  await session.delivered();
  await scene.settled(6);
  assert.deepEqual(scene.readings, [
    { channel: "NODE3000005", at: startMs, value: 41 },
    { channel: "NODE3000005.Status.Class", at: startMs, value: 24 },
    { channel: "NODE3000005", at: startMs + 900_000, value: 42 },
    { channel: "TIME_000001", at: startMs + 900_000, value: 0 },
    { channel: "TIME_000001.Status.Class", at: startMs + 900_000, value: 24 },
    { channel: "signal", at: startMs + 900_000, value: 1 },
  ]);
  const { parameters } = await server.request("control");
  assert.equal(parameters.get("LS_group"), "NODE3000005 TIME_000001");
  assert.equal(parameters.get("LS_schema"), "TimeStamp Value Status.Class");
  assert.equal(parameters.get("LS_mode"), "MERGE");
  assert.equal((await server.request("create_session")).parameters.get("LS_adapter_set"), "ISSLIVE");
  assert.equal(scene.items.filter(({ kind }) => kind === "session").length, 1);
});

Deno.test("Lightstreamer source completes an update from the ones before it", async () => {
  await using parts = await subscribed();
  const { scene, session } = parts;
  session.update(1, "7956|41|24");
  session.update(1, "7956.01|^2");
  session.update(1, "|42|");
  session.update(1, "7956.02|#|24");
  session.update(1, "7956.03|$|");
  session.update(1, "7956.04|%34%33|");
  await session.delivered();
  await scene.settled(6);
  assert.deepEqual(valuesOf(scene), [41, 41, 42, 43]);
});

Deno.test("Lightstreamer source reports the station's loss of signal as a reading and in its state", async () => {
  await using parts = await subscribed();
  const { scene, session } = parts;
  session.update(2, "7956|0|24");
  session.update(2, "7956.1||0");
  session.update(2, "7956.2||24");
  await session.delivered();
  await scene.settled(9);
  assert.deepEqual(valuesOf(scene, "signal"), [1, 0, 1]);
  const titles = scene.states.flatMap((state) => state.phase === "listening" ? [state.title] : []);
  const base = `ISSLIVE at ${new URL(parts.server.url).host}, 2 items`;
  assert.deepEqual(titles, [base, `${base}, signal`, `${base}, no signal`, `${base}, signal`]);
});

Deno.test("Lightstreamer source rebinds the session when the server asks for it, and misses nothing", async () => {
  await using parts = await subscribed();
  const { server, scene, session } = parts;
  scene.clock.advance(2_000);
  session.update(1, "7956|1|24");
  await session.delivered();
  session.loop();
  session.update(1, "7956.1|2|");
  const { parameters } = await server.request("bind_session");
  assert.equal(parameters.get("LS_session"), session.id);
  assert.equal(parameters.get("LS_recovery_from"), null);
  session.update(1, "7956.2|3|");
  await session.delivered();
  await scene.settled(4);
  assert.deepEqual(valuesOf(scene), [1, 2, 3]);
  assert.equal(server.sessions.length, 1);
});

Deno.test("Lightstreamer source binds at most once a second, however often the server asks", async () => {
  await using parts = await subscribed();
  const { server, scene, session } = parts;
  scene.clock.advance(2_000);
  session.loop();
  await server.request("bind_session");
  await session.delivered();
  const { link } = session;
  session.loop();
  await link?.delivered();
  assert.equal(server.requests.filter(({ name }) => name === "bind_session").length, 1);
  scene.clock.advance(1_000);
  await server.request("bind_session", 2);
});

for (const repeats of [0, 3]) {
  Deno.test(`Lightstreamer source recovers after a cut what it missed, once, from a server that repeats ${repeats}`, async () => {
    await using parts = await subscribed({ repeats });
    const { server, scene, session } = parts;
    session.update(1, "7956|1|24");
    session.update(1, "7956.1|2|");
    await session.delivered();
    await session.cut();
    session.update(1, "7956.2|3|");
    session.update(1, "7956.3||");
    const { nextAt, why } = await scene.state("reconnecting");
    assert.equal(why, "The server closed the connection.");
    assert.equal(nextAt - scene.clock.now(), 5_000);
    scene.clock.advance(4_999);
    assert.equal(server.requests.length, 2);
    scene.clock.advance(1);
    const { parameters } = await server.request("bind_session");
    // SUBOK, CONF and two updates.
    assert.equal(parameters.get("LS_recovery_from"), "4");
    await scene.state("listening", 2);
    session.update(1, "7956.4|4|");
    await session.delivered();
    await scene.settled(6);
    assert.deepEqual(valuesOf(scene), [1, 2, 3, 3, 4]);
    assert.equal(server.sessions.length, 1);
  });
}

Deno.test("Lightstreamer source starts a new session where the old one is gone, and yields no reading twice", async () => {
  await using parts = await subscribed({ forgets: true });
  const { server, scene, session } = parts;
  session.update(1, "7956|1|24");
  await session.delivered();
  await scene.settled(2);
  await session.cut();
  await scene.state("reconnecting");
  scene.clock.advance(5_000);
  await scene.state("listening", 2);
  const second = await server.session(2);
  second.update(1, "7956|1|24");
  second.update(1, "7956.1|2|");
  await second.delivered();
  await scene.settled(3);
  assert.deepEqual(valuesOf(scene), [1, 2]);
  assert.equal(scene.items.filter(({ kind }) => kind === "session").length, 1);
});

Deno.test("Lightstreamer source counts a server that sends nothing in time as dead, and stays with one that proves it is there", async () => {
  await using parts = await subscribed({ keepAliveMs: 5_000 });
  const { scene, session } = parts;
  for (let seconds = 0; seconds < 60; seconds += 5) {
    scene.clock.advance(5_000);
    session.say("PROBE");
    await session.delivered();
  }
  assert.equal(scene.states.at(-1)?.phase, "listening");
  scene.clock.advance(7_999);
  await session.delivered();
  assert.equal(scene.states.at(-1)?.phase, "listening");
  scene.clock.advance(1);
  const { why } = await scene.state("reconnecting");
  assert.equal(why, "The server sent no sign of life in time, so the connection is dead.");
});

Deno.test("Lightstreamer source gives up a server that is there and does not answer", async () => {
  await using server = await FakeLightstreamer.start({ answer: () => ["PROBE"] });
  await using scene = sceneOf(server.url);
  await server.request("create_session");
  scene.clock.advance(10_000);
  const { why } = await scene.state("reconnecting");
  assertSentence(why);
});

Deno.test("Lightstreamer source waits longer after each failure, and never less than five seconds", async () => {
  await using server = await FakeLightstreamer.start({
    answer: () => ["CONERR,2,Requested Adapter Set not available"],
  });
  await using scene = sceneOf(server.url);
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 6; attempt++) {
    const { why, nextAt } = await scene.state("reconnecting", attempt);
    assert.equal(
      why,
      'The server has no such adapter set. Correct "adapter_set". It says: 2, Requested Adapter Set not available.',
    );
    waits.push(nextAt - scene.clock.now());
    scene.clock.advance(waits.at(-1) ?? 0);
  }
  assert.deepEqual(waits, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
});

for (const code of [-5, 0, 1, 5, 8, 20, 31, 48, 60, 68, 71, 999]) {
  for (const tag of ["CONERR", "END"]) {
    Deno.test(`Lightstreamer source tells of ${tag} ${code} in a sentence, and starts a new session later`, async () => {
      await using parts = await subscribed();
      const { server, scene, session } = parts;
      if (tag === "END") session.say(`END,${code},why it%2C is so`);
      else {
        server.options.answer = ({ name }) =>
          name === "create_session" ? [`CONERR,${code},why it%2C is so`] : null;
        server.options.forgets = true;
        await session.cut();
        scene.clock.advance(0);
        await scene.state("reconnecting");
        scene.clock.advance(5_000);
      }
      const { why, nextAt } = await scene.state("reconnecting", tag === "END" ? 1 : 2);
      assertSentence(why);
      assert.ok(why.endsWith(`It says: ${code}, why it, is so.`), why);
      delete server.options.answer;
      scene.clock.advance(nextAt - scene.clock.now());
      await server.session(2);
    });
  }
}

Deno.test("Lightstreamer source tells which setting is wrong when the server refuses the items", async () => {
  await using server = await FakeLightstreamer.start({
    answer: ({ name, parameters }) =>
      name === "control" ? [`REQERR,${parameters.get("LS_reqId")},21,Bad Item Group name`] : null,
  });
  await using scene = sceneOf(server.url);
  const { why } = await scene.state("reconnecting");
  assert.equal(
    why,
    'The server does not know one of the items. Correct "items". It says: 21, Bad Item Group name.',
  );
});

Deno.test("Lightstreamer source takes the latest updates from a server that does not send all of them", async () => {
  await using server = await FakeLightstreamer.start({
    answer: ({ parameters }) =>
      parameters.get("LS_requested_max_frequency") === "unfiltered"
        ? [`REQERR,${parameters.get("LS_reqId")},26,Unfiltered dispatching not allowed`]
        : null,
  });
  await using scene = sceneOf(server.url);
  await scene.state("listening");
  const session = await server.session();
  session.data("U,2,1,7956|1|24");
  await session.delivered();
  await scene.settled(2);
  assert.deepEqual(valuesOf(scene), [1]);
});

Deno.test("Lightstreamer source says when the server offers other items than the config names", async () => {
  await using server = await FakeLightstreamer.start({
    answer: ({ name }) => name === "control" ? ["REQOK,1", "SUBOK,1,1,3"] : null,
  });
  await using scene = sceneOf(server.url);
  const { why } = await scene.state("reconnecting");
  assert.equal(
    why,
    'The server offers 1 items with 3 fields, but "items" has 2 and "fields" 3. Correct them.',
  );
});

Deno.test("Lightstreamer source counts the updates that the server dropped, and says so", async () => {
  await using parts = await subscribed();
  const { scene, session } = parts;
  session.data("OV,1,1,7");
  await session.delivered();
  await scene.state("listening", 2);
  assert.match(JSON.stringify(scene.states.at(-1)), /, 7 dropped by the server"/);
});

Deno.test("Lightstreamer source subscribes once if the server asks for a new binding before it confirms the items", async () => {
  await using server = await FakeLightstreamer.start({
    answer: ({ name }) => name === "control" ? ["LOOP,0"] : null,
  });
  await using scene = sceneOf(server.url);
  await server.request("control");
  const session = server.sessions[0]!;
  await session.delivered();
  scene.clock.advance(1_000);
  await server.request("bind_session");
  session.data("SUBOK,1,2,3", "U,1,1,7956|1|24");
  await scene.state("listening");
  await session.delivered();
  await scene.settled(2);
  assert.deepEqual(valuesOf(scene), [1]);
  assert.equal(scene.corruptCount, 0);
  assert.equal(server.requests.filter(({ name }) => name === "control").length, 1);
});

Deno.test("Lightstreamer source loses no update to a server that says from where it goes on without being asked", async () => {
  await using parts = await subscribed();
  const { scene, session } = parts;
  session.update(1, "7956|1|24");
  session.say("PROG,0");
  session.update(1, "7956.1|2|24");
  session.say("PROG,100");
  session.update(1, "7956.2|3|24");
  await session.delivered();
  await scene.settled(6);
  assert.deepEqual(valuesOf(scene), [1, 2, 3]);
  await scene.until(() => scene.corruptCount === 2);
  assert.doesNotMatch(JSON.stringify(scene.states.at(-1)), /dropped/);
});

Deno.test("Lightstreamer source returns to its address if nothing answers at the one that the server named", async () => {
  await using parts = await subscribed({ controlLink: "127.0.0.1:1" });
  const { server, scene, session } = parts;
  await session.cut();
  await scene.state("reconnecting");
  scene.clock.advance(5_000);
  const { why, nextAt } = await scene.state("reconnecting", 2);
  assert.match(why, /^Nothing answers at ws:\/\/127\.0\.0\.1:1\//);
  scene.clock.advance(nextAt - scene.clock.now());
  await server.request("bind_session");
  await scene.state("listening", 2);
});

Deno.test("Lightstreamer source counts garbage, and never completes a later update from what it could not read", async () => {
  await using parts = await subscribed();
  const { scene, session } = parts;
  session.update(1, "7956|1|24");
  const garbage = [
    "U,1,1,7956.1|2",
    "U,1,1,7956.1|2|3|4",
    "U,1,1,^9",
    "U,1,1,^0|1|2|3",
    "U,1,1,7956.1|^Tab|",
    'U,1,1,7956.1|^P[{"op":"remove"}]|',
    "U,1,1,7956.1|%zz|",
    "U,1,7,7956.1|2|24",
    "U,9,1,7956.1|2|24",
    "U,1",
    `U,1,1,7956.1|${"9".repeat(70_000)}|24`,
  ];
  session.data(...garbage);
  session.say(
    "HELLO",
    "",
    "PROBE,1",
    "\u0000\u001b[2J",
    "LOOP,soon",
    "CONOK,S9",
    "PROG,x",
    "x".repeat(70_000),
  );
  // The value was 1; what it is now is unknown.
  session.update(1, "7956.2||");
  session.update(1, "7956.3|5|");
  await session.delivered();
  await scene.settled(3);
  await scene.until(() => scene.corruptCount === garbage.length + 7);
  assert.deepEqual(valuesOf(scene), [1, 5]);
  assert.equal(scene.states.at(-1)?.phase, "listening");
});

Deno.test("Lightstreamer source skips a message that is too long, and starts a new session after the next cut", async () => {
  await using parts = await subscribed();
  const { server, scene, session } = parts;
  session.update(1, "7956|1|24");
  session.say("x".repeat(1024 * 1024));
  session.update(1, "7956.1|2|24");
  await session.delivered();
  await scene.settled(3);
  assert.deepEqual(valuesOf(scene), [1, 2]);
  await session.cut();
  await scene.state("reconnecting");
  scene.clock.advance(5_000);
  await server.session(2);
});

Deno.test("Lightstreamer source yields every update of a flood, in order", async () => {
  await using parts = await subscribed({}, { timeForm: "unix_ms" });
  const { scene, session } = parts;
  const count = 60_000;
  for (let sent = 0; sent < count; sent += 100) {
    session.data(...Array.from({ length: 100 }, (_, index) => `U,1,1,${sent + index}|${sent + index}|`));
  }
  await session.delivered();
  await scene.settled(count);
  assert.equal(scene.readings.length, count);
  assert.ok(scene.readings.every(({ at, value }, index) => at === index && value === index));
});
