/** Passes the panes of one worker on to the screen: cleaned, limited in number, and throttled. */
import { cleanText } from "../clean_text.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log/log.ts";
import type { Pane, PaneLine } from "../pane.ts";

export interface ShownPanesOptions {
  clock: Clock;
  log: Log;
  show(pane: Pane): void;
}

const maxPanes = 20;
/** Between two updates of the screen. */
const intervalMs = 100;

const maxTitle = 40;
const maxLabel = 60;
const maxValue = 200;
const maxDoes = 20;

export class ShownPanes {
  readonly #options: ShownPanesOptions;
  readonly #titles = new Set<string>();
  /** The latest pane for each title since the last update. */
  readonly #waiting = new Map<string, Pane>();
  #shownAt = -Infinity;
  #cancel: (() => void) | null = null;
  #hasWarned = false;

  constructor(options: ShownPanesOptions) {
    this.#options = options;
  }

  /** Takes a pane that `paneMistake` has accepted. */
  receive(given: Pane): void {
    const pane = cleanPane(given);
    if (!this.#titles.has(pane.title)) {
      if (pane.lines.length === 0) return;
      if (this.#titles.size >= maxPanes) return this.#warn();
      this.#titles.add(pane.title);
    }
    this.#waiting.set(pane.title, pane);
    if (this.#cancel !== null) return;
    const { clock } = this.#options;
    const restMs = this.#shownAt + intervalMs - clock.monotonic();
    if (restMs <= 0) this.#showAll();
    else this.#cancel = clock.after(restMs, () => this.#showAll());
  }

  /** Removes all panes. Call it when the worker has ended and sends no more. */
  close(): void {
    this.#cancel?.();
    this.#waiting.clear();
    for (const title of this.#titles) this.#options.show({ title, lines: [] });
    this.#titles.clear();
  }

  #showAll(): void {
    this.#cancel = null;
    this.#shownAt = this.#options.clock.monotonic();
    for (const [title, pane] of this.#waiting) {
      if (pane.lines.length === 0) this.#titles.delete(title);
      this.#options.show(pane);
    }
    this.#waiting.clear();
  }

  #warn(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#options.log.warn(`the service shows over ${maxPanes} panes: Livecue ignores the later ones`);
  }
}

function cleanPane({ title, lines, keys }: Pane): Pane {
  return {
    title: cleanText(title, maxTitle),
    lines: lines.map(cleanPaneLine),
    ...(keys === undefined
      ? {}
      : { keys: keys.map(({ key, does }) => ({ key, does: cleanText(does, maxDoes) })) }),
  };
}

function cleanPaneLine({ label, value, part }: PaneLine): PaneLine {
  return {
    label: cleanText(label, maxLabel),
    ...(value === undefined ? {} : { value: cleanText(value, maxValue) }),
    ...(part === undefined ? {} : { part: Math.min(1, Math.max(0, part)) }),
  };
}
