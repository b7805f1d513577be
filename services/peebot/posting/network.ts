/** What every place to which posts go has in common. */

/** A post whose text and time are chosen, so that each try is the same. */
export interface Draft {
  /** The same at each try, and no other post has it. */
  key: string;
  /** Unix milliseconds: when it was chosen. */
  at: number;
  text: string;
  /** The values in its text, for programs. Percent. */
  level: number;
  rise: number;
}

/**
 * Both methods reject with a `FinalError` if another try would not help, with a `RetryLaterError` if the server wants a
 * pause, and else with a `UserError`.
 */
export interface Network {
  /** For sentences, as "bsky.social". */
  readonly host: string;
  /** Asks for the post: resolves with its address, or null if it is not there, or if this network cannot be asked. */
  find(draft: Draft, signal: AbortSignal): Promise<string | null>;
  /** Resolves with the post's address; "" if it has none. If it rejects with a mere `UserError`, it may be there. */
  publish(draft: Draft, signal: AbortSignal): Promise<string>;
  /** Signs in, and posts nothing. Resolves with a sentence. Rejects with a `UserError`. */
  check(signal: AbortSignal): Promise<string>;
}
