/** Decides by the rules of the config which events are alerts and how they are announced. */
import { Rules } from "livecue/rules";
import type { KeptState, LiveEvent, QueueItem } from "livecue/service";
import type { Alert } from "./messages.ts";
import type { AlertAction, Options } from "./options.ts";

type Item = Pick<QueueItem, "count" | "isFirstOfUser">;

/** More streaks than ever run at once. */
const maxStreaks = 500;

/** State that stores nothing, so that a test neither waits for a cooldown nor starts one. */
const forgetful: KeptState = {
  get: () => Promise.resolve(undefined),
  set: () => Promise.resolve(),
};

export class AlertRules {
  readonly #options: Options["rules"];
  readonly #rules: Rules<AlertAction>;
  /** The action of each streak, latest last. A streak that has become an alert stays one. */
  readonly #streaks = new Map<string, Promise<AlertAction | null>>();

  constructor(rules: Options["rules"], state: KeptState) {
    this.#options = rules;
    this.#rules = new Rules(rules, state);
  }

  /** Returns null if the event is not an alert. The first rule that matches decides. */
  async alertOf(event: LiveEvent, item: Item): Promise<Alert | null> {
    const action = event.isTest ? await this.#actionOfTest(event, item) : await this.#actionOf(event, item);
    return action && announced(action, event, item);
  }

  /** Applies the rules without their cooldowns. If none matches, uses the first rule of the event's type. */
  async #actionOfTest(event: LiveEvent, item: Item): Promise<AlertAction | null> {
    const [first] = await new Rules(this.#options, forgetful).match(event, item);
    return first ?? this.#options.find(({ when }) => when.some((type) => type === event.type))?.do ?? null;
  }

  #actionOf(event: LiveEvent, item: Item): Promise<AlertAction | null> {
    if (event.streak === null) return this.#match(event, item);
    const { id } = event.streak;
    const action = this.#continue(this.#streaks.get(id), event, item);
    this.#streaks.delete(id);
    this.#streaks.set(id, action);
    for (const oldest of this.#streaks.keys()) {
      if (this.#streaks.size <= maxStreaks) break;
      this.#streaks.delete(oldest);
    }
    return action;
  }

  async #continue(
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

function namesViewer({ text }: AlertAction): boolean {
  return text?.parts.some((part) => typeof part !== "string" && part.placeholder === "user") ?? false;
}

function announced(action: AlertAction, event: LiveEvent, item: Item): Alert {
  return {
    text: action.text?.fill(event, item) ?? "",
    ...(namesViewer(action) ? { namesViewer: true } : {}),
    durationSeconds: action.duration_seconds ?? null,
    sound: action.sound ?? "",
    media: action.media ?? "",
    size: action.size ?? null,
  };
}
