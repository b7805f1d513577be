/** The blocks of the sources of readings. */
import { z } from "zod";
import { timeForms } from "../capture/reading_values.ts";
import { t } from "../language.ts";
import { isAddress } from "./addresses.ts";
import { secretKeys, withSecret } from "./secret_keys.ts";

/** In RFC 6901, each "~" is a part of ~0 or ~1. */
const pointer = z.string().refine((text) => /^(?:\/(?:[^~]|~[01])*)+$/.test(text), {
  error: () => t`a JSON pointer such as "/current/temp"`,
}).describe("Where it is in the JSON, as a JSON pointer.");
const channel = z.string().trim().min(1).max(200);
const clock = z.enum(timeForms).describe(
  "How times are written. arrival: they are not used, and a reading has the time at which it comes. hours_of_year: " +
    "hours since the start of the year plus 24, as the space station sends them.",
);

const labels = z.record(
  channel,
  z.strictObject({
    name: z.string().min(1).max(60).optional().describe("Its name for people."),
    unit: z.string().max(12).optional().describe('The unit of its values, as "%".'),
  }),
).default({}).describe("Names and units to show, by channel.");

/** The longest time from one reading of the source to the next one. */
export const silenceSeconds = z.number().min(5).max(86_400).describe(
  "The longest time from one reading to the next. After that the source counts as silent, and detectors report the loss " +
    "of its signal while it lasts.",
);

const word = z.string().refine((text) => /^\S{1,200}$/.test(text), { error: () => t`a name without spaces` });
const unique = (names: readonly string[]) => new Set(names).size === names.length;

export const lightstreamerSource = z.strictObject({
  type: z.literal("lightstreamer").describe("Readings from a Lightstreamer server, as the space station's."),
  url: z.string().refine((text) => isAddress(text, ["ws", "wss"]), {
    error: () =>
      t`an address that starts with ws:// or wss://, as "wss://push.lightstreamer.com/lightstreamer"`,
  }).describe("The server's address."),
  adapter_set: z.string().min(1).max(200).describe('The name of its adapter set, as "ISSLIVE".'),
  items: z.array(word).min(1).max(1_000).refine(unique, { error: () => t`each item only once` })
    .describe('The items, as ["NODE3000005"]. Each is a channel.'),
  fields: z.array(word).min(1).max(50).refine(unique, { error: () => t`each field only once` })
    .describe('The fields of the items, as ["TimeStamp", "Value"]. The first value is the item\'s channel.'),
  mode: z.enum(["MERGE", "DISTINCT", "RAW"]).default("MERGE")
    .describe("How the server sends updates. MERGE: the current value, then what changes."),
  clock: clock.default("arrival"),
  time_field: word.default("TimeStamp").describe("The field with the time, unless the clock is arrival."),
  silence_seconds: silenceSeconds.default(60),
  labels,
}).superRefine(({ clock, fields, time_field }, context) => {
  if (clock === "arrival") return;
  const message = t`a list with "${time_field}", the field with the time, and a field with values`;
  if (!fields.includes(time_field) || fields.length < 2) {
    context.addIssue({ code: "custom", path: ["fields"], message });
  }
});

/** A time needs a clock to read it with. */
function checkClock(
  { time, clock }: { time?: unknown; clock: string },
  context: z.core.$RefinementCtx,
): void {
  if ((time === undefined) === (clock === "arrival")) return;
  const message = time === undefined
    ? t`"arrival", or a block with "time"`
    : t`how the time is written: ${timeForms.slice(1).join(", ")}`;
  context.addIssue({ code: "custom", path: ["clock"], message });
}

export const httpPollSource = z.strictObject({
  type: z.literal("http_poll").describe("Readings from JSON that is fetched again and again."),
  url: z.string().refine((text) => isAddress(text, ["http", "https"]), {
    error: () => t`an address that starts with http:// or https://`,
  }).describe("The address of the JSON."),
  every_seconds: z.number().min(1).max(86_400).default(60).describe("Seconds from one request to the next."),
  timeout_seconds: z.number().min(1).max(300).default(10).describe("Seconds that an answer may take."),
  channels: z.record(channel, pointer).refine((given) => Object.keys(given).length > 0, {
    error: () => t`at least one channel, as { "temperature": "/current/temp" }`,
  }).describe("The channels, each with the JSON pointer to its value."),
  time: pointer.optional(),
  clock: clock.default("arrival"),
  ...secretKeys("token", "A token to send as Authorization: Bearer"),
  silence_seconds: silenceSeconds.optional(),
  labels,
}).superRefine(withSecret("token", { isOptional: true })).superRefine(checkClock);

const topicValue = z.strictObject({
  channel: channel.optional().describe(
    "Its channel. {1} is what the first wildcard stands for, {2} the second. Default: the topic, and the pointer.",
  ),
  value: pointer.optional(),
  time: pointer.optional(),
  clock: clock.default("arrival"),
}).superRefine(checkClock);

const filter = z.string().refine(isTopicFilter, {
  error: () => t`a topic, as "house/+/temperature" or "sensors/#"`,
});

function isTopicFilter(text: string): boolean {
  const levels = text.split("/");
  return text.length > 0 && text.length <= 1_000 && !text.includes("\0") &&
    levels.every((level, index) =>
      level === "+" || (level === "#" && index === levels.length - 1) || !/[+#]/.test(level)
    );
}

export const mqttSource = z.strictObject({
  type: z.literal("mqtt").describe("Readings from an MQTT broker, as Mosquitto."),
  url: z.string().refine((text) => isAddress(text, ["mqtt", "mqtts", "ws", "wss"]), {
    error: () => t`an address that starts with mqtt://, mqtts://, ws:// or wss://`,
  }).describe("The broker's address. mqtts and wss are encrypted."),
  user: z.string().min(1).optional().describe("The user name, if the broker asks for one."),
  ...secretKeys("password", "The password"),
  ca_file: z.string().min(1).optional().describe(
    "The certificate of the authority that signed the broker's own, as a file relative to this one.",
  ),
  client_id: z.string().min(1).max(64).optional().describe("Default: a new one for each run."),
  topics: z.record(filter, z.union([topicValue, z.array(topicValue).min(1)])).refine(
    (given) => Object.keys(given).length > 0,
    { error: () => t`at least one topic, as { "house/+/temperature": {} }` },
  ).describe(
    "The topics, each with its values. {}: a message is a number. A list: several values in its JSON.",
  ),
  qos: z.literal([0, 1]).default(1).describe("1: the broker repeats what was not received. 0: it does not."),
  status_topic: z.string().min(1).max(1_000).refine((text) => !/[+#\0]/.test(text), {
    error: () => t`a topic without wildcards`,
  })
    .optional()
    .describe("Where Livecue says online, and the broker says offline when Livecue is gone."),
  silence_seconds: silenceSeconds.default(60),
  labels,
}).superRefine(withSecret("password", { isOptional: true }));
