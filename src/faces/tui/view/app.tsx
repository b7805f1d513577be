/**
 * The component that Ink renders: the rows of a frame, each already fitted to its width. Ink and React manage the
 * terminal, write the changed rows, and read keys, pastes and sizes. Only `loadApp` may import this module.
 */
import { setImmediate } from "node:timers";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type Instance,
  render,
  Transform,
  useApp,
  useInput,
  usePaste,
  useStdin,
  useStdout,
  useWindowSize,
} from "ink";
import { useEffect, useLayoutEffect, useSyncExternalStore } from "react";
import { systemClock } from "../../../clock.ts";
import type { ScreenModel } from "../screen_model.ts";
import type { ScreenState } from "../state.ts";
import { TerminalInput } from "../terminal_input.ts";

/** The terminal that shows the screen. */
export interface TerminalStreams {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
}

export interface AppOptions {
  model: ScreenModel;
  /** Returns the rows of a frame, none wider than the window. Called once per state. */
  draw: (state: ScreenState) => string[];
}

/** Key presses take effect within one frame. */
const maxFramesPerSecond = 30;

/** Ink redraws its frame after this text: from the top left corner, on an empty screen. */
const emptyScreen = "\x1b[H\x1b[J";

/** Takes over the terminal and draws frames until the instance is unmounted. */
export function openApp({ model, draw }: AppOptions, streams: TerminalStreams): Instance {
  const { columns = 80, rows = 24 } = streams.stdout;
  model.resize({ columns, rows });
  const input = new TerminalInput({
    stdin: streams.stdin,
    clock: systemClock,
    onKey: model.pressKey,
    onMouse: (event) => model.send({ kind: "mouse", event }),
  });
  return render(<App model={model} frames={framesOf(model, draw)} input={input} />, {
    ...streams,
    stdin: input.stdin,
    alternateScreen: true,
    incrementalRendering: true,
    // Only the log writes to the console, and it does not while the screen is shown.
    patchConsole: false,
    exitOnCtrlC: false,
    interactive: true,
    maxFps: maxFramesPerSecond,
  });
}

function App({ model, frames, input }: { model: ScreenModel; frames: Frames; input: TerminalInput }) {
  // If two states look the same, React sees no change and Ink draws nothing.
  const text = useSyncExternalStore(frames.subscribe, frames.current);
  useTerminal(model, input);
  useMouse(model);
  return <Rows text={text} />;
}

interface Frames {
  /** The rows of the model's state as one text, which React compares with the previous one. */
  current(): string;
  subscribe(listener: () => void): () => void;
}

/**
 * Draws a frame in one turn and passes it to Ink in the next, so that an event waits for at most half of the work. A
 * terminal may send hundreds of keys at once: what changes in the meantime is drawn once, in the next turn.
 */
function framesOf(model: ScreenModel, draw: AppOptions["draw"]): Frames {
  let drawn: ScreenState | null = null;
  let text = "";
  const current = () => {
    const { state } = model;
    if (state !== drawn) text = draw(state).join("\n");
    drawn = state;
    return text;
  };
  const subscribe = (listener: () => void) => {
    let isAwaited = false;
    return model.subscribe(() => {
      if (isAwaited) return;
      isAwaited = true;
      try {
        current();
      } catch {
        // React draws the frame again, fails in the same way, and closes the screen.
      }
      setImmediate(() => {
        isAwaited = false;
        listener();
      });
    });
  };
  return { current, subscribe };
}

/**
 * Ink lays out a single text of empty rows, and the transform inserts the frame's rows as Ink writes. With a text per
 * row, Ink would measure and split each row twice, which costs twice as much (3.3 ms per frame of 120×40 instead of
 * 1.8).
 */
function Rows({ text }: { text: string }) {
  const rows = text.split("\n");
  return (
    <Transform transform={(_, row) => rows[row] ?? ""} accessibilityLabel={text}>
      {rows.map(() => " ").join("\n")}
    </Transform>
  );
}

/** Presses and the wheel, in the SGR form. */
const mouseOn = "\x1b[?1000h\x1b[?1006h";
const mouseOff = "\x1b[?1006l\x1b[?1000l";

/** Has the terminal report the mouse, unless the config forbids it. */
function useMouse(model: ScreenModel): void {
  const isOn = useSyncExternalStore(model.subscribe, () => model.state.snapshot.settings.mouse);
  const { stdout } = useStdout();
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
function useTerminal(model: ScreenModel, input: TerminalInput): void {
  const { columns, rows } = useWindowSize();
  const { suspendTerminal, waitUntilRenderFlush } = useApp();
  const { stdin } = useStdin();
  const { write } = useStdout();
  useInput(model.press);
  usePaste((text) => model.send({ kind: "typed", text }));
  useEffect(() => input.stop, [input]);
  useEffect(() => {
    let isLent = false;
    model.repaint = () => {
      if (isLent) return;
      write(emptyScreen);
      // A shell may have changed it meanwhile.
      model.reportMouse(true);
    };
    model.lend = async (run) => {
      isLent = true;
      model.reportMouse(false);
      await suspendTerminal(async () => {
        input.stop();
        await stopReading(stdin);
        await run().finally(() => stdin.resume());
      }).finally(() => isLent = false);
      // Keys typed while the other program exited may have been echoed at the top of the screen.
      model.repaint();
    };
  }, [model, input, suspendTerminal, stdin, write]);
  useLayoutEffect(() => {
    model.resize({ columns, rows });
    // Ink starts its first frame at the cursor, and after a change of size the terminal has wrapped and moved the rows.
    void waitUntilRenderFlush().then(() => model.repaint());
  }, [model, columns, rows, waitUntilRenderFlush]);
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
