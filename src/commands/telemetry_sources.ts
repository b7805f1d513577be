/** Opens the config's sources of readings. */
import { dirname } from "node:path";
import type { TopicValue } from "../capture/mqtt/topics.ts";
import { systemClock } from "../clock.ts";
import type {
  Config,
  HttpPollSourceConfig,
  LightstreamerSourceConfig,
  MqttSourceConfig,
} from "../config/config.ts";
import type { SecretOptions } from "../kit/secret.ts";
import type { Source } from "../source.ts";

/** Their libraries are loaded only if such a source is in use. */
export async function openTelemetry(
  source: LightstreamerSourceConfig | HttpPollSourceConfig | MqttSourceConfig,
  { path }: Pick<Config, "path">,
): Promise<Source> {
  switch (source.type) {
    case "lightstreamer":
      return await openLightstreamer(source);
    case "http_poll":
      return await openHttpPoll(source, dirname(path));
    case "mqtt":
      return await openMqtt(source, dirname(path));
  }
}

async function openLightstreamer({ name, settings }: LightstreamerSourceConfig): Promise<Source> {
  const { createLightstreamerSource } = await import("../capture/lightstreamer/connection.ts");
  const { url, adapter_set, items, fields, mode, clock, time_field, labels, silence_seconds } = settings;
  return createLightstreamerSource({
    name,
    url,
    adapterSet: adapter_set,
    items,
    fields,
    mode,
    timeForm: clock,
    timeField: time_field,
    labels,
    silenceMs: silence_seconds * 1000,
    clock: systemClock,
    random: Math.random,
  });
}

async function openHttpPoll({ name, settings }: HttpPollSourceConfig, configFolder: string): Promise<Source> {
  const { createHttpPollSource } = await import("../capture/http_poll/source.ts");
  const { url, every_seconds, timeout_seconds, channels, time, clock, labels, silence_seconds } = settings;
  return createHttpPollSource({
    name,
    url,
    everyMs: every_seconds * 1000,
    timeoutMs: timeout_seconds * 1000,
    channels,
    time: time ?? null,
    timeForm: clock,
    // The schema has checked that it is a text.
    secret: settings as SecretOptions<"token">,
    labels,
    silenceMs: (silence_seconds ?? Math.max(60, 3 * every_seconds)) * 1000,
    configFolder,
    clock: systemClock,
  });
}

async function openMqtt({ name, settings }: MqttSourceConfig, configFolder: string): Promise<Source> {
  const { createMqttSource } = await import("../capture/mqtt/source.ts");
  const { url, user, ca_file, client_id, topics, qos, status_topic, labels, silence_seconds } = settings;
  return createMqttSource({
    name,
    url,
    user: user ?? null,
    // The schema has checked that it is a text.
    secret: settings as SecretOptions<"password">,
    caFile: ca_file ?? null,
    clientId: client_id ?? null,
    values: topicValues(topics),
    qos,
    statusTopic: status_topic ?? null,
    labels,
    silenceMs: silence_seconds * 1000,
    configFolder,
    clock: systemClock,
    random: Math.random,
  });
}

function topicValues(topics: MqttSourceConfig["settings"]["topics"]): TopicValue[] {
  return Object.entries(topics).flatMap(([filter, values]) =>
    [values].flat().map(({ channel = null, value = null, time = null, clock }): TopicValue => ({
      filter,
      channel,
      value,
      time,
      timeForm: clock,
    }))
  );
}
