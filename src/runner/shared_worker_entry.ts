/**
 * Runs inside a worker that several rooms share. Each room has an instance of the service and a port of its own. The
 * async context tells which room's code is running, also after an await and in a timer.
 */
import "./kit_modules.ts";
import { AsyncLocalStorage } from "node:async_hooks";
import { systemClock } from "../clock.ts";
import { t } from "../language.ts";
import { captureOutput } from "./console_capture.ts";
import { HostedRoom } from "./hosted_room.ts";
import { ownPostMessage } from "./own_messages.ts";
import { type MessageFromWorker } from "./protocol.ts";
import { keepRoomsOfTimers } from "./room_timers.ts";
import { RunningRoom } from "./running_room.ts";
import type { MessageFromRooms, MessageToRooms } from "./shared_protocol.ts";
import { announceExit, answerPermissionRequests, reportUncaught } from "./worker_guard.ts";

const worker = globalThis as unknown as {
  postMessage(data: unknown): void;
  onmessage: (event: MessageEvent<MessageToRooms>) => void;
};

const posts = worker.postMessage.bind(worker) as (message: MessageFromRooms) => void;
const { memoryUsage } = Deno;
const rooms = new Map<number, HostedRoom>();
const inside = new AsyncLocalStorage<HostedRoom>();
let running = new RunningRoom();

reportUncaught((text) => roomNow()?.report(text));
const flushOutput = captureOutput(() => roomNow()?.writeLine ?? ignore);
answerPermissionRequests();
keepRoomsOfTimers({ roomNow: () => inside.getStore()?.id ?? null, running: () => running });
announceExit((how) => {
  const culprit = inside.getStore();
  for (const room of rooms.values()) {
    const isBystander = culprit !== undefined && room !== culprit;
    room.announceExit(
      isBystander ? t`another room, which shares the worker, ended it: ${how}` : how,
      isBystander,
    );
  }
});
worker.postMessage = ownPostMessage({
  clock: systemClock,
  send: (text) => roomNow()?.sendText(text),
  assertOpen: () => inside.getStore()?.assertOpen(),
});

worker.onmessage = ({ data, ports }) => {
  switch (data.kind) {
    case "running":
      running = new RunningRoom(data.buffer);
      break;
    case "ping":
      posts({ kind: "pong", heapBytes: memoryUsage().heapUsed });
      break;
    case "open":
      open(data, ports[0] as MessagePort);
      break;
    case "close":
      void close(data.room);
      break;
  }
};

function open(
  { room: id, ledger, reportsEach }: Extract<MessageToRooms, { kind: "open" }>,
  port: MessagePort,
): void {
  const room = new HostedRoom({
    id,
    port,
    ledger,
    reportsEach,
    running,
    flushOutput: ({ writeLine }) => flushOutput(writeLine),
  });
  rooms.set(id, room);
  port.onmessage = ({ data }: MessageEvent<string>) => inside.run(room, () => room.receive(data));
}

async function close(id: number): Promise<void> {
  const room = rooms.get(id);
  if (room !== undefined) await inside.run(room, () => room.close());
  rooms.delete(id);
  posts({ kind: "closed", room: id });
}

/**
 * The room whose code is running. If nobody knows, as for an error in a timer of Node, it may be another one: the log of
 * one room is better than none.
 */
function roomNow(): HostedRoom | undefined {
  const [first] = rooms.values();
  return inside.getStore() ?? first;
}

function ignore(): void {}

/** Sends a message for the room whose code is running. */
export function send(message: MessageFromWorker): void {
  roomNow()?.send(message);
}

/** The worker cannot run any code of the service. */
export function giveUp(error: string): void {
  posts({ kind: "crashed", error });
}
