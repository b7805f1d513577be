/**
 * Runs inside the worker of a service. Before it loads any code of the service, it catches uncaught errors (one would
 * end the whole process), captures output, and answers permission requests without asking at the terminal.
 */
// The modules of src/kit import these modules outside of it. Because they are loaded here, a service needs permission
// to read src/kit only, and no other part of Livecue.
import "../backoff.ts";
import "../certificate_advice.ts";
import "../clean_text.ts";
import "../clock.ts";
import "../event.ts";
import "../money.ts";
import "../user_error.ts";
import "../nearest_names.ts";
import "../retry_after.ts";
import "../words.ts";
import { failureText } from "../failure.ts";
import type { LineSubject } from "../kit/service.ts";
import { speak } from "../language.ts";
import type { LogLevel } from "../log/log.ts";
import { systemClock } from "../clock.ts";
import { CommandHost } from "./command_host.ts";
import { captureOutput } from "./console_capture.ts";
import { describeFailure } from "./failure.ts";
import { Ledger } from "./ledger.ts";
import { lineWriter } from "./message_lines.ts";
import { Outbox } from "./outbox.ts";
import { ownPostMessage } from "./own_messages.ts";
import { PacedLines } from "./paced_lines.ts";
import { lock } from "./refusal.ts";
import type { MessageFromWorker, MessageToWorker } from "./protocol.ts";
import { ServiceHost } from "./service_host.ts";

const worker = globalThis as unknown as {
  postMessage(data: unknown): void;
  /**
   * All messages are text except the first: the ledger's memory if this process is Livecue's own, or null if the worker
   * has to write its messages to standard output.
   */
  onmessage: (event: MessageEvent<string | SharedArrayBuffer | null>) => void;
  close(): void;
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

reportUncaught();
const flushOutput = captureOutput(writeLine);
answerPermissionRequests();
announceExit();

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

/**
 * Logs an uncaught error of the service with its stack; the worker goes on. Deno reports one through the global
 * `dispatchEvent`. It prints the error on the terminal and ends the worker if a listener throws, or if nobody prevents
 * that. So these events go to the log only, and to no listener.
 */
function reportUncaught(): void {
  const { dispatchEvent } = globalThis;
  const { apply, defineProperty } = Reflect;
  const typeOf = Object.getOwnPropertyDescriptor(Event.prototype, "type")?.get as () => string;
  lock(globalThis, "dispatchEvent", (event: Event) => {
    const type = apply(typeOf, event, []);
    if (type !== "error" && type !== "unhandledrejection") return apply(dispatchEvent, globalThis, [event]);
    try {
      const { error, reason } = event as ErrorEvent & PromiseRejectionEvent;
      const [what, thrown] = type === "error" ? ["uncaught error", error] : ["unhandled rejection", reason];
      lines.write("error", `${what}: ${failureText(describeFailure(thrown))}`);
    } catch {
      // The service replaced something that the report needs.
    }
    defineProperty(event, "defaultPrevented", { value: true });
    return false;
  });
}

/** Answers a permission request like a query, because only the config grants permissions. */
function answerPermissionRequests(): void {
  const permissions = Deno.permissions;
  permissions.request = (descriptor) => permissions.query(descriptor);
  permissions.requestSync = (descriptor) => permissions.querySync(descriptor);
}

/**
 * Reports an exit, which ends a worker without any event. Otherwise only the heartbeat would notice it, seconds later.
 */
function announceExit(): void {
  const exit = Deno.exit;
  const close = worker.close.bind(worker);
  Deno.exit = (code?: number) => {
    lines.reportDropped();
    send({ kind: "crashed", error: `it called Deno.exit with code ${code ?? 0}` });
    return exit(code);
  };
  worker.close = () => {
    lines.reportDropped();
    send({ kind: "crashed", error: "it called close" });
    close();
  };
}
