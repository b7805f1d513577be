/** The used parts of npm:mqtt. Its own types would replace Deno's types of Node's modules everywhere. */
import type { Buffer } from "node:buffer";

export interface Packet {
  topic: string;
  payload: Buffer;
  retain: boolean;
}

export interface Client {
  readonly connected: boolean;
  on(event: "connect" | "close", listener: () => void): Client;
  on(event: "error", listener: (error: Error & { code?: string | number }) => void): Client;
  removeAllListeners(event: "error"): Client;
  subscribe(
    topics: string[],
    options: { qos: 0 | 1 },
    done: (error: Error | null, granted?: { topic: string; qos: number }[]) => void,
  ): void;
  publish(topic: string, message: string, options: { qos: 0 | 1; retain: boolean }): void;
  /** Replaced by the user to take messages one at a time. */
  handleMessage: (packet: Packet, done: () => void) => void;
  end(isForced: boolean, done: () => void): void;
}

export interface ClientOptions {
  clientId: string;
  clean: boolean;
  /** Seconds. */
  keepalive: number;
  /** Milliseconds. */
  connectTimeout: number;
  /** Milliseconds; 0: it does not reconnect. */
  reconnectPeriod: number;
  resubscribe: boolean;
  username?: string;
  password?: string;
  ca?: string;
  wsOptions?: { ca: string };
  will?: { topic: string; payload: string; qos: 0 | 1; retain: boolean };
}

declare const mqtt: { connect(url: string, options: ClientOptions): Client };
export default mqtt;
