/** How a service's failure is put into words. */

/** A mistake in a service's module or options: trying again would end the same. */
export class ServiceMistake extends Error {
  override readonly name = "ServiceMistake";
}

export interface Failure {
  /** One sentence for the queue item and the log. */
  error: string;
  /** With the place in the service's code; null where what was thrown has none. */
  stack: string | null;
}

/** Puts anything that was thrown into words. */
export function describeFailure(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) return { error: `threw ${describeValue(thrown)}`, stack: null };
  if (thrown instanceof Deno.errors.NotCapable) {
    // Deno's own advice is a flag, which is not where a service's permissions are granted.
    const what = thrown.message.replace(/, run again with .*$/, "");
    const error = `${what}; grant it under "permissions" of this service in the config if it should have it`;
    return { error, stack: stackOf(thrown, error) };
  }
  const error = thrown instanceof ServiceMistake ? thrown.message : `${thrown.name}: ${thrown.message}`;
  return { error, stack: stackOf(thrown, error) };
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
