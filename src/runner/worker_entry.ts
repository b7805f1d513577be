/**
 * Runs inside the worker of a service. Before it loads any code of the service, it guards the worker and captures its
 * output.
 */
import "./kit_modules.ts";
import type { LineSubject } from "../kit/service.ts";
import { speak } from "../language.ts";
import type { LogLevel } from "../log/log.ts";
import { systemClock } from "../clock.ts";
import { CommandHost } from "./command_host.ts";
import { captureOutput } from "./console_capture.ts";
import { Ledger } from "./ledger.ts";
import { lineWriter } from "./message_lines.ts";
import { Outbox } from "./outbox.ts";
import { ownPostMessage } from "./own_messages.ts";
import { PacedLines } from "./paced_lines.ts";
import type { MessageFromWorker, MessageToWorker } from "./protocol.ts";
import { ServiceHost } from "./service_host.ts";
import { announceExit, answerPermissionRequests, reportUncaught } from "./worker_guard.ts";

const worker = globalThis as unknown as {
  postMessage(data: unknown): void;
  /**
   * All messages are text except the first: the ledger's memory if this process is Livecue's own, or null if the worker
   * has to write its messages to standard output.
   */
  onmessage: (event: MessageEvent<string | SharedArrayBuffer | null>) => void;
};

// Kept before the service's code can call it: the service's own `postMessage` is not part of the protocol.
const posts = worker.postMessage.bind(worker);
const writes = lineWriter(Deno.stdout.writeSync.bind(Deno.stdout));
let isPiped = false;
const sendText = (text: string) => isPiped ? writes(text) : posts(text);
const outbox = new Outbox(sendText);
const assertOpen = () => outbox.assertOpen();
worker.postMessage = ownPostMessage({ clock: systemClock, send: sendText, assertOpen });
const lines = new PacedLines({
  clock: systemClock,
  write: (level, text, about) => send({ kind: "log", level, text, ...about && { option: about.option } }),
  hasRoom: () => outbox.hasRoom,
});
const { memoryUsage } = Deno;

reportUncaught((text) => lines.write("error", text));
const flushOutput = captureOutput(() => writeLine);
answerPermissionRequests();
announceExit((how) => {
  lines.reportDropped();
  send({ kind: "crashed", error: how });
});

const sendAfterOutput = (message: MessageFromWorker) => {
  flushOutput();
  if (message.kind === "stopped" || message.kind === "command_ended") lines.reportDropped();
  outbox.send(message);
};
const host = new ServiceHost({ outbox, send: sendAfterOutput, writeLine });
const commandHost = new CommandHost({
  post: sendAfterOutput,
  writeLine,
  ask: (request) => host.ask(request),
});
worker.onmessage = ({ data }) => {
  if (data === null) return void (isPiped = true);
  if (typeof data !== "string") return useLedger(new Ledger(data));
  const message: MessageToWorker = JSON.parse(data);
  switch (message.kind) {
    case "ping":
      return sendAfterOutput({ kind: "pong", heapBytes: memoryUsage().heapUsed });
    case "credits":
      return outbox.take(message);
    case "command":
      if (message.language) speak(message.language);
      outbox.waiveCredits();
      return void commandHost.run(message);
    case "abort_command":
      return commandHost.abort();
    case "start":
      if (message.language) speak(message.language);
      return host.receive(message);
    default:
      return host.receive(message);
  }
};

function useLedger(ledger: Ledger): void {
  outbox.useLedger(ledger);
  host.useLedger(ledger);
}

/** Sends a message after the ends of items that wait to be sent together. */
export function send(message: MessageFromWorker): void {
  host.flushEnds();
  outbox.send(message);
}

function writeLine(level: LogLevel, text: string, about?: LineSubject): void {
  assertOpen();
  lines.write(level, text, about);
}
