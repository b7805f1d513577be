/** Runs a command that a service's module exports, in a worker with the service's permissions. */
import { type Failure, plainFailure } from "../failure.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import type { ServiceConfig } from "../service.ts";
import { messageMistake } from "./checked_message.ts";
import type { Feed } from "./feed.ts";
import { type OptionPlaces, placedText } from "./option_places.ts";
import type { CommandLine, MessageFromWorker, MessageToWorker, OptionsView } from "./protocol.ts";
import { replyToCommand } from "./service_requests.ts";
import { openWorker, serviceStart, type Transport } from "./transport.ts";

export interface ServiceCommandOptions extends OptionPlaces {
  service: ServiceConfig;
  /** Null asks for the list of commands. */
  command: string | null;
  args: string[];
  log: Log;
  print(text: string): void;
  /** Answers its questions about readings. Rejects with a sentence. Default: it may ask none. */
  readings?: Pick<Feed, "readings">;
  /** Whether another Livecue is running with the config's database. */
  isLivecueRunning: boolean;
  /** Aborts the signal that the command gets. */
  signal: AbortSignal;
  /** Aborts with an error that gives the reason: the wait for the command ends, and the command has failed. */
  givenUp?: AbortSignal;
}

export type CommandEnd =
  | { kind: "completed" }
  /** The command does not exist, or none was named. */
  | { kind: "listed"; commands: CommandLine[]; options: OptionsView }
  /** `isMistake`: the mistake is in the module or the config, rather than in the code that ran. */
  | { kind: "failed"; failure: Failure; isMistake: boolean };

/** Resolves when the command has ended and its worker is gone. */
export async function runServiceCommand(options: ServiceCommandOptions): Promise<CommandEnd> {
  const { service, command, args, isLivecueRunning, signal, givenUp } = options;
  const ended = Promise.withResolvers<CommandEnd>();
  const onMessage = (data: unknown) => {
    try {
      receive(data, options, { resolve: ended.resolve, post: (message) => transport.post(message) });
    } catch (thrown) {
      // Its output cannot be written.
      ended.reject(thrown);
    }
  };
  const onLost = (why: string) => {
    ended.resolve({ kind: "failed", failure: plainFailure(t`the command ${why}`), isMistake: false });
  };
  let transport: Transport;
  try {
    transport = openWorker({ service, onMessage, onLost, onPrinted: () => {}, sharesTerminal: true });
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const failure = plainFailure(t`the command could not be given a worker with its "permissions": ${why}`);
    return { kind: "failed", failure, isMistake: true };
  }
  const abort = () => transport.post({ kind: "abort_command" });
  const giveUp = () => onLost(String(givenUp?.reason.message));
  signal.addEventListener("abort", abort);
  givenUp?.addEventListener("abort", giveUp);
  try {
    transport.post({ kind: "command", command, args, isLivecueRunning, ...serviceStart(service) });
    return await ended.promise;
  } finally {
    signal.removeEventListener("abort", abort);
    givenUp?.removeEventListener("abort", giveUp);
    await transport.terminate();
  }
}

function receive(
  data: unknown,
  options: ServiceCommandOptions,
  { resolve, post }: { resolve(end: CommandEnd): void; post(message: MessageToWorker): void },
): void {
  const { log, print, readings } = options;
  const message = readMessage(data) as MessageFromWorker;
  const mistake = messageMistake(message);
  if (mistake !== null) return log.warn(`the service ${mistake}: Livecue ignores it`);
  switch (message.kind) {
    case "print":
      return print(message.text);
    case "log":
      return log[message.level](placedText(message, options));
    case "request":
      return void replyToCommand(message, readings).then(post);
    case "commands":
      return resolve({ kind: "listed", commands: message.commands, options: message.options });
    case "command_ended": {
      const { failure, isMistake, inOptions } = message;
      if (failure === null) return resolve({ kind: "completed" });
      const places = [failure.place ?? [], options.describeOptionMistakes(inOptions)].flat();
      const place = places.length === 0 ? null : places.join("\n");
      return resolve({ kind: "failed", failure: { ...failure, place }, isMistake });
    }
    case "crashed":
      return resolve({
        kind: "failed",
        failure: plainFailure(t`the command lost its worker: ${message.error}`),
        isMistake: false,
      });
  }
}

/** Null if the text is not JSON. */
function readMessage(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return null;
  }
}
