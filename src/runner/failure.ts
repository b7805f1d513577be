/** How a service's failure is put into words. */
import { type Failure, plainFailure } from "../failure.ts";
import { UserError } from "../user_error.ts";

/** One mistake in a service's options; plain data. `path` begins at the options. */
export interface OptionMistake {
  path: (string | number)[];
  message: string;
}

/** A mistake in a service's module or options: trying again would end the same. */
export class ServiceMistake extends Error {
  override readonly name = "ServiceMistake";
  readonly inOptions: OptionMistake[];
  /** As a failure's. */
  readonly place: string | null;

  constructor(message: string, { inOptions = [], place = null }: Partial<ServiceMistakeMore> = {}) {
    super(message);
    this.inOptions = inOptions;
    this.place = place;
  }
}

/** What is wrong with the options, where a failure is of those: not more than a person reads. */
export function optionMistakesOf(thrown: unknown): OptionMistake[] {
  if (!(thrown instanceof ServiceMistake)) return [];
  return thrown.inOptions.slice(0, maxOptionMistakes)
    .map(({ path, message }) => ({ path: path.slice(0, maxOptionMistakes), message: cut(message) }));
}

const maxOptionMistakes = 50;

interface ServiceMistakeMore {
  inOptions: OptionMistake[];
  place: string | null;
}

/** Letters of what a service says of a failure, and of its place: what is longer is cut. */
const maxLetters = 2_000;
const indescribable = "a value that cannot be put into words";

/** Puts anything that was thrown into words. Never throws, whatever the service has thrown. */
export function describeFailure(thrown: unknown): Failure {
  try {
    const { sentence, place, isUserError } = describe(thrown);
    return { sentence: cut(String(sentence)), place: place === null ? null : cut(place), isUserError };
  } catch {
    return plainFailure(`threw ${indescribable}`);
  }
}

function cut(text: string): string {
  return text.length > maxLetters ? `${text.slice(0, maxLetters)}…` : text;
}

function describe(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) return plainFailure(`threw ${describeValue(thrown)}`);
  if (thrown instanceof ServiceMistake) return { ...plainFailure(thrown.message), place: thrown.place };
  // What a person can mend is no place in the code.
  if (thrown instanceof UserError) return { ...plainFailure(thrown.message), isUserError: true };
  const sentence = describeRefusal(thrown.message) ?? `${thrown.name}: ${thrown.message}`;
  return { sentence, place: placeOf(thrown), isUserError: false };
}

/**
 * A permission that is lacking, also where an import throws it as a TypeError; null where it is something else.
 * Deno's own advice is a flag, which is not where a service's permissions are granted.
 */
function describeRefusal(message: string): string | null {
  const found = /^(Requires (\w+) access.*), run again with the --allow-/.exec(message.slice(0, maxLetters));
  if (!found) return null;
  const advice = found[2] === "import"
    ? 'a service imports files of its own folder and "npm:" packages, and nothing from the web'
    : 'grant it under "permissions" of this service in the config if it should have it';
  return `${found[1]}; ${advice}`;
}

/** A value as one short line. Never throws. */
export function describeValue(value: unknown): string {
  try {
    const text = Deno.inspect(value, {
      depth: 1,
      breakLength: Infinity,
      compact: true,
      strAbbreviateSize: 80,
    });
    return text.length > 120 ? `${text.slice(0, 120)}…` : text;
  } catch {
    return indescribable;
  }
}

/** The frames of the service's own code; those of Livecue's and Deno's insides help nobody. */
function placeOf(thrown: Error): string | null {
  // What stands before the frames is the message, of any length.
  const frames = (thrown.stack ?? "").slice(-10 * maxLetters).split("\n").filter((line) =>
    /^\s+at /.test(line)
  )
    .filter((line) => !line.includes("/src/runner/") && !line.includes("ext:"));
  return frames.length === 0 ? null : frames.join("\n");
}
