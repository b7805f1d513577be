/** A program in a real terminal: tmux on a socket of its own, without the user's settings. Linux and macOS. */
import { sleep, systemClock } from "../src/clock.ts";

export interface TerminalOptions {
  columns: number;
  rows: number;
  /** The program and its arguments. */
  command: string[];
  folder: string;
}

export class Terminal {
  readonly #socket = `livecue-${crypto.randomUUID()}`;

  static async open({ columns, rows, command, folder }: TerminalOptions): Promise<Terminal> {
    const terminal = new Terminal();
    const size = ["-x", String(columns), "-y", String(rows)];
    // Its status line would take a row.
    const start = ["-f", "/dev/null", "start-server", ";", "set-option", "-g", "status", "off", ";"];
    await terminal.#tmux(...start, "new-session", "-d", ...size, "-c", folder, ...command);
    return terminal;
  }

  private constructor() {}

  /** The program's process id. */
  async pid(): Promise<number> {
    return Number(await this.#tmux("display-message", "-p", "#{pane_pid}"));
  }

  /** Presses keys, as tmux names them. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux("send-keys", ...keys);
  }

  /** What the terminal shows. */
  text(): Promise<string> {
    return this.#tmux("capture-pane", "-p");
  }

  /** What the terminal shows, with its styles as escape codes. */
  styledText(): Promise<string> {
    return this.#tmux("capture-pane", "-p", "-e", "-N");
  }

  /** Looks again without a pause until it shows `pattern`, or does not where `isThere` is false. */
  async until(pattern: RegExp, { isThere = true, withinMs = 20_000 } = {}): Promise<void> {
    const begin = performance.now();
    for (;;) {
      const shown = await this.text();
      if (pattern.test(shown) === isThere) return;
      if (performance.now() - begin > withinMs) {
        throw new Error(`${isThere ? "No" : "Still"} ${pattern} after ${withinMs} ms:\n${shown}`);
      }
    }
  }

  /** Ends the program as Ctrl-C would, and the terminal with it. */
  async close(): Promise<void> {
    await this.press("C-c");
    for (let tries = 0; tries < 40; tries++) {
      await sleep(systemClock, 50);
      if (!(await this.#isThere())) return;
    }
    await this.#tmux("kill-server");
  }

  async #isThere(): Promise<boolean> {
    return (await this.#run("has-session")).success;
  }

  async #tmux(...parameters: string[]): Promise<string> {
    const { success, stdout, stderr } = await this.#run(...parameters);
    const decoder = new TextDecoder();
    if (!success) throw new Error(`tmux ${parameters.join(" ")}: ${decoder.decode(stderr)}`);
    return decoder.decode(stdout);
  }

  async #run(...parameters: string[]): Promise<Deno.CommandOutput> {
    const args = ["-u", "-L", this.#socket, ...parameters];
    return await new Deno.Command("tmux", { args, env: { TERM: "xterm-256color" } }).output();
  }
}
