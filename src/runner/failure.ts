/** Describes a service's failure in words. */
import { StepError } from "../kit/steps.ts";
import { type Failure, plainFailure } from "../failure.ts";
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";

/** The place of a value in a service's options. */
export type KeyPath = readonly (string | number)[];

/** One mistake in a service's options; plain data. `path` starts at the options. */
export interface OptionMistake {
  path: (string | number)[];
  message: string;
}

/** A mistake in a service's module or options. A retry would fail in the same way. */
export class ServiceMistake extends Error {
  override readonly name = "ServiceMistake";
  readonly inOptions: OptionMistake[];
  /** Stack frames, as in a `Failure`. */
  readonly place: string | null;

  constructor(message: string, { inOptions = [], place = null }: Partial<ServiceMistakeMore> = {}) {
    super(message);
    this.inOptions = inOptions;
    this.place = place;
  }
}

/**
 * The mistakes in the options that caused a failure, no more than a person would read; none for other
 * failures.
 */
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

/** Characters of a failure's sentence and of its place. Longer texts are cut. */
const maxCharacters = 2_000;
const indescribable = () => t`a value that cannot be described`;

/** Describes any thrown value. Never throws. */
export function describeFailure(thrown: unknown): Failure {
  try {
    const { sentence, place, isUserError } = describe(thrown);
    return { sentence: cut(String(sentence)), place: place === null ? null : cut(place), isUserError };
  } catch {
    return plainFailure(t`threw ${indescribable()}`);
  }
}

function cut(text: string): string {
  return text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;
}

function describe(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) return plainFailure(t`threw ${describeValue(thrown)}`);
  if (thrown instanceof ServiceMistake) return { ...plainFailure(thrown.message), place: thrown.place };
  // A place in the code does not help with a mistake that a user can fix.
  if (thrown instanceof UserError) return { ...plainFailure(thrown.message), isUserError: true };
  if (thrown instanceof StepError) {
    const [, ...place] = thrown.error.split("\n");
    return { ...plainFailure(thrown.message), place: place.length === 0 ? null : place.join("\n") };
  }
  // Deno adds the place to the message of an import that fails.
  const message = thrown.message.replace(/\n\s+at \S+$/, "");
  const sentence = describeRefusal(thrown.message) ?? `${thrown.name}: ${message}`;
  return { sentence, place: placeOf(thrown), isUserError: false };
}

/**
 * Describes a missing permission, which an import throws as a TypeError; null for any other error. Deno's own
 * advice is to add a flag, but a service's permissions are granted in the config.
 */
function describeRefusal(message: string): string | null {
  const found = /^(Requires (\w+) access.*), run again with the --allow-/.exec(
    message.slice(0, maxCharacters),
  );
  if (!found) return null;
  return found[2] === "import"
    ? t`${
      found[1]
    }; a service can import files in its own folder and "npm:" packages, but nothing from the web`
    : t`${
      found[1]
    }; if the service should have it, grant it under "permissions" of this service in the config`;
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
    return indescribable();
  }
}

/** The stack frames in the service's own code. Frames inside Livecue and Deno help nobody. */
function placeOf(thrown: Error): string | null {
  // The message, of any length, comes before the frames.
  const frames = (thrown.stack ?? "").slice(-10 * maxCharacters).split("\n").filter((line) =>
    /^\s+at /.test(line)
  )
    .filter((line) => !line.includes("/src/runner/") && !line.includes("ext:"));
  return frames.length === 0 ? null : frames.join("\n");
}
