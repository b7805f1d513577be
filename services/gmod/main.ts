import { t } from "livecue/language";
import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";
import { amountOf, Rules } from "livecue/rules";
import { readSecret } from "livecue/secret";
import { check } from "./check.ts";
import { type Action, maxTimes, type Options } from "./options.ts";
import { Server } from "./server.ts";

export { optionsSchema } from "./options.ts";

export const commands = { check };

/** The number of failed items whose progress is remembered. */
const maxUnfinished = 100;
const maxLoggedReply = 300;

/** What game consoles answer to an unknown command. */
const unknownCommand = /^\s*unknown (?:or incomplete )?(?:console )?command/i;

/** Runs console commands on a game server over RCON. */
export default class GMod extends BaseQueueService<Options> {
  readonly #rules = new Rules<Action>(this.options.rules, this.state);
  /** By item id: how many of its commands the server has answered, so that a retry continues after them. */
  readonly #answered = new Map<number, number>();
  readonly #loggedUnknown = new Set<string>();
  #server: Server | null = null;
  #connecting: Promise<void> | null = null;

  override async onStart(): Promise<void> {
    const { host, port, answer_timeout_seconds } = this.options;
    const password = await readSecret("password", this.options, this.configFolder) ?? "";
    const answerTimeoutMs = answer_timeout_seconds * 1000;
    this.#server = new Server({
      host,
      port,
      password,
      answerTimeoutMs,
      log: this.log,
      onTrouble: (text) => this.trouble(text),
      signal: this.signal,
    });
    this.#connecting = this.#server.keepConnected();
  }

  override async onStop(): Promise<void> {
    await this.#connecting;
  }

  /** Resolves when the server has answered all commands of the matching rules. */
  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    const actions = await this.#rules.match(event, item);
    const lines = actions.flatMap(({ commands, times }) => {
      const filled = commands.map((command) => command.fill(event, item));
      return Array<string[]>(amountOf(times, event, item, { max: maxTimes })).fill(filled).flat();
    });
    let answered = this.#answered.get(item.id) ?? 0;
    this.#answered.delete(item.id);
    try {
      for (; answered < lines.length; answered++) await this.#run(lines[answered] as string, item.signal);
      return true;
    } catch (error) {
      this.#remember(item.id, answered);
      throw error;
    }
  }

  async #run(line: string, signal: AbortSignal): Promise<void> {
    const server = this.#server as Server;
    const reply = await server.run(line, signal);
    const shown = reply.replace(/\s+/g, " ").trim().slice(0, maxLoggedReply);
    this.log.debug(`${line} → ${shown === "" ? t`(no text)` : shown}`);
    const [name = ""] = line.trim().split(/\s/);
    if (!unknownCommand.test(reply) || this.#loggedUnknown.has(name)) return;
    this.#loggedUnknown.add(name);
    this.log.warn(t`The server does not know the command "${name}": ${shown}`);
  }

  #remember(itemId: number, answered: number): void {
    const [oldest] = this.#answered.keys();
    if (oldest !== undefined && this.#answered.size >= maxUnfinished) this.#answered.delete(oldest);
    this.#answered.set(itemId, answered);
  }
}
