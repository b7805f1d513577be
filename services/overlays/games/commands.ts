/** The commands for games. They ask the running Livecue, in the words of a rule's `do`. */
import { msg, t, translated } from "livecue/language";
import { nearestName } from "livecue/nearest_names";
import { baseUrl, ownTokenOf } from "livecue/pages";
import { type ServiceCommand, type ServiceCommandContext, UserError } from "livecue/service";
import { parseArgs } from "node:util";
import type { Options } from "../options.ts";
import { gameActions, type GameName } from "./games.ts";

type Context = ServiceCommandContext<Options>;

/** Makes what stands in a rule's `do` out of the arguments after the word; null if they do not fit. */
type Form = (args: string[]) => unknown;

interface GameWords {
  description: string;
  usage: string;
  /** What each word asks for. */
  forms: Record<string, Form>;
}

/** The words of the timer and of the countdown. */
const clockForms: GameWords["forms"] = {
  ...words("start", "pause", "resume", "toggle", "reset"),
  add: ([seconds, ...rest]) => rest.length > 0 ? null : { add_seconds: numberIn(seconds, "seconds") },
  for: ([minutes, ...rest]) => rest.length > 0 ? null : { minutes: numberIn(minutes, "minutes") },
  until: ([until, ...rest]) => until === undefined || rest.length > 0 ? null : { until },
};

const games: Record<GameName, GameWords> = {
  timer: {
    description: msg("starts, pauses, resumes or resets the timer, or adds seconds to it"),
    usage: "start|pause|resume|toggle|reset|add SECONDS",
    forms: clockForms,
  },
  countdown: {
    description: msg("counts down for some minutes or until a time of day, pauses, adds seconds, or resets"),
    usage: "for MIN|until HH:MM|start|pause|resume|reset|add SEC",
    forms: clockForms,
  },
  wheel: {
    description: msg("spins the wheel, or forgets the spins that wait"),
    usage: "spin [COUNT]|clear",
    forms: {
      ...words("clear"),
      spin: ([count = "1", ...rest]) => rest.length > 0 ? null : { spins: numberIn(count, "spins") },
    },
  },
  poll: {
    description: msg("opens a poll, closes it, or hides its result"),
    usage: 'open ["QUESTION" OPTION… [--seconds N]]|close|hide',
    forms: { ...words("close", "hide"), open: pollIn },
  },
  battle: {
    description: msg("starts or stops the battle, hides its result, or gives points to a side"),
    usage: "start|stop|hide|points SIDE NUMBER",
    forms: {
      ...words("start", "stop", "hide"),
      points: ([side, points, ...rest]) =>
        side === undefined || rest.length > 0 ? null : { side, points: numberIn(points, "points") },
    },
  },
  raffle: {
    description: msg(
      "opens a raffle, closes its entries, draws a winner, hides it, or lets earlier winners in again",
    ),
    usage: 'open ["PRIZE"]|close|draw|hide|forget_winners',
    forms: { ...words("close", "draw", "hide", "forget_winners"), open: raffleIn },
  },
  soundboard: {
    description: msg("plays a sound, or stops it and forgets those that wait"),
    usage: "play NAME|stop",
    forms: {
      ...words("stop"),
      play: (name) => name.length === 0 ? null : { sound: name.join(" ") },
    },
  },
};

export const gameCommands = {
  timer: gameCommand("timer"),
  countdown: gameCommand("countdown"),
  wheel: gameCommand("wheel"),
  poll: gameCommand("poll"),
  battle: gameCommand("battle"),
  raffle: gameCommand("raffle"),
  soundboard: gameCommand("soundboard"),
};

function gameCommand(name: GameName): ServiceCommand<Options> {
  const { description, usage } = games[name];
  return {
    description,
    usage,
    async run(context, ...args) {
      await ask(context, { [name]: requestIn(name, args) });
      context.print(t`Done.`);
    },
  };
}

/** Words that stand for themselves. */
function words(...names: string[]): Record<string, Form> {
  return Object.fromEntries(names.map((name) => [name, (args) => args.length > 0 ? null : name]));
}

/** Throws a `UserError` that says what is wrong, and what is right. */
function requestIn(name: GameName, [word, ...args]: string[]): unknown {
  const { usage, forms } = games[name];
  const advice = t`Write it as: ${name} ${usage}`;
  if (word === undefined) throw new UserError(t`Say what the ${name} is to do. ${advice}`);
  if (!Object.hasOwn(forms, word)) {
    const near = nearestName(word, Object.keys(forms));
    const given = JSON.stringify(word);
    throw new UserError(
      near === null
        ? t`The ${name} has no ${given}. ${advice}`
        : t`The ${name} has no ${given}. Did you mean "${near}"? ${advice}`,
    );
  }
  const request = forms[word]?.(args) ?? null;
  if (request === null) {
    throw new UserError(
      t`${JSON.stringify([word, ...args].join(" "))} has too many words, or too few. ${advice}`,
    );
  }
  const checked = gameActions[name].safeParse(request);
  if (checked.success) return request;
  const mistakes = new Set(checked.error.issues.map(({ message }) => message));
  throw new UserError(t`The ${name} cannot do that: ${[...mistakes].join("; ")}. ${advice}`);
}

const numberMistakes = {
  seconds: {
    missing: msg("Expected a number of seconds, as 60."),
    other: (given: string) => t`Expected a number of seconds, as 60, not ${given}.`,
  },
  minutes: {
    missing: msg("Expected a number of minutes, as 60."),
    other: (given: string) => t`Expected a number of minutes, as 60, not ${given}.`,
  },
  spins: {
    missing: msg("Expected a number of spins, as 60."),
    other: (given: string) => t`Expected a number of spins, as 60, not ${given}.`,
  },
  points: {
    missing: msg("Expected a number of points, as 60."),
    other: (given: string) => t`Expected a number of points, as 60, not ${given}.`,
  },
};

function numberIn(text: string | undefined, what: keyof typeof numberMistakes): number {
  if (text !== undefined && /^[+-]?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  const { missing, other } = numberMistakes[what];
  throw new UserError(text === undefined ? translated(missing) : other(JSON.stringify(text)));
}

/** Without arguments, the poll of the config. */
function pollIn(args: string[]): unknown {
  if (args.length === 0) return "open";
  const { positionals: [question, ...options], ...rest } = withSeconds(
    args,
    'poll open "Pizza or pasta?" Pizza Pasta --seconds 60',
  );
  return question === undefined ? null : { question, options, ...rest };
}

/** Without arguments, the raffle of the config. */
function raffleIn(args: string[]): unknown {
  if (args.length === 0) return "open";
  const { positionals: [prize, ...further], ...rest } = withSeconds(
    args,
    'raffle open "A mug" --seconds 120',
  );
  return prize === undefined || further.length > 0 ? null : { prize, ...rest };
}

function withSeconds(args: string[], example: string): { positionals: string[]; seconds?: number } {
  let parsed;
  try {
    parsed = parseArgs({ args, allowPositionals: true, options: { seconds: { type: "string" } } });
  } catch (error) {
    const [why] = (error as Error).message.split(". ");
    throw new UserError(t`${why}. Write it as: ${example}`);
  }
  const { positionals, values: { seconds } } = parsed;
  return { positionals, ...(seconds === undefined ? {} : { seconds: numberIn(seconds, "seconds") }) };
}

async function ask({ options, configFolder, signal }: Context, request: object): Promise<void> {
  const url = baseUrl(options);
  const token = await ownTokenOf({ options, configFolder });
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/game`, {
    method: "POST",
    headers: { "content-type": "application/json", ...authorization },
    body: JSON.stringify(request),
    signal,
  }).catch((error) => {
    if (!(error instanceof TypeError)) throw error;
    throw new UserError(
      t`Nothing answers at ${url}. Start Livecue, and look in its log whether the overlays have started.`,
    );
  });
  const answer = (await response.text()).trim();
  if (response.ok) return;
  if (response.status === 403 && token === undefined) {
    throw new UserError(
      t`The pages need the token that Livecue has made, which this command cannot read: set one of your own as "token" in the options of overlays.`,
    );
  }
  throw new UserError(answer === "" ? t`${url} answered ${response.status}.` : answer);
}
