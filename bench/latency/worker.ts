/** A bare worker. It answers a ping with its clock, notes how late each event is, and returns its notes on request. */
import type { LiveEvent } from "../../src/event.ts";

export type ToWorker = { kind: "ping" } | { kind: "event"; due: number; event: LiveEvent } | { kind: "end" };
export type FromWorker = { kind: "pong"; at: number } | { kind: "latencies"; milliseconds: number[] };

const milliseconds: number[] = [];
const main = self as unknown as Worker;
const clock = () => performance.timeOrigin + performance.now();

main.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  switch (data.kind) {
    case "ping":
      return post({ kind: "pong", at: clock() });
    case "event":
      return void milliseconds.push(clock() - data.due);
    case "end":
      return post({ kind: "latencies", milliseconds });
  }
};

function post(message: FromWorker): void {
  main.postMessage(message);
}
