/** Viewers press keys and move the mouse in a game: rules say which of their events presses what. */
import { t } from "livecue/language";
import { Rules } from "livecue/rules";
import { BaseQueueService, type LiveEvent, type QueueItem, type ServiceContext } from "livecue/service";
import { backendOfSystem } from "./backends/system.ts";
import { check, tryKey, windows } from "./commands.ts";
import { type Deed, describeDeeds } from "./deed.ts";
import { Gate } from "./gate.ts";
import { Hands } from "./hands.ts";
import type { Options, Step } from "./options.ts";
import { paneOf, type PaneState, pauseKey, rehearseKey } from "./pane.ts";
import { planOf } from "./plan.ts";
import { Turns } from "./turns.ts";
import { look, quote, stateOf } from "./window.ts";

export { optionsSchema } from "./options.ts";

export const commands = { check, windows, try: tryKey };

export default class Keys extends BaseQueueService<Options> {
  readonly #rules: Rules<Step[]>;
  readonly #hands: Hands;
  readonly #backend = backendOfSystem();
  readonly #turns = new Turns();
  readonly #pause = new Gate();
  #state: Omit<PaneState, "isPaused" | "waitingCount">;

  constructor(context: ServiceContext<Options>) {
    super(context);
    const { rules, window, window_match, rehearse, wait_seconds } = this.options;
    const target = { title: window, match: window_match };
    this.#rules = new Rules(rules, this.state);
    const waitMs = wait_seconds * 1000;
    const onWait = () => this.log.debug(t`Waits until ${quote(window)} is in front.`);
    this.#hands = new Hands({ backend: this.#backend, target, waitMs, onWait, stopping: this.stopping });
    this.#state = { target, isRehearsal: rehearse, window: null, last: null };
  }

  override onStart(): void {
    if (this.options.rules.length === 0) {
      this.log.warn(t`There are no rules in the options, so no key is pressed.`);
    }
    this.#tellMode();
    this.#show();
    void this.#look();
    this.every(this.#backend.lookSeconds, () => this.#look());
  }

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    const plan = planOf((await this.#rules.match(event, item)).flat(), event, item);
    if (plan.length === 0) return true;
    // Sync items are worth a press each, as a gift that was paid for.
    const key = item.isAsync ? JSON.stringify(plan) : null;
    const turn = this.#turns.take(key, () => this.#perform(plan, event, item.signal));
    this.#show();
    await turn;
    return true;
  }

  override onKeyPressed({ key }: { key: string }): void {
    if (key === rehearseKey) {
      this.#state.isRehearsal = !this.#state.isRehearsal;
      this.#hands.release();
      this.#tellMode();
    } else if (key === pauseKey) {
      this.#pause.toggle();
      this.#hands.release();
      this.log.info(this.#pause.isClosed ? t`Paused: no key is pressed, and events wait.` : t`Continues.`);
    }
    this.#show();
  }

  async #perform(plan: readonly Deed[], event: LiveEvent, signal: AbortSignal): Promise<void> {
    const who = event.user.nickname || event.user.uniqueId || event.type;
    const what = describeDeeds(plan);
    await this.#pause.opened(signal);
    if (this.#state.isRehearsal) {
      this.log.info(t`Rehearsal: ${who} would press ${what}.`);
    } else {
      await this.#pressAll(plan, signal);
      this.log.debug(t`${who} pressed ${what}.`);
    }
    this.#state.last = `${what}, ${who}`;
    this.#show();
  }

  async #pressAll(plan: readonly Deed[], signal: AbortSignal): Promise<void> {
    for (const [index, deed] of plan.entries()) {
      await this.#pause.opened(signal);
      // What was begun is not repeated after a restart, so its rest is left out.
      if (this.#state.isRehearsal || (index > 0 && this.stopping.aborted)) return;
      await this.#hands.perform(deed, signal);
    }
  }

  #tellMode(): void {
    const { isRehearsal, target } = this.#state;
    this.log.info(
      isRehearsal
        ? t`Rehearsal: the log says what viewers would press, and nothing is pressed. Press ${rehearseKey} on the pane, or set "rehearse" to false, to press for real.`
        : t`Viewers press keys for real, only in the window ${quote(target.title)}.`,
    );
  }

  async #look(): Promise<void> {
    const { target } = this.#state;
    try {
      this.#state.window = stateOf(target, await look(this.#backend, this.signal));
    } catch (error) {
      const trouble = error instanceof Error ? error.message : String(error);
      if (!this.#isKnownTrouble(trouble)) this.log.warn(trouble);
      this.#state.window = { trouble };
    }
    this.#show();
  }

  #isKnownTrouble(trouble: string): boolean {
    const { window } = this.#state;
    return window !== null && typeof window === "object" && window.trouble === trouble;
  }

  #show(): void {
    this.show(paneOf({
      ...this.#state,
      isPaused: this.#pause.isClosed,
      waitingCount: this.#turns.waitingCount,
    }));
  }
}
