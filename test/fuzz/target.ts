/** The form of a fuzz target: made-up inputs, and a property that holds for each of them. */
import type fc from "fast-check";

export interface Target<Input> {
  /** The property, as a sentence. */
  holds: string;
  /** Small descriptions of large things, where there are any: they are kept, shrunk and read more easily. */
  inputs: fc.Arbitrary<Input>;
  /** Throws if the property does not hold. Ends within a second, and releases its resources. */
  check(input: Input): void | Promise<void>;
}

/** A target as the harness has it, which only hands inputs on. */
// deno-lint-ignore no-explicit-any
export type AnyTarget = Target<any>;
