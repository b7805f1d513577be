/** One connection to an MQTT broker. It does not reconnect by itself. */
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";
import { certificateAdvice } from "../../certificate_advice.ts";
import { cleanText } from "../../clean_text.ts";
import { shownAddress } from "../../address.ts";
import { msg, t, translated } from "../../language.ts";
import type { Message } from "./topics.ts";

export interface BrokerOptions {
  url: string;
  user: string | null;
  password: string | null;
  /** The text of the authority's certificate. */
  ca: string | null;
  clientId: string;
  /** Whether the broker keeps messages for this client while it is away. */
  isKept: boolean;
  filters: readonly string[];
  qos: 0 | 1;
  statusTopic: string | null;
}

export interface BrokerListener {
  /** The broker refused these topics. */
  onSubscribed(refused: string[]): void;
  /**
   * Resolves when the next message may come; null: at once. If there is `acknowledge`, call it when the message is stored:
   * until then a broker that keeps messages for this client sends it again after a cut.
   */
  onMessage(message: Message, acknowledge: (() => void) | undefined): Promise<void> | null;
  /** A message of more than `maxMessageBytes` was skipped. */
  onLongMessage(): void;
  /** Resolves when all messages are acknowledged, or when that takes too long. */
  settled(): Promise<void>;
}

const keepAliveSeconds = 20;
const connectTimeoutMs = 10_000;
const closed = msg("The broker closed the connection.");
const maxMessageBytes = 64 * 1024;

/** Connects, and returns when the connection ends or `signal` aborts: why, as a complete sentence. */
export async function connectTo(
  options: BrokerOptions,
  listener: BrokerListener,
  signal: AbortSignal,
): Promise<string> {
  if (signal.aborted) return t`Livecue was stopped.`;
  const client = mqtt.connect(options.url, settingsOf(options));
  const { promise: ended, resolve: end } = Promise.withResolvers<string>();
  let hasConnected = false;
  client.on("connect", () => {
    hasConnected = true;
    say(client, options, "online");
    client.subscribe([...options.filters], { qos: options.qos }, (_error, granted = []) => {
      listener.onSubscribed(granted.filter(({ qos }) => qos >= 128).map(({ topic }) => topic));
    });
  });
  // The library acknowledges a message of quality 1 itself, before the next one. Livecue does so when it is stored.
  client.on("packetreceive", (packet) => {
    if (packet.cmd === "publish") packet.qos = 0;
  });
  // The next message is read when `done` is called, so a fast broker waits.
  client.handleMessage = (packet, done) => {
    // The broker sends it again to the next run.
    if (signal.aborted) return done();
    const room = takeMessage(client, listener, packet);
    if (room === null) done();
    else void room.then(() => done());
  };
  client.on("error", (error) => end(hasConnected ? translated(closed) : sentenceOf(error, options)));
  client.on("close", () => end(translated(closed)));
  const stop = () => end(t`Livecue was stopped.`);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const why = await ended;
  signal.removeEventListener("abort", stop);
  if (signal.aborted) await listener.settled();
  await leave(client, options, signal.aborted);
  return why;
}

function settingsOf(
  { user, password, ca, clientId, isKept, statusTopic }: BrokerOptions,
): IClientOptions {
  return {
    clientId,
    clean: !isKept,
    keepalive: keepAliveSeconds,
    connectTimeout: connectTimeoutMs,
    reconnectPeriod: 0,
    resubscribe: false,
    ...(user !== null && { username: user }),
    ...(password !== null && { password }),
    ...(ca !== null && { ca, wsOptions: { ca } }),
    ...(statusTopic !== null &&
      {
        will: { topic: statusTopic, payload: "offline", qos: 1, retain: true },
      }),
  };
}

function takeMessage(
  client: MqttClient,
  listener: BrokerListener,
  { topic, payload, retain, messageId }: IPublishPacket,
): Promise<void> | null {
  // Only a message of quality 1 has an id, which belongs to this connection.
  const acknowledge = messageId === undefined ? undefined : () => {
    if (client.connected) client["_sendPacket"]({ cmd: "puback", messageId });
  };
  if (payload.length <= maxMessageBytes) {
    return listener.onMessage({ topic, text: payload.toString(), isRetained: retain }, acknowledge);
  }
  acknowledge?.();
  listener.onLongMessage();
  return null;
}

function say(client: MqttClient, { statusTopic }: BrokerOptions, state: "online" | "offline"): void {
  if (statusTopic !== null) client.publish(statusTopic, state, { qos: 1, retain: true });
}

/** After a stop, the broker learns of it before the connection ends; otherwise it says so itself. */
async function leave(client: MqttClient, options: BrokerOptions, isStopped: boolean): Promise<void> {
  client.removeAllListeners("error").on("error", () => {});
  const isPolite = isStopped && client.connected;
  if (isPolite) say(client, options, "offline");
  await new Promise<void>((resolve) => client.end(!isPolite, () => resolve()));
}

const refusals: Readonly<Record<number, string>> = {
  1: msg("The broker does not support this version of MQTT."),
  2: msg('The broker refuses the client id. Set another "client_id".'),
  3: msg("The broker is not available at the moment."),
  4: msg('The broker refuses the user name or the password. Correct "user" and "password".'),
  5: msg('The broker does not allow this user to connect. Correct "user" and "password".'),
};

function sentenceOf(error: Error & { code?: unknown }, { url }: BrokerOptions): string {
  const address = shownAddress(url);
  const refusal = typeof error.code === "number" ? refusals[error.code] : undefined;
  if (refusal !== undefined) return translated(refusal);
  const reason = cleanText(error.message, 160).replace(/[.:\s]+$/, "");
  const certificate = certificateAdvice(reason, t`set "ca_file" to the file of your own authority`);
  if (certificate !== null) {
    return t`The certificate of the broker at ${address}: ${certificate} (${reason}).`;
  }
  return t`No broker answers at ${address} (${reason}). Check the source's "url", and whether the broker runs.`;
}
