/** What a fuzzer is: inputs that are made up, and what has to hold for each of them. */
import type fc from "fast-check";

export interface Target<Input> {
  /** What holds for every input, as a sentence. */
  holds: string;
  /** Small descriptions of large things, where there are any: they are kept, shrunk and read more easily. */
  inputs: fc.Arbitrary<Input>;
  /** Throws where it does not hold. It ends within a second, and lets go of what it took. */
  check(input: Input): void | Promise<void>;
}

/** A target as the harness has it, which only hands inputs on. */
// deno-lint-ignore no-explicit-any
export type AnyTarget = Target<any>;
