/** The terminal of a full-screen app: taken over while the app is shown, and restored however the process exits. */
import process from "node:process";
import { systemClock } from "../clock.ts";
import { QuietTerminal } from "./quiet_terminal.ts";

/** The app that the terminal shows. */
export interface ShownApp {
  /** Takes over the terminal and draws the first frame. */
  start(): Promise<void>;
  /** Restores the terminal at once. */
  stop(): void;
  /** Redraws everything. */
  repaint: () => void;
  /** Restores the terminal while this runs. */
  lend: (run: () => Promise<void>) => Promise<void>;
  /** Rejects with a rendering error. */
  readonly done: Promise<void>;
}

export interface ScreenTerminalOptions {
  /** Ends the app and all that belongs to it. */
  stop: () => Promise<void>;
  /** The terminal no longer exists, so nobody sees the run. */
  onGone: () => void;
}

/** An error anywhere, or an exit. Output that follows must not land on the screen. */
const endings = ["error", "unhandledrejection", "unload"] as const;
/** Whether a shell can suspend and continue Livecue, and write over the screen meanwhile. */
const canContinue = Deno.build.os !== "windows";

export class ScreenTerminal {
  /** The streams for the app. */
  readonly streams: QuietTerminal;
  readonly #options: ScreenTerminalOptions;
  #app: ShownApp | null = null;
  #isGuarding = false;
  #isLent = false;
  #hasStopped = false;

  constructor(options: ScreenTerminalOptions) {
    this.#options = options;
    this.streams = new QuietTerminal({
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      stream: Deno.stdout,
      clock: systemClock,
      onTorn: () => this.#repaint(),
      onGone: () => this.#leave(),
    });
  }

  /** Whether another program has the terminal. */
  get isLent(): boolean {
    return this.#isLent;
  }

  /** Resolves when the first frame is drawn, with whether the app is shown: a stop may have come first. */
  async show(app: ShownApp): Promise<boolean> {
    if (this.#hasStopped) return false;
    this.#app = app;
    await app.start();
    if (this.#hasStopped) return false;
    // A rendering error must not leave a live running that nobody sees.
    app.done.catch((error) => {
      void this.#options.stop();
      throw error;
    });
    this.#guard();
    return true;
  }

  /** Restores the terminal at once. Resolves when it has received all output, or does not read. */
  async stop(): Promise<void> {
    this.#hasStopped = true;
    if (this.#isGuarding) this.#endGuard();
    this.#app?.stop();
    await this.streams.flush();
  }

  /** Another program has the terminal while this runs. The app must have lent it. */
  async lentTo<Result>(run: () => Promise<Result>): Promise<Result> {
    this.#isLent = true;
    // Ink closes the screen at a Ctrl-C without another listener.
    process.on("SIGINT", leaveToProgram);
    try {
      await this.streams.flush();
      return await run();
    } finally {
      this.#isLent = false;
      process.off("SIGINT", leaveToProgram);
    }
  }

  readonly #repaint = (): void => this.#app?.repaint();

  #guard(): void {
    this.#isGuarding = true;
    for (const ending of endings) globalThis.addEventListener(ending, this.#stopAtOnce);
    // Kept until the process exits, because each write to a terminal that no longer exists emits an error.
    const leave = () => this.#leave();
    for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on("error", leave);
    if (!canContinue) return;
    Deno.addSignalListener("SIGCONT", this.#repaint);
    Deno.addSignalListener("SIGTSTP", this.#suspend);
  }

  #endGuard(): void {
    this.#isGuarding = false;
    for (const ending of endings) globalThis.removeEventListener(ending, this.#stopAtOnce);
    if (!canContinue) return;
    Deno.removeSignalListener("SIGCONT", this.#repaint);
    Deno.removeSignalListener("SIGTSTP", this.#suspend);
  }

  readonly #stopAtOnce = (): void => {
    this.streams.writeAtOnce();
    void this.#options.stop();
  };

  /** The shell gets its terminal back before the process stops. */
  readonly #suspend = (): void => {
    const stop = () => Deno.kill(Deno.pid, "SIGSTOP");
    if (this.#isLent || this.#app === null) return stop();
    this.#isLent = true;
    void this.#app.lend(async () => {
      await this.streams.flush();
      stop();
    }).finally(() => this.#isLent = false);
  };

  #leave(): void {
    void this.#options.stop();
    this.#options.onGone();
  }
}

/** A Ctrl-C in the other program is only for that. */
function leaveToProgram(): void {}
