/**
 * Passes the panes of one worker on to the screen, cleaned, limited in number, and throttled, and the trouble that it
 * reports, which the log has too.
 */
import { cleanText } from "../clean_text.ts";
import type { Clock } from "../clock.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import type { Pane, PaneLine } from "../pane.ts";
import type { Feed } from "./feed.ts";
import type { MessageFromWorker } from "./protocol.ts";

export interface ShownPanesOptions {
  clock: Clock;
  log: Log;
  screen: Pick<Feed, "show" | "trouble">;
}

const maxPanes = 20;
/** Between two updates of the screen. */
const intervalMs = 100;

const maxTitle = 40;
const maxLabel = 60;
const maxValue = 200;
const maxDoes = 20;
const maxTrouble = 300;

export class ShownPanes {
  readonly #options: ShownPanesOptions;
  readonly #titles = new Set<string>();
  /** The latest pane for each title since the last update. */
  readonly #waiting = new Map<string, Pane>();
  #shownAt = -Infinity;
  #cancel: (() => void) | null = null;
  #hasWarned = false;
  #trouble: string | null = null;

  constructor(options: ShownPanesOptions) {
    this.#options = options;
  }

  /** Takes a message that `messageMistake` has accepted. */
  receive(message: MessageFromWorker & { kind: "show" | "trouble" }): void {
    if (message.kind === "show") this.#receivePane(cleanPane(message.pane));
    else this.#receiveTrouble(message.text === null ? null : cleanText(message.text, maxTrouble));
  }

  /** Logs a trouble once, and its end. */
  #receiveTrouble(text: string | null): void {
    if (text === this.#trouble) return;
    const { log, screen } = this.#options;
    this.#trouble = text;
    screen.trouble(text);
    if (text === null) log.info(t`the trouble is over`);
    else log.error(text);
  }

  #receivePane(pane: Pane): void {
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

  /** Removes all panes and the trouble. Call it when the worker has ended and sends no more. */
  close(): void {
    this.#cancel?.();
    this.#waiting.clear();
    for (const title of this.#titles) this.#options.screen.show({ title, lines: [] });
    this.#titles.clear();
    if (this.#trouble !== null) this.#options.screen.trouble(null);
    this.#trouble = null;
  }

  #showAll(): void {
    this.#cancel = null;
    this.#shownAt = this.#options.clock.monotonic();
    for (const [title, pane] of this.#waiting) {
      if (pane.lines.length === 0) this.#titles.delete(title);
      this.#options.screen.show(pane);
    }
    this.#waiting.clear();
  }

  #warn(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#options.log.warn(t`the service shows over ${maxPanes} panes: Livecue ignores the later ones`);
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
