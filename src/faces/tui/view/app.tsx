/**
 * What Ink draws: the rows of a frame, each a text that has its width already. Ink and React hold the terminal, write
 * the rows that differ, and read keys, pastes and sizes. Only `loadApp` may import this module.
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
import type { ScreenModel } from "../screen_model.ts";
import type { ScreenState } from "../state.ts";

/** Where the screen is shown. */
export interface TerminalStreams {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
}

export interface AppOptions {
  model: ScreenModel;
  /** The rows of a frame, none wider than the window; called once a state. */
  draw: (state: ScreenState) => string[];
}

/** Keys are answered within one of these. */
const maxFramesASecond = 30;

/** Ink draws its frame anew behind what is written: from the top left corner, over nothing. */
const emptyScreen = "\x1b[H\x1b[J";

/** Takes the terminal and draws the first frame, until the instance is unmounted. */
export function openApp({ model, draw }: AppOptions, streams: TerminalStreams): Instance {
  const { columns = 80, rows = 24 } = streams.stdout;
  model.resize({ columns, rows });
  return render(<App model={model} frames={framesOf(model, draw)} />, {
    ...streams,
    alternateScreen: true,
    incrementalRendering: true,
    // The log is the only one that writes, and it is told not to while there is a screen.
    patchConsole: false,
    exitOnCtrlC: false,
    interactive: true,
    maxFps: maxFramesASecond,
  });
}

function App({ model, frames }: { model: ScreenModel; frames: Frames }) {
  // Where two states look the same, React sees no change and Ink does nothing.
  const text = useSyncExternalStore(frames.subscribe, frames.current);
  useTerminal(model);
  return <Rows text={text} />;
}

interface Frames {
  /** The rows of the model's state as one text, which React compares with the one before. */
  current(): string;
  subscribe(listener: () => void): () => void;
}

/** A frame is drawn in one turn and goes to Ink in the next, so that an event waits for half of the work at most. */
function framesOf(model: ScreenModel, draw: AppOptions["draw"]): Frames {
  let drawn: ScreenState | null = null;
  let text = "";
  const current = () => {
    const { state } = model;
    if (state !== drawn) text = draw(state).join("\n");
    drawn = state;
    return text;
  };
  const subscribe = (listener: () => void) =>
    model.subscribe(() => {
      try {
        current();
      } catch {
        // React draws it again, fails as well, and ends the screen.
      }
      setImmediate(listener);
    });
  return { current, subscribe };
}

/**
 * Ink lays out one text of empty rows, and the frame's rows are put in as it writes. Laid out as texts of their own
 * they cost twice as much (3.3 ms a frame of 120×40 in place of 1.8): Ink would measure and take apart each twice.
 */
function Rows({ text }: { text: string }) {
  const rows = text.split("\n");
  return (
    <Transform transform={(_, row) => rows[row] ?? ""} accessibilityLabel={text}>
      {rows.map(() => " ").join("\n")}
    </Transform>
  );
}

/** Hands the model what the terminal tells, and the ways to lend it and to draw all of it again. */
function useTerminal(model: ScreenModel): void {
  const { columns, rows } = useWindowSize();
  const { suspendTerminal, waitUntilRenderFlush } = useApp();
  const { stdin } = useStdin();
  const { write } = useStdout();
  useInput(model.press);
  usePaste((text) => model.send({ kind: "typed", text }));
  useEffect(() => {
    model.repaint = () => write(emptyScreen);
    model.lend = async (run) => {
      await suspendTerminal(async () => {
        await stopReading(stdin);
        await run().finally(() => stdin.resume());
      });
      // What was typed as the other program ended stands where the screen begins.
      model.repaint();
    };
  }, [model, suspendTerminal, stdin, write]);
  useLayoutEffect(() => {
    model.resize({ columns, rows });
    // Ink began its first frame where the cursor stood; in another size a terminal has wrapped and moved the rows.
    void waitUntilRenderFlush().then(() => model.repaint());
  }, [model, columns, rows, waitUntilRenderFlush]);
}

/**
 * Ink only looks no more: the stream would go on to read, and take keys from the program that has the terminal.
 * It can be paused once it knows that nobody looks, in the next turn, and does so in the one after.
 */
async function stopReading(stdin: { pause(): unknown }): Promise<void> {
  await nextTurn();
  stdin.pause();
  await nextTurn();
}
