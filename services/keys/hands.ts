/** Presses keys in the one window, and in no other. */
import { t } from "livecue/language";
import { setTimeout as wait } from "node:timers/promises";
import { UserError } from "livecue/service";
import { type Backend, type CommandEnd, exitCodes, type Target } from "./backends/backend.ts";
import { type Deed, describeDeeds } from "./deed.ts";
import { runHelper } from "./pressing_program.ts";
import { quote } from "./window.ts";

/** How often a press is tried while another window is in front. */
const retryMs = 250;

export interface HandsOptions {
  backend: Backend;
  target: Target;
  /** How long a press waits for the window to come to the front. */
  waitMs: number;
  /** Called once for each press that has to wait. */
  onWait(): void;
  /** From its abort on, nothing is held. */
  stopping: AbortSignal;
}

export class Hands {
  readonly #options: HandsOptions;
  /** Aborts to release what is held. */
  #releasing = new AbortController();

  constructor(options: HandsOptions) {
    this.#options = options;
  }

  /** Releases at once what is held. Later deeds work as before. */
  release(): void {
    this.#releasing.abort();
    this.#releasing = new AbortController();
  }

  /**
   * Resolves when the deed is done; a hold that was cut short is done too. Rejects with a `UserError` if it was not
   * done, for example because another window stayed in front, and with the signal's reason if that aborted before.
   */
  async perform(deed: Deed, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (deed.kind === "pause") return void await wait(deed.ms, undefined, { signal });
    const { backend, target, waitMs, onWait, stopping } = this.#options;
    if (backend.obstacle !== null) throw new UserError(backend.obstacle);
    if (target.title === "") throw new UserError(noWindow());
    const until = performance.now() + waitMs;
    const release = AbortSignal.any([signal, stopping, this.#releasing.signal]);
    const holdMs = deed.kind === "press" ? deed.ms : 0;
    for (let attempt = 1;; attempt++) {
      const end = await runHelper(backend, backend.act(deed, target), { release, holdMs });
      if (end.code === 0) return;
      const isElsewhere = end.code === exitCodes.elsewhere || end.code === exitCodes.pointerElsewhere;
      if (!isElsewhere) throw new UserError(`${backend.explain(end).replace(/\.$/, "")}.`);
      if (performance.now() + retryMs > until) throw new UserError(this.#elsewhere(end, deed));
      if (attempt === 1) onWait();
      await wait(retryMs, undefined, { signal });
    }
  }

  #elsewhere({ code, output }: CommandEnd, deed: Deed): string {
    const target = quote(this.#options.target.title);
    const what = describeDeeds([deed]);
    if (code === exitCodes.pointerElsewhere) {
      return t`The mouse is not over ${target}, so Livecue did not send: ${what}.`;
    }
    const front = output.trim();
    return front === ""
      ? t`No window is in front, not ${target}, so Livecue did not press: ${what}.`
      : t`${quote(front)} is in front, not ${target}, so Livecue did not press: ${what}.`;
  }
}

/** Without a title, every window would fit. */
export const noWindow = () =>
  t`No window is named, so no key is pressed. Set "window" in the options to a part of the game's title; "deno task livecue keys windows" lists the titles.`;
