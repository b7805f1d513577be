/** Controls OBS by the events of a live, over obs-websocket 5. */
import { t } from "livecue/language";
import { Rules } from "livecue/rules";
import { readSecret } from "livecue/secret";
import { BaseQueueService, type LiveEvent, type QueueItem, type ServiceContext } from "livecue/service";
import { check } from "./check.ts";
import { type Call, Connection, type OpenCollection } from "./connection.ts";
import { Holds, type Kept } from "./holds.ts";
import type { Action, Options } from "./options.ts";
import { setup } from "./setup.ts";
import { shownText } from "./shown_text.ts";
import { placesOf, whyUnseen } from "./scene_items.ts";
import { isMissing, mistakeIn, mistakesIn, type Survey, takeSurvey } from "./survey.ts";
import { quote, type Thing, type Value, whySilent } from "./things.ts";
import { codeOf, Refusal } from "./trouble.ts";

export { optionsSchema } from "./options.ts";

export const commands = { check, setup };

const stateKey = "changes";
/** obs-websocket's code for an unknown name. */
const resourceNotFound = 600;

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
      onTrouble: (text) => this.trouble(text),
      signal: this.signal,
      onOpened: async (open) => {
        await this.#holds.restore(open);
        await this.#checkRules(open);
      },
    });
    this.#holds = new Holds({
      withCollection: (act) => this.#connection.withCollection(act),
      save: (kept) => this.state.set(stateKey, kept),
      load: () => this.state.get<Kept[]>(stateKey),
      onFailure: (error) => this.log.error(t`A change could not be undone: ${messageOf(error)}`),
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
    const refused: string[] = [];
    const unseen: Action[] = [];
    for (const action of actions) {
      try {
        await this.#connection.withCollection((open) => this.#start(open, action, event, item));
        if (await this.#whyUnseen(action) !== null) unseen.push(action);
      } catch (error) {
        if (!(error instanceof Refusal) && codeOf(error) === undefined) throw error;
        refused.push(await this.#explain(action, error));
      }
      item.signal.throwIfAborted();
    }
    // A later action may have shown the group that a source is in.
    for (const action of unseen) {
      const why = await this.#whyUnseen(action);
      if (why !== null) refused.push(why);
    }
    if (refused.length > 0) throw new Refusal(refused.join(" "));
    return true;
  }

  /** Undoes at once what still lasts. What cannot be undone now is undone at the next start. */
  override async onStop(): Promise<void> {
    await this.#holds.endAll();
    await this.#connection.close();
  }

  /** Resolves when the action has begun. */
  async #start(open: OpenCollection, action: Action, event: LiveEvent, item: QueueItem): Promise<void> {
    const put = async (thing: Thing, choose: (before: Value) => Value) => {
      if (!("seconds" in action) || action.seconds === undefined) {
        await this.#holds.change(open, thing, choose);
      } else await this.#holds.take(open, thing, choose, action.seconds);
    };
    switch (action.action) {
      case "scene":
        return await put({ kind: "scene" }, () => action.scene);
      case "show":
      case "hide":
        for (const place of await placesOf(open.call, action)) {
          await put(place, () => action.action === "show");
        }
        return;
      case "text": {
        const text = action.text.fill(event, item, shownText);
        return await put({ kind: "text", source: action.source }, () => text);
      }
      case "filter": {
        const { source, filter, enabled } = action;
        return await put(
          { kind: "filter", source, filter },
          (before) => enabled === "toggle" ? !before : enabled,
        );
      }
      case "mute":
      case "unmute":
        return await put({ kind: "mute", source: action.source }, () => action.action === "mute");
      case "play":
        return await play(open.call, action.source);
      case "hotkey":
        await open.call("TriggerHotkeyByName", { hotkeyName: action.hotkey });
    }
  }

  /** Null for a source that viewers see, and for actions that show none in the scene on air. */
  async #whyUnseen(action: Action): Promise<string | null> {
    if (action.action !== "show" || action.scene !== undefined) return null;
    return await this.#connection.withCollection(({ call }) =>
      this.#holds.whileNothingChanges(() => whyUnseen(call, action.source))
    );
  }

  /** Checks all rules at each connection, so that a streamer learns of a wrong name before the live. */
  async #checkRules({ call }: OpenCollection): Promise<void> {
    if (this.#actions.length === 0) {
      this.log.warn(t`There are no rules in the options, so nothing will happen in OBS.`);
    }
    try {
      this.#logMistakes(await takeSurvey(call, this.#actions));
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      this.log.warn(
        t`The names in the rules cannot be checked, because OBS does not list its contents (${
          messageOf(error)
        }).`,
      );
    }
  }

  #logMistakes(survey: Survey): void {
    const mistakes = mistakesIn(this.options.rules, survey);
    for (const [mistake, option] of mistakes) {
      if (!this.#logged.has(mistake)) this.log.warn(mistake, { option });
    }
    this.#logged = new Set(mistakes.keys());
    this.#survey = survey;
  }

  /** Repeats the survey only if a known name has disappeared, because a frequent gift would otherwise keep OBS busy. */
  async #explain(action: Action, error: unknown): Promise<string> {
    const survey = this.#survey;
    const known = survey && mistakeIn(action, survey);
    // A refusal says what is wrong now. The survey may be older than the file that somebody chose since.
    if (error instanceof Refusal && (survey === null || !isMissing(action, survey))) return error.message;
    if (known !== null) return known;
    if (codeOf(error) === resourceNotFound) {
      await this.#connection.withCollection((open) => this.#checkRules(open));
      const mistake = this.#survey && mistakeIn(action, this.#survey);
      if (mistake !== null) return mistake;
    }
    return t`OBS refused the action ${quote(action.action)}: ${messageOf(error)}`;
  }
}

/** Throws a `Refusal` if nothing would be seen or heard of it. */
async function play(call: Call, source: string): Promise<void> {
  const why = await whySilent(call, source);
  if (why !== null) throw new Refusal(why);
  const { videoActive } = await call("GetSourceActive", { sourceName: source });
  if (!videoActive) {
    throw new Refusal(
      t`${
        quote(source)
      } would not play, because it is hidden or not in the scene on air. Make it visible in OBS, or put a "show" before the "play".`,
    );
  }
  const mediaAction = "OBS_WEBSOCKET_MEDIA_INPUT_ACTION_RESTART";
  await call("TriggerMediaInputAction", { inputName: source, mediaAction });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
