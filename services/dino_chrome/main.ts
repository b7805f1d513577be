/** Viewers play Chrome's dinosaur game: rules say which of their events makes it jump, duck, run faster … */
import { amountOf, Rules } from "livecue/rules";
import { BaseQueueService, type LiveEvent, type QueueItem, type ServiceContext } from "livecue/service";
import { browserPath } from "./browser.ts";
import { check } from "./check.ts";
import { type Deed, Game } from "./game.ts";
import { type Action, maxJumps, type Options } from "./options.ts";
import { Records } from "./records.ts";

export { optionsSchema } from "./options.ts";

export const commands = { check };

export default class DinoChrome extends BaseQueueService<Options> {
  readonly #rules: Rules<Action>;
  readonly #records: Records;
  readonly #game: Game;
  #lastLine = 0;

  constructor(context: ServiceContext<Options>) {
    super(context);
    this.#rules = new Rules(this.options.rules, this.state);
    this.#records = new Records(this.state);
    const browser_path = browserPath(this.options.browser_path, this.configFolder);
    this.#game = new Game({ ...this.options, browser_path }, this.log, {
      onOpened: () => {
        this.#records.restart();
        void this.#showRecords();
      },
      onStatus: async (status) => {
        if (await this.#records.add(status)) await this.#showRecords();
      },
    });
  }

  override async onStart(): Promise<void> {
    await this.#records.load();
    this.#game.start();
  }

  override async onStop(): Promise<void> {
    await this.#game.stop();
    await this.#records.save();
  }

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    await this.#records.enter(event);
    for (const action of await this.#rules.match(event, item)) await this.#act(action, event, item);
    return true;
  }

  async #act(action: Action, event: LiveEvent, item: QueueItem): Promise<void> {
    const times = action.action === "jump" ? amountOf(action.times, event, item, { max: maxJumps }) : 1;
    const text = action.text?.fill(event, item) || wordsFor(action, times);
    const name = event.user.nickname || event.user.uniqueId;
    const line = ++this.#lastLine;
    try {
      for (let time = 1; time <= times; time++) {
        const progress = times > 1 ? `${text} (${time}/${times})` : text;
        const onStart = () => void this.#game.show("show", line, name, progress);
        await this.#game.perform(deedOf(action), { signal: item.signal, onStart });
      }
    } finally {
      await this.#game.show("leave", line);
    }
  }

  async #showRecords(): Promise<void> {
    await this.#game.show("showRecords", this.#records.lines);
  }
}

function deedOf(action: Action): Deed {
  switch (action.action) {
    case "jump":
    case "restart":
      return { kind: action.action };
    case "speed":
      return { kind: "speed", seconds: action.seconds, by: action.by };
    default:
      return { kind: action.action, seconds: action.seconds };
  }
}

function wordsFor(action: Action, times: number): string {
  switch (action.action) {
    case "jump":
      return times === 1 ? "jump" : `${times} jumps`;
    case "duck":
      return "duck";
    case "speed":
      return action.by > 0 ? "faster!" : "slow motion";
    case "moon_gravity":
      return "on the moon";
    case "no_collisions":
      return "nothing can stop it";
    case "night":
      return "good night";
    case "restart":
      return "from the start";
  }
}
