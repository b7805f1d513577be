/** A real X server without a screen, with a window manager and windows that write down what they get. */
import assert from "node:assert/strict";

function isThere(program: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}

/** Debian's packages xvfb, openbox, xdotool and x11-utils have them. */
const missing = ["Xvfb", "openbox", "xdotool", "xev", "xwininfo"].filter((program) => !isThere(program));

/** A test that needs a display. */
export function testOnDisplay(name: string, run: (display: XDisplay) => Promise<void>): void {
  const ignore = Deno.build.os !== "linux" || missing.length > 0;
  Deno.test({
    name: ignore ? `${name} (there is no ${missing[0] ?? "X"})` : name,
    ignore,
    async fn() {
      await using display = await XDisplay.start();
      await run(display);
    },
  });
}

export class XDisplay implements AsyncDisposable {
  /** For DISPLAY. */
  readonly name: string;
  readonly #children: Deno.ChildProcess[] = [];
  /** Resolve when all was read that the children said. */
  readonly #ends: Promise<void>[] = [];

  private constructor(name: string, server: Deno.ChildProcess, serverEnd: Promise<void>) {
    this.name = name;
    this.#children.push(server);
    this.#ends.push(serverEnd);
  }

  static async start(): Promise<XDisplay> {
    const server = new Deno.Command("Xvfb", {
      // -r: held keys do not repeat. -noreset: it stays as it is when no program is connected.
      args: ["-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp", "-r", "-noreset"],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const { found, ended } = await said(server, /^(\d+)\n/m);
    const display = new XDisplay(`:${found}`, server, ended);
    await display.#startWindowManager();
    return display;
  }

  /** Its window is in front. */
  async open(title: string): Promise<XWindow> {
    const child = this.#spawn("xev", [
      ...["-name", title, "-geometry", "200x200"],
      ...["-event", "keyboard", "-event", "button", "-event", "mouse"],
    ]);
    const window = new XWindow(
      await this.#windowOf(title),
      child.stdout.pipeThrough(new TextDecoderStream()),
    );
    this.#ends.push(window.closed);
    await this.activate(window);
    return window;
  }

  async activate(window: XWindow): Promise<void> {
    // The window manager may not know a new window yet, and takes a moment.
    do await this.xdotool("windowactivate", window.id); while (
      await this.xdotool("getwindowfocus") !== window.id
    );
  }

  /** Moves the mouse over the window. */
  async point(window: XWindow): Promise<void> {
    await this.xdotool("mousemove", "--window", window.id, "100", "100");
    await window.saw("move");
  }

  async xdotool(...args: string[]): Promise<string> {
    return await this.run("xdotool", ...args);
  }

  async run(program: string, ...args: string[]): Promise<string> {
    const { stdout } = await new Deno.Command(program, { args, env: { DISPLAY: this.name } }).output();
    return new TextDecoder().decode(stdout).trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children.reverse()) {
      try {
        child.kill("SIGTERM");
      } catch {
        // It has ended.
      }
      await child.status;
    }
    await Promise.all(this.#ends);
  }

  async #startWindowManager(): Promise<void> {
    // A window that opens before its start is over may stay hidden for good.
    const { ended } = await said(this.#spawn("openbox", ["--startup", "echo started"]), /^(started)\n/m);
    this.#ends.push(ended);
  }

  async #windowOf(title: string): Promise<string> {
    // xev does not tell its number, but is the only client with this title.
    const escaped = title.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    const found = await this.xdotool("search", "--sync", "--onlyvisible", "--name", `^${escaped}$`);
    assert.match(found, /^\d+$/, title);
    return found;
  }

  #spawn(program: string, args: string[]): Deno.ChildProcess {
    const child = new Deno.Command(program, {
      args,
      env: { DISPLAY: this.name },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#children.push(child);
    return child;
  }
}

/** Resolves when the program has said it. What it says later is read and dropped. */
async function said(
  program: Deno.ChildProcess,
  what: RegExp,
): Promise<{ found: string; ended: Promise<void> }> {
  const texts = program.stdout.pipeThrough(new TextDecoderStream());
  const reader = texts.getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    assert(!done, `it ended, and said only: ${text}`);
    text += value;
    const [, found] = what.exec(text) ?? [];
    if (found === undefined) continue;
    reader.releaseLock();
    return { found, ended: texts.pipeTo(new WritableStream()) };
  }
}

/** What it got: "down space", "up space", "down button 1", "up button 1", and "move" once for many. */
export class XWindow {
  readonly id: string;
  readonly got: string[] = [];
  readonly closed: Promise<void>;
  readonly #waiting = new Set<() => void>();

  constructor(id: string, texts: ReadableStream<string>) {
    this.id = id;
    this.closed = this.#listen(texts);
  }

  /** Resolves when it has got this, so often. */
  async saw(what: string, times = 1): Promise<void> {
    while (this.got.filter((each) => each === what).length < times) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** What it got besides moves of the mouse. */
  get pressed(): string[] {
    return this.got.filter((each) => each !== "move");
  }

  async #listen(texts: ReadableStream<string>): Promise<void> {
    let rest = "";
    let kind = "";
    for await (const text of texts) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        kind = /^\w+(?= event)/.exec(line)?.[0] ?? kind;
        this.#note(kind, line);
      }
    }
  }

  /** One line of the description of an event of this kind. */
  #note(kind: string, line: string): void {
    if (kind === "MotionNotify") {
      if (this.got.at(-1) !== "move") this.got.push("move");
    } else {
      const [, keysym, button] = /\(keysym 0x[0-9a-f]+, (\w+)\)|, button (\d+),/.exec(line) ?? [];
      if (keysym === undefined && button === undefined) return;
      this.got.push(`${kind.endsWith("Press") ? "down" : "up"} ${keysym ?? `button ${button}`}`);
    }
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** Waits until the window has got all that was sent before: a key that no test uses goes through it. */
export async function settled(display: XDisplay, window: XWindow): Promise<string[]> {
  const before = window.got.filter((each) => each === "up F9").length;
  await display.activate(window);
  await display.xdotool("key", "F9");
  await window.saw("up F9", before + 1);
  return window.pressed.filter((each) => !each.endsWith("F9"));
}
