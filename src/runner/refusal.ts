/**
 * How a fence takes something away from the code of a service. That code may have changed what every object has, as
 * `Array.prototype`, before a fence is asked: so what is used here and there is taken at the start.
 */
const { defineProperty, getOwnPropertyDescriptor } = Object;

/** Replaces a property, for good. */
export function lock(target: object, name: string | symbol, value: unknown): void {
  const isListed = getOwnPropertyDescriptor(target, name)?.enumerable ?? false;
  defineProperty(target, name, { value, enumerable: isListed, writable: false, configurable: false });
}

/** As `lock`, with what `get` gives. */
export function lockGetter(target: object, name: string, get: () => unknown): void {
  defineProperty(target, name, { get, set: () => {}, enumerable: true, configurable: false });
}

/** A function, or a class, that throws an error which says why. */
export function refuse(what: string): () => never {
  return function () {
    throw new Error(
      `${what} would reach beyond this service's worker, into Livecue itself: a service that needs it has to run ` +
        `with "isolation": "process" in the config`,
    );
  };
}

/** Those that there are; returns `names`. `owner` is how they are known. */
export function refuseAll<Names extends readonly string[]>(
  target: object,
  owner: string,
  names: Names,
): Names {
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    if (name in target) lock(target, name, refuse(`${owner}.${name}`));
  }
  return names;
}

/** `Deno.kill` or `process.kill`, for other programs alone: whether a service may do that, Deno decides. */
export function killOfOthers<Signal>(
  kill: (pid: number, signal?: Signal) => unknown,
  what: string,
): (pid: number, signal?: Signal) => unknown {
  const refused = refuse(`${what} of Livecue's own process`);
  const own = Deno.pid;
  return (pid, signal) => {
    const whole = pid | 0;
    const isOwn = whole === own || whole === -own || whole === 0 || whole === -1;
    return isOwn ? refused() : kill(whole, signal);
  };
}
