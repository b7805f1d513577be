/** A terminal as Ink sees one. It keeps the output and sends the keys that a test types. */
import { PassThrough, Writable } from "node:stream";
import { sleep, systemClock } from "../../src/clock.ts";
import type { Size } from "../../src/faces/tui/layout.ts";
import { loadApp } from "../../src/faces/tui/screen.ts";
import type { TerminalStreams } from "../../src/faces/tui/view/app.tsx";

/** Nothing that is waited for takes as long on a machine that is slow. */
const longestWaitMs = 20_000;

export class FakeTerminal {
  /** Keys come each at once, and are not shown. */
  isRaw = false;
  readonly streams: TerminalStreams;
  readonly #stdin: PassThrough;
  readonly #stdout: Writable & Size;
  #written = "";
  #onWrite = () => {};

  constructor(size: Size = { columns: 120, rows: 40 }) {
    const unheld = { ref() {}, unref() {} };
    const setRawMode = (isRaw: boolean) => this.isRaw = isRaw;
    this.#stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode, ...unheld });
    const write = (text: string, _encoding: string, done: () => void) => {
      this.#written += text;
      this.#onWrite();
      done();
    };
    const stream = new Writable({ decodeStrings: false, write });
    this.#stdout = Object.assign(stream, { isTTY: true, ...size });
    this.streams = { stdin: this.#stdin, stdout: this.#stdout } as unknown as TerminalStreams;
  }

  /** The output since the last call. */
  take(): string {
    const written = this.#written;
    this.#written = "";
    return written;
  }

  /** Resolves with the output since `take` once it matches; rejects if that takes too long. */
  async writes(pattern: RegExp): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (pattern.test(this.#written)) resolve();
    };
    this.#onWrite = look;
    look();
    const cancel = systemClock.after(
      longestWaitMs,
      () => reject(new Error(`No ${pattern} in ${JSON.stringify(this.#written)}`)),
    );
    try {
      await promise;
    } finally {
      cancel();
      this.#onWrite = () => {};
    }
    return this.#written;
  }

  type(text: string): void {
    this.#stdin.write(text);
  }

  resize(size: Size): void {
    Object.assign(this.#stdout, size).emit("resize");
  }
}

/** Longer than the timer that Ink leaves at its end, which does nothing more. */
const inksTimerMs = 50;

// With its first screen Ink begins to listen to the system's signals, for as long as the process lives.
await loadApp();
const [{ render, Text }, { createElement }] = await Promise.all([import("ink"), import("react")]);
render(createElement(Text), { ...new FakeTerminal().streams, interactive: true }).unmount();
await sleep(systemClock, inksTimerMs);

/** A test with a screen. It ends after Ink's last timer, so that Deno finds whatever else is left. */
export function screenTest(name: string, fn: () => Promise<void>): void {
  Deno.test(name, async () => {
    await fn();
    await sleep(systemClock, inksTimerMs);
  });
}
