/**
 * How a fence takes something away from a service's code. That code may change shared objects such as `Array.prototype`
 * before it reaches a fence, so the fences keep their own references to the functions that they use.
 */
const { defineProperty, getOwnPropertyDescriptor } = Object;

/** Replaces a property permanently. */
export function lock(target: object, name: string | symbol, value: unknown): void {
  const isListed = getOwnPropertyDescriptor(target, name)?.enumerable ?? false;
  defineProperty(target, name, { value, enumerable: isListed, writable: false, configurable: false });
}

/** Like `lock`, but the value comes from `get`. */
export function lockGetter(target: object, name: string, get: () => unknown): void {
  defineProperty(target, name, { get, set: () => {}, enumerable: true, configurable: false });
}

/** Returns a function that throws an error with the reason. It can replace a class too. */
export function refuse(what: string): () => never {
  return function () {
    throw new Error(
      `${what} would reach beyond this service's worker, into Livecue itself: a service that needs it must run ` +
        `with "isolation": "process" in the config`,
    );
  };
}

/** Refuses those of `names` that exist, and returns `names`. `owner` names the target in the error. */
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

/**
 * Wraps `Deno.kill` or `process.kill` so that it cannot signal Livecue. Deno decides whether a service may signal other
 * programs.
 */
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
