/** The games, and the words of the config, of pages and of the command line for what they do. */
import { t } from "livecue/language";
import { Rules } from "livecue/rules";
import {
  type DatabaseSync,
  type KeptState,
  type LiveEvent,
  type QueueItem,
  UserError,
} from "livecue/service";
import { simplified } from "livecue/words";
import { z } from "zod";
import type { OverlayEvent } from "../messages.ts";
import { SoundPages, soundPageSchema } from "../sound_pages.ts";
import { Battle, type BattleCommand, battleCommand, battleOptions, type BattleView } from "./battle.ts";
import { byPerson, type GameHost, PlayedGame } from "./played_game.ts";
import { Poll, pollCommand, pollOptions, type PollView } from "./poll.ts";
import { Entrants } from "./entrants.ts";
import { Raffle, type RaffleProof, type RaffleState, type RaffleView } from "./raffle.ts";
import { raffleCommand, raffleOptions } from "./raffle_options.ts";
import {
  Soundboard,
  soundboardCommand,
  soundboardOptions,
  type SoundboardView,
  soundsOf,
} from "./soundboard.ts";
import { countdownOptions, Timer, timerCommand, timerOptions, type TimerView } from "./timer.ts";
import { Wheel, wheelCommand, wheelOptions, type WheelView } from "./wheel.ts";

export const gameNames = ["timer", "wheel", "poll", "battle", "countdown", "raffle", "soundboard"] as const;
export type GameName = typeof gameNames[number];

/** What pages see of each game. */
export interface GameViews {
  timer: TimerView;
  countdown: TimerView;
  wheel: WheelView;
  poll: PollView;
  battle: BattleView;
  raffle: RaffleView;
  soundboard: SoundboardView;
}

/** In the service's options. */
export const gameOptions = {
  timer: timerOptions.optional(),
  countdown: countdownOptions.optional(),
  wheel: wheelOptions.optional(),
  poll: pollOptions.optional(),
  battle: battleOptions.optional(),
  raffle: raffleOptions.optional(),
  soundboard: soundboardOptions.optional(),
};

/** In a rule's `do`: what each game is to do. */
export const gameActions = {
  timer: timerCommand.optional(),
  countdown: timerCommand.optional(),
  wheel: wheelCommand.optional(),
  poll: pollCommand.optional(),
  battle: battleCommand.optional(),
  raffle: raffleCommand.optional(),
  soundboard: soundboardCommand.optional(),
};

/** What a page, a command or a program asks for, in the same words as a rule. */
export const gameRequest = z.strictObject(gameActions).refine(
  (request) => gameNames.some((name) => request[name] !== undefined),
  { error: () => t`expected a game: ${gameNames.join(", ")}` },
);

export type GameOptions = z.output<z.ZodObject<typeof gameOptions>>;
export type GameRequest = z.output<z.ZodObject<typeof gameActions>>;

interface GameRule<Action> {
  when: string[];
  do: Action;
}

/** Whether a rule acts on a game. */
export function isForGames({ do: action }: GameRule<GameRequest>): boolean {
  return gameNames.some((name) => action[name] !== undefined);
}

/** Whether a rule makes alerts: it does unless it only acts on games. */
export function isForAlerts(rule: GameRule<GameRequest>): boolean {
  return !isForGames(rule) || Object.keys(rule.do).some((key) => !gameNames.some((name) => name === key));
}

/** A mistake in the options, at the path of its place in them. */
interface GameMistake {
  path: (string | number)[];
  message: string;
}

/** What rules ask of a game that it can never do, because the options do not say what it consists of. */
export function gameMistakes({ rules, wheel, poll, battle, soundboard }: GamesOptions): GameMistake[] {
  const sides = battle?.sides.map(({ name }) => name) ?? [];
  const sounds = soundsOf(soundboard ?? soundboardOptions.parse({}));
  return rules.flatMap(({ do: action }, index) => {
    const mistakes: Partial<Record<GameName, string | null>> = {
      wheel: action.wheel !== undefined && !wheel?.slices.length
        ? t`the wheel has no slices: add "wheel": { "slices": ["Sing", "Dance"] } to the options`
        : null,
      poll: action.poll === "open" && poll?.question === undefined
        ? t`there is no poll to open: write { "question": …, "options": [ … ] } instead, or as "poll" in the options`
        : null,
      battle: action.battle === undefined ? null : battleMistake(action.battle, sides),
      soundboard: action.soundboard === undefined ? null : soundMistake(action.soundboard, sounds),
    };
    return Object.entries(mistakes).flatMap(([name, message]) =>
      message === null ? [] : [{ path: ["rules", index, "do", name], message }]
    );
  });
}

function battleMistake(command: BattleCommand, sides: readonly string[]): string | null {
  if (sides.length === 0) return t`the battle has no sides: add "battle": { "sides": [ … ] } to the options`;
  if (typeof command === "string") return null;
  const isKnown = sides.some((side) => simplified(side) === simplified(command.side));
  return isKnown ? null : t`the battle has no side ${JSON.stringify(command.side)}: use ${sides.join(", ")}`;
}

function soundMistake(command: GameRequest["soundboard"], sounds: readonly string[]): string | null {
  if (typeof command !== "object") return null;
  const isKnown = sounds.some((sound) => simplified(sound) === simplified(command.sound));
  return isKnown
    ? null
    : t`the soundboard has no sound ${JSON.stringify(command.sound)}: use ${
      sounds.join(", ")
    }, or add it to "sounds"`;
}

type AnyGame = PlayedGame<unknown, unknown, unknown>;

export interface GamesOptions extends GameOptions {
  rules: ConstructorParameters<typeof Rules<GameRequest>>[0];
}

export class Games {
  readonly #games: Record<GameName, AnyGame>;
  readonly #rules: Rules<GameRequest>;
  readonly #raffle: Raffle;
  readonly soundPages = new SoundPages();

  /** `onChange`: a game has a new view. `database`: opens the one of `raffleMigrations`. */
  constructor(
    options: GamesOptions,
    host: GameHost,
    { onChange, database }: { onChange(name: GameName): void; database(): DatabaseSync },
  ) {
    const played = <State, Command, View>(
      name: GameName,
      game: ConstructorParameters<typeof PlayedGame<State, Command, View>>[0],
    ) =>
      new PlayedGame(game, host, {
        name,
        isConfigured: options[name] !== undefined,
        onChange: () => onChange(name),
      }) as unknown as AnyGame;
    this.#raffle = new Raffle(options.raffle ?? raffleOptions.parse({}), new Entrants(database));
    const soundboard = new Soundboard(
      options.soundboard ?? soundboardOptions.parse({}),
      () => this.soundPages.canBeHeard,
    );
    this.#games = {
      timer: played("timer", new Timer(options.timer ?? timerOptions.parse({}))),
      countdown: played(
        "countdown",
        new Timer(options.countdown ?? countdownOptions.parse({}), "Countdown"),
      ),
      wheel: played("wheel", new Wheel(options.wheel ?? wheelOptions.parse({}))),
      poll: played("poll", new Poll(options.poll ?? pollOptions.parse({}))),
      battle: played("battle", new Battle(options.battle ?? battleOptions.parse({}))),
      raffle: played("raffle", this.#raffle),
      soundboard: played("soundboard", soundboard),
    };
    this.#rules = new Rules(options.rules.filter(isForGames), ofGames(host.state));
  }

  async load(): Promise<void> {
    await Promise.all(Object.values(this.#games).map((game) => game.load()));
  }

  /** Resolves when all that the item changes is stored. */
  async hear(event: LiveEvent, item: QueueItem, shown: OverlayEvent): Promise<void> {
    // The end of a streak says again what has counted already.
    const isRepeated = event.streak !== null && shown.count === 0;
    const actions = isRepeated ? [] : await this.#rules.match(event, item);
    const moment = { now: Date.now(), at: event.receivedAt, event, shown };
    await Promise.all(gameNames.map((name) => {
      const commands = actions.map((action) => action[name]).filter((command) => command !== undefined);
      return this.#games[name].hear(commands, moment, item.id);
    }));
  }

  /** Resolves when it is stored. Rejects with a `UserError` if a game cannot do this now. */
  async act(request: GameRequest): Promise<void> {
    for (const name of gameNames) {
      if (request[name] !== undefined) await this.#games[name].act(request[name], byPerson());
    }
  }

  /** For `posts`: does it, or says why not. */
  readonly take = async (value: unknown): Promise<string | null> => {
    const checked = gameRequest.safeParse(value);
    if (!checked.success) return mistakesIn(checked.error);
    try {
      await this.act(checked.data);
      return null;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return error.message;
    }
  };

  /** For `posts`: a page of the soundboard says whether it can play, and asks before it plays. */
  readonly takeSoundPage = async (value: unknown): Promise<string | null> => {
    const checked = soundPageSchema.safeParse(value);
    if (!checked.success) return mistakesIn(checked.error);
    const { page, can_play, plays, has_played } = checked.data;
    if (can_play !== undefined) this.soundPages.setAble(page, can_play);
    if (has_played !== undefined) await this.#games.soundboard.act({ ended: has_played }, byPerson());
    if (plays === undefined) return null;
    const { playing } = this.view("soundboard");
    const isGranted = playing?.number === plays && this.soundPages.grant(page, playing);
    return isGranted ? null : t`Another page plays it, or it is over.`;
  };

  /** What anybody needs to repeat the draw of the raffle. */
  get proof(): RaffleProof {
    return this.#raffle.proof(this.#games.raffle.stored as RaffleState);
  }

  view<Name extends GameName>(name: Name): GameViews[Name] {
    return this.#games[name].view as GameViews[Name];
  }

  get views(): GameViews {
    return Object.fromEntries(gameNames.map((name) => [name, this.view(name)])) as unknown as GameViews;
  }

  async onKeyPressed({ pane, key }: { pane: string; key: string }): Promise<void> {
    await Object.values(this.#games).find(({ title }) => title === pane)?.onKeyPressed(key);
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.#games).map((game) => game.stop()));
  }
}

/** As "poll.options: two options are the same". */
function mistakesIn({ issues }: z.ZodError): string {
  const mistakes = issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")}: ${message}`
  );
  return [...new Set(mistakes)].join("\n");
}

/** Keeps the cooldowns of these rules apart from those of alerts. */
function ofGames(state: KeptState): KeptState {
  return {
    get: (key, options) => state.get(`games ${key}`, options),
    set: (key, value, options) => state.set(`games ${key}`, value, options),
  };
}
