/** The MQTT source with a real broker. */
import assert from "node:assert/strict";
import { createMqttSource, type MqttOptions } from "../../../src/capture/mqtt/source.ts";
import type { TopicValue } from "../../../src/capture/mqtt/topics.ts";
import type { SentReading } from "../../../src/source.ts";
import { Mosquitto, testWithMosquitto } from "../../support/mosquitto.ts";
import { whileTimePasses } from "../../support/passing_time.ts";
import { SourceScene } from "../../support/source_scene.ts";

const number: TopicValue = {
  filter: "house/+/temperature",
  channel: "{1}",
  value: null,
  time: null,
  timeForm: "arrival",
};
const json: TopicValue = {
  filter: "sensors/#",
  channel: null,
  value: "/level",
  time: "/at",
  timeForm: "unix_seconds",
};

function sceneOf(url: string, options: Partial<MqttOptions> = {}): SourceScene {
  return new SourceScene((clock) =>
    createMqttSource({
      name: "house",
      url,
      user: null,
      secret: {},
      caFile: null,
      clientId: null,
      values: [number, json],
      qos: 1,
      statusTopic: null,
      labels: {},
      configFolder: "/",
      clock,
      random: Math.random,
      ...options,
    })
  );
}

/** So many readings, without the times at which they came. */
async function readingsOf(scene: SourceScene, count: number): Promise<[string, SentReading["value"]][]> {
  await whileTimePasses(scene.clock, scene.until(() => scene.readings.length >= count));
  return scene.readings.map(({ channel, value }) => [channel, value]);
}

for (const protocol of ["mqtt", "websockets"] as const) {
  testWithMosquitto(`MQTT source reads numbers and JSON from a broker over ${protocol}`, async () => {
    await using broker = await Mosquitto.start({ protocol });
    await broker.publish("house/kitchen/temperature", "20.5", { isKept: true });
    await using scene = sceneOf(broker.url);
    assert.equal((await scene.state("listening")).title, `${new URL(broker.url).host}, 2 topics`);
    await broker.publish("house/attic/temperature", " 31 ");
    await broker.publish("house/attic/humidity", "50");
    await broker.publish("sensors/tank/1", JSON.stringify({ level: 41.5, at: 1_790_000_000.25 }));
    await broker.publish("sensors/tank/1", JSON.stringify({ battery: 90 }));
    await broker.publish("house/attic/temperature", "warm");
    assert.deepEqual(await readingsOf(scene, 4), [
      ["kitchen", 20.5],
      ["attic", 31],
      ["sensors/tank/1/level", 41.5],
      ["attic", "warm"],
    ]);
    assert.equal(scene.readings[2]?.at, 1_790_000_000_250);
    await broker.publish("sensors/tank/1", "{");
    await whileTimePasses(scene.clock, scene.until(() => scene.corruptCount === 1));
  });
}

testWithMosquitto(
  "MQTT source comes back to a broker that was killed, and takes its kept messages once",
  async () => {
    const first = await Mosquitto.start();
    await first.publish("house/kitchen/temperature", "20", { isKept: true });
    await using scene = sceneOf(first.url, { random: () => 0 });
    await readingsOf(scene, 1);
    const { port } = first;
    await first[Symbol.asyncDispose]();
    const { why, nextAt } = await scene.state("reconnecting");
    assert.equal(why, "The broker closed the connection.");
    assert.equal(nextAt - scene.clock.now(), 5_000);
    scene.clock.advance(5_000);
    const refused = await scene.state("reconnecting", 2);
    assert.match(refused.why, /^No broker answers at mqtt:\/\/127\.0\.0\.1:\d+ \(.*REFUSED.*\)\. Check/);
    assert.equal(refused.nextAt - scene.clock.now(), 10_000);
    await using second = await Mosquitto.start({ port });
    await second.publish("house/kitchen/temperature", "20", { isKept: true });
    await second.publish("house/attic/temperature", "30", { isKept: true });
    scene.clock.advance(10_000);
    await scene.state("listening", 2);
    await second.publish("house/kitchen/temperature", "20");
    assert.deepEqual(await readingsOf(scene, 3), [["kitchen", 20], ["attic", 30], ["kitchen", 20]]);
  },
);

testWithMosquitto(
  "MQTT source says online, and offline after a stop",
  async () => {
    await using broker = await Mosquitto.start();
    await using scene = sceneOf(broker.url, { statusTopic: "livecue/status" });
    await scene.state("listening");
    assert.equal(await broker.read("livecue/status"), "online");
    await scene.stop();
    assert.equal(await broker.read("livecue/status"), "offline");
  },
);

testWithMosquitto("The broker says that Livecue is offline when Livecue was killed", async () => {
  await using broker = await Mosquitto.start();
  const script = new URL("../../support/run_mqtt_source.ts", import.meta.url).pathname;
  const args = ["run", "-A", "--no-check", "--quiet", script, broker.url, "livecue/status"];
  const livecue = new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "null" }).spawn();
  assert.equal(await broker.read("livecue/status"), "online");
  livecue.kill("SIGKILL");
  await livecue.status;
  await broker.untilKept("livecue/status", "offline");
});

testWithMosquitto("MQTT source gets again after a cut what was not stored, and only that", async () => {
  await using broker = await Mosquitto.start();
  {
    await using scene = sceneOf(broker.url, { clientId: "livecue" });
    await scene.state("listening");
    await broker.publish("house/attic/temperature", "31");
    await readingsOf(scene, 1);
    scene.isStoring = false;
    await broker.publish("house/attic/temperature", "32");
    await broker.publish("house/attic/temperature", "33");
    await readingsOf(scene, 3);
    // It waits for the acknowledgements in vain.
    await whileTimePasses(scene.clock, scene.stop());
  }
  await using scene = sceneOf(broker.url, { clientId: "livecue" });
  await broker.publish("house/attic/temperature", "34");
  assert.deepEqual(await readingsOf(scene, 3), [["attic", 32], ["attic", 33], ["attic", 34]]);
});

testWithMosquitto("MQTT source that is stopped still acknowledges what is stored soon", async () => {
  await using broker = await Mosquitto.start();
  {
    await using scene = sceneOf(broker.url, { clientId: "livecue" });
    await scene.state("listening");
    scene.isStoring = false;
    await broker.publish("house/attic/temperature", "31");
    await readingsOf(scene, 1);
    const stopped = scene.stop();
    for (const item of scene.items) if (item.kind === "readings") item.batch.committed?.();
    await stopped;
  }
  await using scene = sceneOf(broker.url, { clientId: "livecue" });
  await broker.publish("house/attic/temperature", "32");
  assert.deepEqual(await readingsOf(scene, 1), [["attic", 32]]);
});

testWithMosquitto("MQTT source with a client id gets what came while it was away", async () => {
  await using broker = await Mosquitto.start();
  {
    await using scene = sceneOf(broker.url, { clientId: "livecue" });
    await scene.state("listening");
  }
  await broker.publish("house/attic/temperature", "31");
  await using scene = sceneOf(broker.url, { clientId: "livecue" });
  assert.deepEqual(await readingsOf(scene, 1), [["attic", 31]]);
});

testWithMosquitto(
  "MQTT source connects encrypted with the authority's certificate, and says what is missing without it",
  async () => {
    await using broker = await Mosquitto.start({ isEncrypted: true });
    {
      await using scene = sceneOf(broker.url);
      const { why } = await scene.state("reconnecting");
      assert.match(
        why,
        /^The certificate of the broker at mqtts:.*: .*set "ca_file" to the file of your own authority \(.*\)\.$/,
      );
    }
    await using scene = sceneOf(broker.url, { caFile: "ca.pem", configFolder: broker.folder });
    await scene.state("listening");
    await broker.publish("house/attic/temperature", "31");
    assert.deepEqual(await readingsOf(scene, 1), [["attic", 31]]);
  },
);

testWithMosquitto(
  "MQTT source logs in with a password from a file, and says when the broker refuses it",
  async () => {
    const user = { name: "ana", password: "pass word" };
    await using broker = await Mosquitto.start({ user });
    await Deno.writeTextFile(`${broker.folder}/password`, "pass word\n");
    {
      await using scene = sceneOf(broker.url, { user: "ana", secret: { password: "wrong" } });
      const { why } = await scene.state("reconnecting");
      assert.equal(why, 'The broker does not allow this user to connect. Correct "user" and "password".');
    }
    const secret = { password_file: "password" };
    await using scene = sceneOf(broker.url, { user: "ana", secret, configFolder: broker.folder });
    await scene.state("listening");
  },
);

testWithMosquitto("MQTT source takes every message of a flood, in order", async () => {
  await using broker = await Mosquitto.start();
  await using scene = sceneOf(broker.url);
  await scene.state("listening");
  const count = 20_000;
  await broker.flood("house/attic/temperature", Array.from({ length: count }, (_, index) => String(index)));
  const readings = await readingsOf(scene, count);
  assert.ok(readings.every(([, value], index) => value === index));
});
