/** Chrome's dinosaur plays by itself, and viewers help it, make it hard for it, or play: rules say which events do what. */
import { t } from "livecue/language";
import { amountOf, Rules } from "livecue/rules";
import { BaseQueueService, type LiveEvent, type QueueItem, type ServiceContext } from "livecue/service";
import { Board } from "./board.ts";
import { browserPath } from "./browser.ts";
import { check } from "./check.ts";
import { type Deed, type Doer, Game, type GameStatus } from "./game.ts";
import { LastingDeeds } from "./lasting_deeds.ts";
import { type Action, maxJumps, maxShields, type Options } from "./options.ts";
import { Records } from "./records.ts";
import { Teams } from "./teams.ts";

export { optionsSchema } from "./options.ts";

export const commands = { check };

export default class DinoChrome extends BaseQueueService<Options> {
  readonly #rules: Rules<Action>;
  readonly #records: Records;
  readonly #board: Board;
  readonly #teams: Teams;
  readonly #lasting: LastingDeeds;
  readonly #game: Game;

  constructor(context: ServiceContext<Options>) {
    super(context);
    this.#rules = new Rules(this.options.rules, this.state);
    this.#records = new Records(this.state);
    this.#board = new Board(this.state);
    this.#teams = new Teams(this.options.teams, this.state);
    this.#lasting = new LastingDeeds(this.state);
    const browser_path = browserPath(this.options.browser_path, this.configFolder);
    this.#game = new Game({ ...this.options, browser_path }, this.log, {
      onOpened: () => {
        this.#records.restart();
        void this.#showRecords();
        void this.#showStandings();
      },
      onStatus: (status) => this.#onStatus(status),
    });
  }

  override async onStart(): Promise<void> {
    await this.#records.load();
    const deeds = await this.#lasting.load();
    if (deeds !== null) this.#game.restore(deeds);
    this.#game.start();
  }

  override async onStop(): Promise<void> {
    await this.#game.stop();
    await this.#records.save();
    await this.#lasting.save();
  }

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    await this.#records.enter(event);
    await this.#board.enter(event);
    if (await this.#teams.count(event, item)) await this.#showStandings();
    const actions = await this.#rules.match(event, item);
    for (const [index, action] of actions.entries()) await this.#act(action, event, { item, index });
    return true;
  }

  async #act(
    action: Action,
    event: LiveEvent,
    { item, index }: { item: QueueItem; index: number },
  ): Promise<void> {
    const { user } = event;
    const id = user.id || user.uniqueId;
    const who: Doer = { id, name: user.nickname || user.uniqueId, team: this.#teams.of(id) };
    const deed = {
      id: `${item.id}.${index}`,
      who,
      text: action.text?.fill(event, item) || wordsFor(action),
      isComment: event.type === "CommentEvent",
      ...deedOf(action, event, item),
    };
    const status = await this.#game.perform(deed, item.signal);
    if (isHelp(action) && !event.isTest) this.#board.add(who, status);
    await this.#lasting.keep(status.deeds);
  }

  async #onStatus(status: GameStatus): Promise<void> {
    await this.#lasting.note(status.deeds);
    if (await this.#board.reach(status)) await this.#showStandings();
    if (await this.#records.add(status)) await this.#showRecords();
  }

  async #showRecords(): Promise<void> {
    await this.#game.show("showRecords", this.#records.lines);
  }

  async #showStandings(): Promise<void> {
    await this.#game.show("showStandings", { board: this.#board.top, teams: this.#teams.standings });
  }
}

function deedOf(
  action: Action,
  event: LiveEvent,
  item: QueueItem,
): Pick<Deed, "kind" | "seconds" | "times" | "by"> {
  const kind = action.action;
  switch (action.action) {
    case "jump":
    case "bird":
      return { kind, times: amountOf(action.times, event, item, { max: maxJumps }) };
    case "shield":
      return {
        kind,
        times: amountOf(action.times, event, item, { max: maxShields }),
        seconds: action.seconds,
      };
    case "restart":
      return { kind };
    case "speed":
      return { kind, seconds: action.seconds, by: action.by };
    default:
      return { kind, seconds: action.seconds };
  }
}

/** Whether it helps the dino or plays it, rather than making it hard for it. */
function isHelp(action: Action): boolean {
  switch (action.action) {
    case "speed":
      return action.by < 0;
    case "bird":
    case "night":
    case "restart":
      return false;
    default:
      return true;
  }
}

function wordsFor(action: Action): string {
  switch (action.action) {
    case "jump":
      return t`jump`;
    case "duck":
      return t`duck`;
    case "speed":
      return action.by > 0 ? t`faster!` : t`slower`;
    case "shield":
      return t`shield`;
    case "slow_motion":
      return t`slow motion`;
    case "bird":
      return t`sent a bird`;
    case "play":
      return t`plays!`;
    case "moon_gravity":
      return t`on the moon`;
    case "no_collisions":
      return t`nothing can stop it`;
    case "night":
      return t`good night`;
    case "restart":
      return t`from the start`;
  }
}
