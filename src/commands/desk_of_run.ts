/** The rule desk of a run: opens when the user asks for it, and closes with the run. */
import { RuleDesk, type RuleDeskOptions } from "../desk/rule_desk.ts";
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";

export interface DeskOfRunOptions extends Omit<RuleDeskOptions, "configPath" | "port"> {
  /** The path of the config. Creates the config if it does not exist. */
  configPath(): Promise<string>;
  /** Shows an address in the user's browser, if there is one. */
  browse(address: string): void;
}

export class DeskOfRun {
  readonly #options: DeskOfRunOptions;
  #desk: Promise<RuleDesk> | null = null;
  #hasStopped = false;

  constructor(options: DeskOfRunOptions) {
    this.#options = options;
  }

  /** Opens the desk, or shows the open one once more. Resolves to a sentence for the user. */
  async open(): Promise<string> {
    if (this.#hasStopped) throw new UserError(t`Livecue is stopping, so the rule desk is closed.`);
    this.#desk ??= this.#start();
    const { address } = await this.#desk;
    this.#options.browse(address);
    return t`The rule desk is at ${address}`;
  }

  async stop(): Promise<void> {
    this.#hasStopped = true;
    // Whoever opened it got the error of its start.
    await (await this.#desk?.catch(() => null))?.stop();
  }

  async #start(): Promise<RuleDesk> {
    const desk = new RuleDesk({ ...this.#options, configPath: await this.#options.configPath(), port: 0 });
    await desk.start();
    return desk;
  }
}

/** Opens an address in the browser of the system, if it has one. */
export function browse(address: string): void {
  const [program, ...args] = opener(Deno.build.os);
  try {
    const command = new Deno.Command(program, {
      args: [...args, address],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    // Some systems end it only with the browser.
    command.spawn().unref();
  } catch {
    // There is no such program, as on a server. The user has the address.
  }
}

function opener(os: typeof Deno.build.os): [string, ...string[]] {
  switch (os) {
    case "windows":
      return ["rundll32", "url.dll,FileProtocolHandler"];
    case "darwin":
      return ["open"];
    default:
      return ["xdg-open"];
  }
}
