import assert from "node:assert/strict";
import { join } from "node:path";
import { testWithObs } from "../../support/both_obs.ts";
import { FakeObs } from "../../support/fake_obs.ts";
import { onWords, startObs } from "../../support/obs_under_test.ts";
import type { RunnerUnderTest } from "../../support/runner_under_test.ts";
import { withFolder } from "../../support/temporary_store.ts";

const rules = onWords({ rose: { action: "show", source: "Rose" } });
const password = "correct horse battery staple";
const done = { kind: "completed" };

function makeObs(given: { password?: string } = {}): FakeObs {
  return new FakeObs({ scenes: { Main: { Rose: false } }, ...given });
}

function assertNoSecret(tested: RunnerUnderTest): void {
  const told = JSON.stringify([tested.log.entries, [...tested.feed.outcomes.values()]]);
  assert(!told.includes("correct horse") && !told.includes("not this one"));
}

Deno.test("With its password, OBS lets Livecue in", async () => {
  await using obs = makeObs({ password });
  await using tested = await startObs(obs, { rules, password });
  assert.deepEqual(await tested.feed.say(1, "rose"), done);
  assert(obs.isShown("Main", "Rose"));
  assertNoSecret(tested);
});

Deno.test("The password may stand in a file, or in an environment variable", async () => {
  await using obs = makeObs({ password });
  await withFolder(async (folder) => {
    const path = join(folder, "obs.txt");
    await Deno.writeTextFile(path, `${password}\n`);
    await using byFile = await startObs(obs, { rules, password_file: path }, { read: [path] });
    assert.deepEqual(await byFile.feed.say(1, "rose"), done);
    await using refused = await startObs(obs, { rules, password_file: path });
    await refused.log.heard(
      /the file .*obs\.txt \(password_file\) may not be read: add ".*obs\.txt" to the list "read"/,
    );
    await using absent = await startObs(obs, { password_file: `${path}2` }, { read: [folder] });
    await absent.log.heard(/there is no file .*obs\.txt2 \(password_file\): create it/);
  });
  Deno.env.set("LIVECUE_TEST_OBS", password);
  const options = { rules, password_env: "LIVECUE_TEST_OBS" };
  try {
    await using byEnvironment = await startObs(obs, options, { env: ["LIVECUE_TEST_OBS"] });
    assert.deepEqual(await byEnvironment.feed.say(1, "rose"), done);
    await using refused = await startObs(obs, options);
    await refused.log.heard(
      /LIVECUE_TEST_OBS \(password_env\) may not be read: add "LIVECUE_TEST_OBS" to the list "env"/,
    );
  } finally {
    Deno.env.delete("LIVECUE_TEST_OBS");
  }
  await using unset = await startObs(obs, options, { env: ["LIVECUE_TEST_OBS"] });
  await unset.log.heard(/variable LIVECUE_TEST_OBS \(password_env\) is not set/);
});

Deno.test("A wrong password is told with what to do, fails the events at once, and is not tried again and again", async () => {
  await using obs = makeObs({ password });
  await using tested = await startObs(obs, { rules, password: "not this one" });
  const { text, level } = await tested.log.heard(/password/);
  assert.equal(level, "error");
  assert.equal(
    text,
    `OBS at 127.0.0.1:${obs.port} refuses the password: copy it from Tools → WebSocket Server Settings → ` +
      `Show Connect Info in OBS, and set it as "password" in the options.`,
  );
  const error = `OBS at 127.0.0.1:${obs.port} refuses the password.`;
  for (const id of [1, 2, 3]) {
    assert.deepEqual(await tested.feed.say(id, "rose"), { kind: "failed", error });
  }
  assert.deepEqual(obs.connections, { tried: 1, identified: 0 });
  assert.equal(tested.log.entries.length, 1);
  assertNoSecret(tested);
});

Deno.test("An event that waits for OBS fails as soon as OBS refuses the password", async () => {
  await using obs = makeObs({ password });
  await obs.quit();
  await using tested = await startObs(obs, { rules, password: "not this one", wait_seconds: 3600 });
  await tested.log.heard(/does not answer/);
  const rose = tested.feed.say(1, "rose");
  obs.open();
  const error = `OBS at 127.0.0.1:${obs.port} refuses the password.`;
  assert.deepEqual(await rose, { kind: "failed", error });
});

Deno.test("Where OBS asks for a password and none is set, that is said", async () => {
  await using obs = makeObs({ password });
  await using tested = await startObs(obs, { rules });
  await tested.log.heard(/requires a password: copy it from Tools → WebSocket Server Settings/);
});

Deno.test("An OBS of another version is told, with what to update", async () => {
  await using newer = new FakeObs({}, { rpcVersions: { oldest: 2, newest: 3 } });
  await using one = await startObs(newer, { rules });
  await one.log.heard(/does not support version 5 of obs-websocket, which Livecue requires: update OBS/);
  await using older = new FakeObs({}, { version: "4" });
  await using two = await startObs(older, { rules });
  await two.log.heard(/is obs-websocket 4 or not OBS at all: update OBS to 28 or newer/);
});

Deno.test("A port on which something else answers is told", async () => {
  await using web = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("hello"),
  );
  await using one = await startObs({ port: web.addr.port }, { rules });
  await one.log.heard(/is not OBS \(Unexpected server response: 200\): take the port from Tools/);
});

Deno.test("OBS that is not running is a trouble of the service until it is started, and Livecue is there then", async () => {
  await using obs = makeObs();
  await obs.quit();
  await using tested = await startObs(obs, { rules });
  const { level, text } = await tested.log.heard(/OBS does not answer at/);
  assert.equal(level, "error");
  assert.deepEqual(tested.feed.troubles, [text]);
  assert.match(text, /start OBS, and check that Tools → WebSocket Server Settings → Enable WebSocket server/);
  // It waits for OBS.
  const rose = tested.feed.say(1, "rose");
  obs.open();
  assert.deepEqual(await rose, done);
  assert.deepEqual(tested.feed.troubles, [text, null]);
  assert.deepEqual(tested.log.entries.map((entry) => entry.text.split(" at ")[0]), [
    "OBS does not answer",
    "Reconnected to OBS",
    "the trouble is over",
  ]);
});

Deno.test("Where OBS stays away, an event fails when it has waited long enough", async () => {
  await using obs = makeObs();
  await obs.quit();
  await using tested = await startObs(obs, { rules, wait_seconds: 0.1 });
  const outcome = await tested.feed.say(1, "rose");
  assert.match(
    outcome.kind === "failed" ? outcome.error : "",
    /^OBS does not answer at 127\.0\.0\.1:\d+ \(connect ECONNREFUSED [^)]*\)\.$/,
  );
});

Deno.test("OBS restarts, and is cut off: Livecue connects again, and says each once", async () => {
  await using obs = makeObs();
  await using tested = await startObs(obs, { rules });
  assert.deepEqual(await tested.feed.say(1, "rose"), done);
  await obs.quit();
  await tested.log.heard(/OBS does not answer at/);
  obs.setShown("Main", "Rose", false);
  obs.open();
  assert.deepEqual(await tested.feed.say(2, "rose"), done);
  obs.disconnect(4000, "");
  await obs.identified(3);
  obs.setShown("Main", "Rose", false);
  assert.deepEqual(await tested.feed.say(3, "rose"), done);
  assert.deepEqual(tested.log.entries.map((entry) => entry.text.split(" at ")[0]), [
    "Connected to OBS",
    "OBS does not answer",
    "Reconnected to OBS",
    "the trouble is over",
    "OBS does not answer",
    "Reconnected to OBS",
    "the trouble is over",
  ]);
});

Deno.test("A connection that is cut before the answer fails the event, in a sentence", async () => {
  await using obs = makeObs();
  await using tested = await startObs(obs, { rules });
  await tested.log.heard(/Connected/);
  obs.isStuck = true;
  const rose = tested.feed.say(1, "rose");
  await obs.asked("GetSceneList", 2);
  obs.disconnect(4000, "");
  const error = "The connection to OBS was lost before it answered GetSceneList.";
  assert.deepEqual(await rose, { kind: "failed", error });
});

Deno.test("While OBS changes its scene collection it is asked again", async () => {
  await using obs = makeObs();
  await using tested = await startObs(obs, { rules });
  await tested.log.heard(/Connected/);
  obs.refuseAllWith = 207;
  const rose = tested.feed.say(1, "rose");
  await obs.asked("GetSceneList", 3);
  obs.refuseAllWith = null;
  assert.deepEqual(await rose, done);
});

Deno.test("A streamer who kicks Livecue out of OBS is obeyed", async () => {
  await using obs = makeObs();
  await using tested = await startObs(obs, { rules });
  await tested.log.heard(/Connected/);
  obs.disconnect(4011, "");
  await tested.log.heard(/closed the connection \("Kick" in .*: restart this service to connect again/);
  assert.equal((await tested.feed.say(1, "rose")).kind, "failed");
  assert.equal(obs.connections.tried, 1);
});

Deno.test("Without the permission for its address, the service says what to grant", async () => {
  await using obs = makeObs();
  await using tested = await startObs(obs, { rules, host: "localhost" });
  await tested.log.heard(/not allowed to connect to localhost:\d+: add "net": \["localhost:\d+"\]/);
});

testWithObs(
  "OBS itself refuses a wrong password, and a missing one, as the stand-in does",
  {},
  async (obs) => {
    const address = `OBS at 127.0.0.1:${obs.port}`;
    for (
      const [given, what] of [[{ password: "wrong" }, "refuses the password"], [
        {},
        "requires a password",
      ]] as const
    ) {
      await using tested = await startObs(obs, { rules, ...given });
      const error = `${address} ${what}.`;
      assert.deepEqual(await tested.feed.say(1, "rose"), { kind: "failed", error });
    }
  },
);
