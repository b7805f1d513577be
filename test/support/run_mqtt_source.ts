/** Runs an MQTT source until it is killed: its broker's address, and the topic of its status. */
import { createMqttSource } from "../../src/capture/mqtt/source.ts";
import { systemClock } from "../../src/clock.ts";

const [url = "", statusTopic = ""] = Deno.args;
const source = createMqttSource({
  name: "house",
  url,
  user: null,
  secret: {},
  caFile: null,
  clientId: null,
  values: [{ filter: "a", channel: null, value: null, time: null, timeForm: "arrival" }],
  qos: 1,
  statusTopic,
  labels: {},
  configFolder: "/",
  clock: systemClock,
  random: Math.random,
});
for await (const _ of source.open(new AbortController().signal));
