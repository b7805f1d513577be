/** The one component with a life: it draws the model's state and hands it keys, pastes and sizes. */
import { setImmediate } from "node:timers/promises";
import { type Instance, render, useApp, useInput, usePaste, useStdin, useStdout, useWindowSize } from "ink";
import { useEffect, useLayoutEffect, useSyncExternalStore } from "react";
import type { ScreenModel } from "../screen_model.ts";
import { Frame } from "./frame.tsx";

/** Keys are answered within one of these. */
const maxFramesASecond = 30;

/** Ink draws its frame anew behind what is written: from the top left corner, over nothing. */
const emptyScreen = "\x1b[H\x1b[J";

/** Takes the terminal, until the instance is unmounted. */
export function openApp(model: ScreenModel, isColored: boolean): Instance {
  return render(<App model={model} isColored={isColored} />, {
    alternateScreen: true,
    incrementalRendering: true,
    // The log is the only one that writes, and it is told not to while there is a screen.
    patchConsole: false,
    exitOnCtrlC: false,
    interactive: true,
    maxFps: maxFramesASecond,
  });
}

function App({ model, isColored }: { model: ScreenModel; isColored: boolean }) {
  const state = useSyncExternalStore(model.subscribe, () => model.state);
  const { columns, rows } = useWindowSize();
  const { suspendTerminal } = useApp();
  const { stdin } = useStdin();
  const { write } = useStdout();
  useInput(model.press);
  usePaste((text) => model.send({ kind: "typed", text }));
  useLayoutEffect(() => model.resize({ columns, rows }), [model, columns, rows]);
  useEffect(() => {
    model.suspend = (run) =>
      suspendTerminal(async () => {
        await stopReading(stdin);
        await run().finally(() => stdin.resume());
      });
    model.repaint = () => write(emptyScreen);
    // Ink began its first frame where the cursor stood.
    model.repaint();
  }, [model, suspendTerminal, stdin, write]);
  return <Frame state={state} isColored={isColored} />;
}

/**
 * Ink only looks no more: the stream would go on to read, and take keys from the program that has the terminal.
 * It can be paused once it knows that nobody looks, in the next turn, and does so in the one after.
 */
async function stopReading(stdin: { pause(): unknown }): Promise<void> {
  await setImmediate();
  stdin.pause();
  await setImmediate();
}
