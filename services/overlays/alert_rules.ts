/** Which events are alerts, and how they are announced, by the rules of the config. */
import { Rules } from "livecue/rules";
import type { LiveEvent, QueueItem, ServiceState } from "livecue/service";
import type { Alert } from "./messages.ts";
import type { AlertAction, Options } from "./options.ts";

/** More streaks do not run at once. */
const maxStreaks = 500;

export class AlertRules {
  readonly #options: Options["rules"];
  readonly #rules: Rules<AlertAction>;
  /** Of streaks: one that has become an alert stays one, whatever else it adds. The latest stands last. */
  readonly #streaks = new Map<string, Promise<AlertAction | null>>();

  constructor(rules: Options["rules"], state: ServiceState) {
    this.#options = rules;
    this.#rules = new Rules(rules, state);
  }

  /** Null where the event is no alert. The first rule that matches decides. */
  async alertOf(event: LiveEvent, item: QueueItem): Promise<Alert | null> {
    const action = await this.#actionOf(event, item);
    return action && announced(action, event, item);
  }

  /** What a test of this type looks like: as its first rule says, whatever the rule's conditions. */
  alertOfTest(event: LiveEvent, item: Pick<QueueItem, "count">): Alert | null {
    const rule = this.#options.find(({ when }) => when.includes(event.type));
    return rule === undefined ? null : announced(rule.do, event, item);
  }

  #actionOf(event: LiveEvent, item: QueueItem): Promise<AlertAction | null> {
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
    item: QueueItem,
  ): Promise<AlertAction | null> {
    return await before ?? await this.#match(event, item);
  }

  async #match(event: LiveEvent, item: QueueItem): Promise<AlertAction | null> {
    const [first] = await this.#rules.match(event, item);
    return first ?? null;
  }
}

function announced(action: AlertAction, event: LiveEvent, item: Pick<QueueItem, "count">): Alert {
  return {
    text: action.text?.fill(event, item) ?? "",
    durationSeconds: action.duration_seconds ?? null,
    sound: action.sound ?? "",
  };
}
