/**
 * The component that Ink renders. Ink and React manage the terminal and its modes, and read keys, pastes and sizes. The
 * component itself is empty: a painter writes the rows of a frame. Only `loadApp` may import this module.
 */
import { clearImmediate, setImmediate } from "node:timers";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Instance, render, useApp, useInput, usePaste, useStdin, useWindowSize } from "ink";
import { useEffect, useLayoutEffect, useSyncExternalStore } from "react";
import { systemClock } from "../../../clock.ts";
import { Painter } from "../painter.ts";
import { TerminalInput } from "../terminal_input.ts";
import type { TerminalModel } from "../terminal_model.ts";

/** The terminal that shows the screen. */
export interface TerminalStreams {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
}

export interface AppOptions<State> {
  model: TerminalModel<State>;
  /** Returns the rows of a frame, none wider than the window. */
  draw: (state: State) => string[];
}

/** Takes over the terminal and draws frames until the instance is unmounted. */
export function openApp<State>({ model, draw }: AppOptions<State>, streams: TerminalStreams): Instance {
  const { columns = 80, rows = 24 } = streams.stdout;
  model.resize({ columns, rows });
  const input = new TerminalInput({
    stdin: streams.stdin,
    clock: systemClock,
    onKey: model.pressKey,
    onMouse: model.mouse,
  });
  const frames = new Frames(model, () => draw(model.state), new Painter(streams.stdout));
  return render(<App model={model} frames={frames} input={input} stdout={streams.stdout} />, {
    ...streams,
    stdin: input.stdin,
    alternateScreen: true,
    // Only the log writes to the console, and it does not while the screen is shown.
    patchConsole: false,
    exitOnCtrlC: false,
    interactive: true,
  });
}

type AnyModel = TerminalModel<unknown>;

interface AppProps {
  model: AnyModel;
  frames: Frames;
  input: TerminalInput;
  stdout: NodeJS.WriteStream;
}

function App({ model, frames, input, stdout }: AppProps) {
  const { exit } = useApp();
  useLayoutEffect(() => frames.start(exit), [frames, exit]);
  useTerminal({ model, frames, input });
  useMouse(model, stdout);
  return null;
}

/**
 * Draws a frame in the turn after a change. A terminal may send hundreds of keys at once: what changes in one turn is
 * drawn once.
 */
class Frames {
  readonly #model: AnyModel;
  readonly #draw: () => string[];
  readonly #painter: Painter;
  #awaited: ReturnType<typeof setImmediate> | null = null;
  /** While another program has the terminal, nothing is painted. */
  isLent = false;
  #onError: (error: Error) => void = () => {};

  constructor(model: AnyModel, draw: () => string[], painter: Painter) {
    this.#model = model;
    this.#draw = draw;
    this.#painter = painter;
  }

  /** Paints frames until the returned function is called. Calls `onError` if one cannot be drawn. */
  start(onError: (error: Error) => void): () => void {
    this.#onError = onError;
    const unsubscribe = this.#model.subscribe(() => this.#paintSoon());
    return () => {
      unsubscribe();
      if (this.#awaited !== null) clearImmediate(this.#awaited);
    };
  }

  repaint(): void {
    this.#painter.forget();
    this.#paint();
  }

  #paintSoon(): void {
    this.#awaited ??= setImmediate(() => {
      this.#awaited = null;
      this.#paint();
    });
  }

  #paint(): void {
    if (this.isLent) return;
    try {
      this.#painter.paint(this.#draw());
    } catch (error) {
      this.#onError(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

/** Presses and the wheel, in the SGR form. */
const mouseOn = "\x1b[?1000h\x1b[?1006h";
const mouseOff = "\x1b[?1006l\x1b[?1000l";

/** Has the terminal report the mouse, unless the config forbids it. */
function useMouse(model: AnyModel, stdout: NodeJS.WriteStream): void {
  const isOn = useSyncExternalStore(model.subscribe, () => model.usesMouse);
  useLayoutEffect(() => {
    if (!isOn) return;
    model.reportMouse = (isReporting) => stdout.write(isReporting ? mouseOn : mouseOff);
    model.reportMouse(true);
    return () => {
      model.reportMouse(false);
      model.reportMouse = () => {};
    };
  }, [model, isOn, stdout]);
}

/** Passes the terminal's input to the model, and gives the model functions that lend the terminal and redraw the screen. */
function useTerminal({ model, frames, input }: Omit<AppProps, "stdout">): void {
  const { columns, rows } = useWindowSize();
  const { suspendTerminal } = useApp();
  const { stdin } = useStdin();
  useInput(model.press);
  usePaste(model.paste);
  useEffect(() => input.stop, [input]);
  useEffect(() => {
    model.repaint = () => {
      if (frames.isLent) return;
      frames.repaint();
      // A shell may have changed it meanwhile.
      model.reportMouse(true);
    };
    model.lend = async (run) => {
      frames.isLent = true;
      model.reportMouse(false);
      await suspendTerminal(async () => {
        input.stop();
        await stopReading(stdin);
        await run().finally(() => stdin.resume());
      }).finally(() => frames.isLent = false);
      // Keys typed while the other program exited may have been echoed at the top of the screen.
      model.repaint();
    };
  }, [model, frames, input, suspendTerminal, stdin]);
  useLayoutEffect(() => {
    model.resize({ columns, rows });
    // Ink has written its own, empty frame, and after a change of size the terminal has wrapped and moved the rows.
    frames.repaint();
  }, [model, frames, columns, rows]);
}

/**
 * Ink only removes its listeners, so the stream would go on reading and take keys from the program that has the
 * terminal. The stream can be paused in the next turn, once it knows that it has no listeners. The pause takes effect
 * in the turn after that.
 */
async function stopReading(stdin: { pause(): unknown }): Promise<void> {
  await nextTurn();
  stdin.pause();
  await nextTurn();
}
