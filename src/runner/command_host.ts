/** The worker's side of a service's command: loads the module, runs the command, and reports the result. */
import type { ServiceCommandContext } from "../kit/service.ts";
import { translated } from "../language.ts";
import { detectCommand } from "./detect_command.ts";
import { describeFailure, optionMistakesOf, ServiceMistake } from "./failure.ts";
import { openTraces } from "../telemetry/telemetry.ts";
import { OwnData } from "./own_data.ts";
import type { MessageFromWorker, MessageToWorker, ServiceRequest } from "./protocol.ts";
import { serviceLog, type WriteLine } from "./service_log.ts";
import {
  checkOptions,
  commandsOf,
  importModule,
  type NamedCommand,
  serviceClassOf,
  viewOptions,
} from "./service_module.ts";

type CommandMessage = Extract<MessageToWorker, { kind: "command" }>;

export interface CommandHostOptions {
  post(message: MessageFromWorker): void;
  writeLine: WriteLine;
  ask(request: ServiceRequest): Promise<unknown>;
}

export class CommandHost {
  readonly #options: CommandHostOptions;
  readonly #controller = new AbortController();

  constructor(options: CommandHostOptions) {
    this.#options = options;
  }

  /** Call it once. */
  async run(message: CommandMessage): Promise<void> {
    const data = new OwnData(message.dataFolder);
    try {
      await openTraces();
      const module = await importModule(message.serviceUrl);
      const { ask } = this.#options;
      const detect = detectCommand({ module, options: message.options, ask });
      const commands = [...commandsOf(module), ...(detect === null ? [] : [detect])];
      const command = commands.find(({ name }) => name === message.command) ?? plainCheckFor(message, module);
      if (command === undefined) {
        const lines = commands.map(({ name, usage, description }) => ({
          name,
          usage,
          description: translated(description),
        }));
        const options = await viewOptions(module["optionsSchema"], message.options);
        return this.#options.post({ kind: "commands", commands: lines, options });
      }
      const options = await checkOptions(module["optionsSchema"], message.options);
      await command.run(this.#contextFor(message, { options, data }), ...message.args);
      data.shrink({ isShared: message.isLivecueRunning });
      this.#options.post({ kind: "command_ended", failure: null, isMistake: false, inOptions: [] });
    } catch (thrown) {
      const isMistake = thrown instanceof ServiceMistake;
      const inOptions = optionMistakesOf(thrown);
      this.#options.post({ kind: "command_ended", failure: describeFailure(thrown), isMistake, inOptions });
    } finally {
      data.close();
    }
  }

  abort(): void {
    this.#controller.abort(new DOMException("stopped by Ctrl-C", "AbortError"));
  }

  #contextFor(
    { configFolder, isLivecueRunning }: CommandMessage,
    { options, data }: { options: Record<string, unknown>; data: OwnData },
  ): ServiceCommandContext {
    return {
      options,
      configFolder,
      log: serviceLog(this.#options.writeLine),
      isLivecueRunning,
      signal: this.#controller.signal,
      print: (text) => this.#options.post({ kind: "print", text: String(text) }),
      database: (migrations) => data.database(migrations),
      get folder() {
        return data.folder;
      },
    };
  }
}

/**
 * Gives `check` to a service that does not define it: loads the module and checks the options, as a start
 * would.
 */
function plainCheckFor(
  { command }: CommandMessage,
  module: Record<string, unknown>,
): NamedCommand | undefined {
  if (command !== "check") return undefined;
  serviceClassOf(module);
  return {
    name: "check",
    usage: "",
    description: "",
    run: ({ print }) => print("The module loads, and the options are valid."),
  };
}
