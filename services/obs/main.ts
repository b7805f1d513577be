/** Controls OBS by the events of a live, over obs-websocket 5. */
import { setTimeout as wait } from "node:timers/promises";
import { Rules } from "livecue/rules";
import { readSecret } from "livecue/secret";
import { BaseQueueService, type LiveEvent, type QueueItem, type ServiceContext } from "livecue/service";
import { check } from "./check.ts";
import { type Call, Connection } from "./connection.ts";
import { type Hold, Holds } from "./holds.ts";
import type { Action, Options } from "./options.ts";
import { shownText } from "./shown_text.ts";
import { mistakeIn, type Survey, takeSurvey } from "./survey.ts";
import { findSource, quote, type Thing, type Value } from "./things.ts";
import { codeOf, Refusal } from "./trouble.ts";

export { optionsSchema } from "./options.ts";

export const commands = { check };

const stateKey = "held";
/** obs-websocket's code for an unknown name. */
const resourceNotFound = 600;

interface Lasting {
  hold: Hold;
  seconds: number;
}

export default class Obs extends BaseQueueService<Options> {
  readonly #rules: Rules<Action[]>;
  readonly #connection: Connection;
  readonly #holds: Holds;
  readonly #actions: readonly Action[];
  #survey: Survey | null = null;
  /** The mistakes in the rules that have been logged and still exist. */
  #logged = new Set<string>();

  constructor(context: ServiceContext<Options>) {
    super(context);
    const { host, port, rules } = this.options;
    this.#rules = new Rules(rules, this.state);
    this.#actions = rules.flatMap((rule) => rule.do);
    this.#connection = new Connection({
      host,
      port,
      readPassword: () => readSecret("password", this.options, this.configFolder),
      log: this.log,
      signal: this.signal,
      onConnected: async (call) => {
        await this.#holds.restore(call);
        await this.#checkRules(call);
      },
    });
    this.#holds = new Holds({
      call: this.#connection.call,
      save: (kept) => this.state.set(stateKey, kept),
      load: () => this.state.get(stateKey),
    });
  }

  /** Does not wait for OBS, which may be started later. */
  override async onStart(): Promise<void> {
    await this.#holds.load();
    void this.#connection.keepConnected();
  }

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    const actions = (await this.#rules.match(event, item)).flat();
    if (actions.length === 0) return true;
    await this.#connection.ready(this.options.wait_seconds * 1000, item.signal);
    const lasting: Lasting[] = [];
    try {
      const refused = await this.#startAll(actions, event, item, lasting);
      await Promise.all(lasting.map(async ({ hold, seconds }) => {
        await wait(seconds * 1000, undefined, { signal: item.signal });
        await hold.end();
      }));
      if (refused.length > 0) throw new Refusal(refused.join(" "));
    } finally {
      for (const { hold } of lasting) await hold.end();
    }
    return true;
  }

  /** By now each item has ended its holds. What could not be restored then is tried once more. */
  override async onStop(): Promise<void> {
    await this.#holds.restore(this.#connection.call);
    await this.#connection.close();
  }

  /** Starts the actions in order. Adds those that last to `lasting`, and returns what OBS refused. */
  async #startAll(
    actions: readonly Action[],
    event: LiveEvent,
    item: QueueItem,
    lasting: Lasting[],
  ): Promise<string[]> {
    const refused: string[] = [];
    for (const action of actions) {
      try {
        const hold = await this.#start(action, event, item);
        if (hold !== null) lasting.push(hold);
      } catch (error) {
        if (!(error instanceof Refusal) && codeOf(error) === undefined) throw error;
        refused.push(await this.#explain(action, error));
      }
      item.signal.throwIfAborted();
    }
    return refused;
  }

  /** Returns null if nothing has to be ended later. */
  async #start(action: Action, event: LiveEvent, item: QueueItem): Promise<Lasting | null> {
    const { call } = this.#connection;
    switch (action.action) {
      case "scene":
        return await this.#put({ kind: "scene" }, () => action.scene, action.seconds);
      case "show":
      case "hide":
        return await this.#put(
          await findSource(call, action),
          () => action.action === "show",
          action.seconds,
        );
      case "text": {
        const text = action.text.fill(event, item, shownText);
        return await this.#put({ kind: "text", source: action.source }, () => text, action.seconds);
      }
      case "filter": {
        const { source, filter, enabled } = action;
        const choose = (before: Value) => enabled === "toggle" ? !before : enabled;
        return await this.#put({ kind: "filter", source, filter }, choose, action.seconds);
      }
      case "mute":
      case "unmute":
        return await this.#put(
          { kind: "mute", source: action.source },
          () => action.action === "mute",
          action.seconds,
        );
      case "play": {
        const mediaAction = "OBS_WEBSOCKET_MEDIA_INPUT_ACTION_RESTART";
        await call("TriggerMediaInputAction", { inputName: action.source, mediaAction });
        return null;
      }
      case "hotkey":
        await call("TriggerHotkeyByName", { hotkeyName: action.hotkey });
        return null;
    }
  }

  async #put(thing: Thing, choose: (before: Value) => Value, seconds?: number): Promise<Lasting | null> {
    if (seconds !== undefined) return { hold: await this.#holds.take(thing, choose), seconds };
    await this.#holds.change(thing, choose);
    return null;
  }

  /** Checks all rules at each connection, so that a streamer learns of a wrong name before the live. */
  async #checkRules(call: Call): Promise<void> {
    if (this.#actions.length === 0) {
      this.log.warn("There are no rules in the options, so nothing will happen in OBS.");
    }
    try {
      this.#logMistakes(await takeSurvey(call, this.#actions));
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      this.log.warn(
        `The names in the rules cannot be checked, because OBS does not list its contents (${
          messageOf(error)
        }).`,
      );
    }
  }

  #logMistakes(survey: Survey): void {
    const mistakes = this.#actions.map((action) => mistakeIn(action, survey)).filter((each) => each !== null);
    for (const mistake of new Set(mistakes)) if (!this.#logged.has(mistake)) this.log.warn(mistake);
    this.#logged = new Set(mistakes);
    this.#survey = survey;
  }

  /** Repeats the survey only if a known name has disappeared, because a frequent gift would otherwise keep OBS busy. */
  async #explain(action: Action, error: unknown): Promise<string> {
    const known = this.#survey && mistakeIn(action, this.#survey);
    if (known !== null) return known;
    if (error instanceof Refusal) return error.message;
    if (codeOf(error) === resourceNotFound) {
      await this.#checkRules(this.#connection.call);
      const mistake = this.#survey && mistakeIn(action, this.#survey);
      if (mistake !== null) return mistake;
    }
    return `OBS refused the action ${quote(action.action)}: ${messageOf(error)}`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
