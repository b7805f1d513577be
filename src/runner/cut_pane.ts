/** Makes a service's pane small enough to be sent. */
import type { Pane, PaneLine } from "../pane.ts";
import { maxPaneLines, maxPaneText } from "./checked_message.ts";

/**
 * Cuts whatever the service passed to the sizes that may be sent. It keeps one line above the limit, so that the pane
 * is refused.
 */
export function cutPane(pane: Pane): Pane {
  if (!Array.isArray(pane?.lines)) return pane;
  const cut = (text: unknown) => typeof text === "string" ? text.slice(0, maxPaneText) : text;
  const lines = pane.lines.slice(0, maxPaneLines + 1).map((line) => {
    if (typeof line !== "object" || line === null) return line;
    const { label, value, part } = line;
    return {
      label: cut(label),
      ...(value === undefined ? {} : { value: cut(value) }),
      ...(part === undefined ? {} : { part }),
    } as PaneLine;
  });
  const { title, keys } = pane;
  return { title, lines, ...(keys === undefined ? {} : { keys }) };
}
