/** A real terminal, by tmux: a shell in it that knows the command `livecue`, keys to press, and what stands there. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/clock.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const breaking = fileURLToPath(new URL("break_on_signals.ts", import.meta.url));

/** Nothing that is waited for takes as long on a machine that is slow. */
const longestWaitMs = 20_000;

export interface Size {
  columns: number;
  rows: number;
}

export const small: Size = { columns: 80, rows: 24 };

export interface Modes {
  isAlternateScreen: boolean;
  isCursorShown: boolean;
  /** Whether the terminal reports the mouse. */
  isMouseReported: boolean;
}

/** Where there is no tmux these tests cannot run. */
export const lacksTmux = !await hasTmux();

async function hasTmux(): Promise<boolean> {
  try {
    return (await new Deno.Command("tmux", { args: ["-V"], stdout: "null", stderr: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

/** Runs `use` with a shell in a terminal of this size, in the folder; ends all of it afterwards. */
export async function withTerminal<Result>(
  folder: string,
  { size = small, env = {} }: { size?: Size; env?: Record<string, string> },
  use: (terminal: Terminal) => Promise<Result>,
): Promise<Result> {
  const terminal = await Terminal.open(folder, size, env);
  try {
    return await use(terminal);
  } finally {
    await terminal.close();
  }
}

export class Terminal {
  readonly #folder: string;
  readonly #tmux: string[];
  readonly #env: Record<string, string>;
  /** Told by tmux whenever the terminal was written to. */
  readonly #watcher: Deno.ChildProcess;
  readonly #watching: Promise<void>;
  #isClosed = false;
  /** The process of the terminal, while it is frozen. */
  #frozen: number | null = null;
  #onOutput = () => {};

  static async open(folder: string, size: Size, env: Record<string, string>): Promise<Terminal> {
    await Deno.writeTextFile(join(folder, "livecue"), launcher, { mode: 0o755 });
    const profile = join(folder, "profile");
    await Deno.writeTextFile(profile, `PS1='ready> '\nPATH='${folder}':"$PATH"\n`);
    const tmux = ["-u", "-S", join(folder, "tmux.socket"), "-f", "/dev/null"];
    const environment = { LC_ALL: "C.UTF-8", ENV: profile, ...env };
    const [columns, rows] = [String(size.columns), String(size.rows)];
    await run([
      ...tmux,
      ...["new-session", "-d", "-x", columns, "-y", rows, "-c", folder, "sh", "-i", ";"],
      ...["set-option", "-g", "window-size", "manual", ";", "set-option", "-g", "status", "off"],
    ], environment);
    const terminal = new Terminal(folder, tmux, environment);
    try {
      await terminal.resize(size);
      await terminal.shows(/^ready>/m);
    } catch (error) {
      await terminal.close();
      throw error;
    }
    return terminal;
  }

  private constructor(folder: string, tmux: string[], env: Record<string, string>) {
    this.#folder = folder;
    this.#tmux = tmux;
    this.#env = env;
    this.#watcher = new Deno.Command("tmux", {
      args: [...tmux, "-C", "attach-session"],
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#watching = this.#watch();
  }

  async #watch(): Promise<void> {
    for await (const _ of this.#watcher.stdout) this.#onOutput();
  }

  async #ask(...args: string[]): Promise<string> {
    return await run([...this.#tmux, ...args], this.#env);
  }

  /** What stands in the terminal, a text a row, without the blanks at its end. */
  async rows(): Promise<string[]> {
    return (await this.#ask("capture-pane", "-p")).replace(/\n$/, "").split("\n");
  }

  /** What stands in the terminal, with its styles as escape codes. */
  async styledText(): Promise<string> {
    return await this.#ask("capture-pane", "-p", "-e", "-N");
  }

  /** Resolves with what stands there once it matches; rejects where that takes too long. */
  async shows(pattern: RegExp): Promise<string> {
    return await this.until((text) => pattern.test(text), String(pattern));
  }

  /** Resolves once what stands there matches no more. */
  async hides(pattern: RegExp): Promise<string> {
    return await this.until((text) => !pattern.test(text), `no ${pattern}`);
  }

  async until(isThere: (text: string) => boolean, what: string): Promise<string> {
    let isLate = false;
    let output = Promise.withResolvers<void>();
    this.#onOutput = () => output.resolve();
    const cancel = systemClock.after(longestWaitMs, () => {
      isLate = true;
      output.resolve();
    });
    try {
      while (true) {
        const text = (await this.rows()).join("\n");
        if (isThere(text)) return text;
        if (isLate) throw new Error(`The terminal did not show ${what}, but:\n${text}`);
        await output.promise;
        output = Promise.withResolvers();
      }
    } finally {
      cancel();
    }
  }

  /** Presses keys by tmux's names: "p", "Enter", "C-c". */
  async press(...keys: string[]): Promise<void> {
    await this.#ask("send-keys", ...keys);
  }

  async type(text: string): Promise<void> {
    await this.#ask("send-keys", "-l", text);
  }

  /** Types a command at the shell's prompt. */
  async enter(command: string): Promise<void> {
    await this.type(command);
    await this.press("Enter");
  }

  /** Starts the program at the shell's prompt; `ended` tells its exit code. */
  async livecue(...args: string[]): Promise<void> {
    await this.enter(`livecue ${args.join(" ")}; echo "ended: $?"`);
  }

  /** Resolves with the exit code of what `livecue` started. */
  async ended(): Promise<number> {
    const text = await this.shows(/^ended: \d+$/m);
    return Number(text.match(/^ended: (\d+)$/m)?.[1]);
  }

  /** Writes to the terminal as another program would that has it open too. */
  async writeOver(text: string): Promise<void> {
    const device = (await this.#ask("display-message", "-p", "#{pane_tty}")).trim();
    await Deno.writeTextFile(device, text, { append: true });
  }

  async resize({ columns, rows }: Size): Promise<void> {
    await this.#ask("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** The process id of what `livecue` started. */
  get pid(): number {
    return Number(Deno.readTextFileSync(join(this.#folder, "livecue.pid")));
  }

  /** Sends a signal to the program alone. */
  kill(signal: Deno.Signal): void {
    Deno.kill(this.pid, signal);
  }

  async modes(): Promise<Modes> {
    const flags = "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{mouse_sgr_flag}";
    const [alternate, cursor, mouse, sgr] = (await this.#ask("display-message", "-p", flags)).trim().split(
      " ",
    );
    return {
      isAlternateScreen: alternate === "1",
      isCursorShown: cursor === "1",
      isMouseReported: mouse === "1" || sgr === "1",
    };
  }

  /** Fails unless the terminal is as the shell had it: a person types a command, sees it, and it is run. */
  async isGivenBack(): Promise<void> {
    // Before it, what is typed would stand in front of the prompt.
    await this.until((text) => text.trimEnd().endsWith("\nready>"), "the shell's prompt");
    assert.deepEqual(await this.modes(), {
      isAlternateScreen: false,
      isCursorShown: true,
      isMouseReported: false,
    });
    await this.enter(
      "stty -a | tr ' ;' '\\n\\n' | grep -xE -e '-?(echo|icanon|isig|icrnl|opost)' | sort | xargs",
    );
    const text = await this.shows(/^-?echo .*opost/m);
    assert.match(text, /^echo icanon icrnl isig opost$/m);
    assert.match(text, /^ready> stty -a/m, "What is typed is seen.");
  }

  /** Reads no more of what is written to it, until `thaw`: as a connection that has died. */
  async freeze(): Promise<void> {
    this.#frozen = Number((await this.#ask("display-message", "-p", "#{pid}")).trim());
    Deno.kill(this.#frozen, "SIGSTOP");
  }

  thaw(): void {
    if (this.#frozen !== null) Deno.kill(this.#frozen, "SIGCONT");
    this.#frozen = null;
  }

  /**
   * Closes the window, as with a click on its cross: the shell and what runs in it are told by SIGHUP. Resolves once the
   * program has exited: until then it may write to its folder.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.thaw();
    await this.#ask("kill-server");
    await this.#watcher.stdin.close();
    await this.#watcher.status;
    await this.#watching;
    await this.#exited();
  }

  async #exited(): Promise<void> {
    const script = `pid=$(cat livecue.pid) || exit 0; while kill -0 "$pid"; do sleep 0.02; done`;
    await new Deno.Command("sh", { args: ["-c", script], cwd: this.#folder, stderr: "null" }).output();
  }
}

const launcher = `#!/bin/sh
echo $$ > livecue.pid
exec "${Deno.execPath()}" run -A --no-prompt --no-check --quiet --preload "${breaking}" \\
  --config "${join(root, "deno.json")}" "${join(root, "main.ts")}" "$@"
`;

async function run(args: string[], env: Record<string, string>): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("tmux", { args, env }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`tmux ${args.join(" ")}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
