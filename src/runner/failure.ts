/** How a service's failure is put into words. */
import { UserError } from "../service.ts";

/** One mistake in a service's options; plain data. `path` begins at the options. */
export interface OptionMistake {
  path: (string | number)[];
  message: string;
}

/** A mistake in a service's module or options: trying again would end the same. */
export class ServiceMistake extends Error {
  override readonly name = "ServiceMistake";
  readonly inOptions: OptionMistake[];

  constructor(message: string, inOptions: OptionMistake[] = []) {
    super(message);
    this.inOptions = inOptions;
  }
}

export interface Failure {
  /** One sentence for the queue item and the log. */
  error: string;
  /** With the place in the service's code; null where what was thrown has none. */
  stack: string | null;
  /** Whether the service said it for a person, by a `UserError`. */
  isUserError: boolean;
}

/** Puts anything that was thrown into words. */
export function describeFailure(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) return withoutStack(`threw ${describeValue(thrown)}`);
  // Where it has a place in the service's code, its message holds it already.
  if (thrown instanceof ServiceMistake) return withoutStack(thrown.message);
  // What a person can mend is no place in the code.
  if (thrown instanceof UserError) return { ...withoutStack(thrown.message), isUserError: true };
  const error = describeRefusal(thrown.message) ?? `${thrown.name}: ${thrown.message}`;
  return { error, stack: stackOf(thrown, error), isUserError: false };
}

export function withoutStack(error: string): Failure {
  return { error, stack: null, isUserError: false };
}

/**
 * A permission that is lacking, also where an import throws it as a TypeError; null where it is something else.
 * Deno's own advice is a flag, which is not where a service's permissions are granted.
 */
function describeRefusal(message: string): string | null {
  const found = /^(Requires (\w+) access.*), run again with the --allow-/.exec(message);
  if (!found) return null;
  const advice = found[2] === "import"
    ? 'a service imports files of its own folder and "npm:" packages, and nothing from the web'
    : 'grant it under "permissions" of this service in the config if it should have it';
  return `${found[1]}; ${advice}`;
}

/** A value as one short line. */
export function describeValue(value: unknown): string {
  const text = Deno.inspect(value, { depth: 1, breakLength: Infinity, compact: true, strAbbreviateSize: 80 });
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

/** The frames of the service's own code; those of Livecue's and Deno's insides help nobody. */
function stackOf(thrown: Error, error: string): string | null {
  const frames = (thrown.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line))
    .filter((line) => !line.includes("/src/runner/") && !line.includes("ext:"));
  return frames.length === 0 ? null : [error, ...frames].join("\n");
}
