/** Which events are alerts, and how they are announced, by the rules of the config. */
import { Rules } from "livecue/rules";
import type { KeptState, LiveEvent, QueueItem } from "livecue/service";
import type { Alert } from "./messages.ts";
import type { AlertAction, Options } from "./options.ts";

type Item = Pick<QueueItem, "count" | "isFirstOfUser">;

/** More streaks do not run at once. */
const maxStreaks = 500;

/** So that a test neither waits for a cooldown nor starts one. */
const forgetful: KeptState = {
  get: () => Promise.resolve(undefined),
  set: () => Promise.resolve(),
};

export class AlertRules {
  readonly #options: Options["rules"];
  readonly #rules: Rules<AlertAction>;
  /** Of streaks: one that has become an alert stays one, whatever else it adds. The latest stands last. */
  readonly #streaks = new Map<string, Promise<AlertAction | null>>();

  constructor(rules: Options["rules"], state: KeptState) {
    this.#options = rules;
    this.#rules = new Rules(rules, state);
  }

  /** Null where the event is no alert. The first rule that matches decides. */
  async alertOf(event: LiveEvent, item: Item): Promise<Alert | null> {
    const action = event.isTest ? await this.#actionOfTest(event, item) : await this.#actionOf(event, item);
    return action && announced(action, event, item);
  }

  /** As the rules say, without their cooldowns; where none matches, as the first one of its type says. */
  async #actionOfTest(event: LiveEvent, item: Item): Promise<AlertAction | null> {
    const [first] = await new Rules(this.#options, forgetful).match(event, item);
    return first ?? this.#options.find(({ when }) => when.some((type) => type === event.type))?.do ?? null;
  }

  #actionOf(event: LiveEvent, item: Item): Promise<AlertAction | null> {
    if (event.streak === null) return this.#match(event, item);
    const { id } = event.streak;
    const action = this.#goOn(this.#streaks.get(id), event, item);
    this.#streaks.delete(id);
    this.#streaks.set(id, action);
    for (const oldest of this.#streaks.keys()) {
      if (this.#streaks.size <= maxStreaks) break;
      this.#streaks.delete(oldest);
    }
    return action;
  }

  async #goOn(
    before: Promise<AlertAction | null> | undefined,
    event: LiveEvent,
    item: Item,
  ): Promise<AlertAction | null> {
    return await before ?? await this.#match(event, item);
  }

  async #match(event: LiveEvent, item: Item): Promise<AlertAction | null> {
    const [first] = await this.#rules.match(event, item);
    return first ?? null;
  }
}

function announced(action: AlertAction, event: LiveEvent, item: Item): Alert {
  return {
    text: action.text?.fill(event, item) ?? "",
    durationSeconds: action.duration_seconds ?? null,
    sound: action.sound ?? "",
  };
}
