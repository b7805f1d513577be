import { answer, type Deed } from "./deed.ts";

const huge = "x".repeat(50_000_000);

/** What is thrown, or answered, in every wrong way. */
export const throws: Record<string, Deed> = {
  "throw an error": () => {
    throw new Error("it broke");
  },
  "throw a text": () => {
    throw "just words";
  },
  "throw a symbol": () => {
    throw Symbol("odd");
  },
  "throw nothing": () => {
    throw undefined;
  },
  "throw a proxy": () => {
    const refuse = () => {
      throw new Error("a trap");
    };
    throw new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse, ownKeys: refuse });
  },
  "throw an error with getters that throw": () => {
    const error = new Error("hidden");
    for (const name of ["message", "stack", "name", "cause"]) {
      Object.defineProperty(error, name, {
        get() {
          throw new Error("no");
        },
      });
    }
    throw error;
  },
  "throw an error whose message is no text": () => {
    throw Object.assign(new Error(), { message: { toString: 1 }, name: 5, stack: 7 });
  },
  "throw a huge error": () => {
    throw new Error(huge);
  },
  "throw an error that causes itself": () => {
    const error = new Error("in a circle");
    error.cause = error;
    throw error;
  },
  "throw half a letter": () => {
    throw new Error("\ud800 \x1b[31m \u202e");
  },
  "recurse": () => {
    const recurse = (depth: number): number => recurse(depth + 1) + 1;
    return recurse(0) > 0;
  },
  "answer nothing": () => answer(undefined),
  "answer a number": () => answer(1),
  "answer an object that cannot be shown": () =>
    answer({
      get [Symbol.toStringTag]() {
        throw new Error("no");
      },
      [Symbol.for("Deno.customInspect")]() {
        throw new Error("not to be shown");
      },
    }),
  "answer a promise that throws": () =>
    answer({
      then() {
        throw new Error("not then");
      },
    }),
  "reject, unheard": () => {
    for (let i = 0; i < 10_000; i++) Promise.reject(new Error(`unheard ${i}`));
    return true;
  },
  "throw from timers": () => {
    for (let i = 0; i < 1_000; i++) {
      setTimeout(() => {
        throw new Error(`late ${i}`);
      });
    }
    return true;
  },
};
