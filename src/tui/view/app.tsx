/** The one component with a life: it draws the model's state and hands it keys, pastes and sizes. */
import { type Instance, render, useApp, useInput, usePaste, useWindowSize } from "ink";
import { useEffect, useLayoutEffect, useSyncExternalStore } from "react";
import type { ScreenModel } from "../screen.ts";
import { Frame } from "./frame.tsx";

/** Keys are answered within one of these. */
const maxFramesASecond = 30;

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
  useInput(model.press);
  usePaste((text) => model.send({ kind: "typed", text }));
  useLayoutEffect(() => model.resize({ columns, rows }), [model, columns, rows]);
  useEffect(() => {
    model.suspend = (run) => suspendTerminal(run);
  }, [model, suspendTerminal]);
  return <Frame state={state} isColored={isColored} />;
}
