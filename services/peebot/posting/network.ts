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

export interface Attempt {
  /** Whether an earlier try may have posted it: then ask before it is posted again. */
  isRepeated: boolean;
  signal: AbortSignal;
}

export interface Network {
  /** For sentences, as "bsky.social". */
  readonly host: string;
  /**
   * Resolves with the post's address, "" if it has none, when it is there, whichever try made it. Rejects with a
   * `FinalError` if another try would not help, with a `RetryLaterError` if the server wants a pause, and with a `UserError` if
   * it is unknown whether it was posted, or if another try may help.
   */
  post(draft: Draft, attempt: Attempt): Promise<string>;
  /** Rejects with a `UserError` if this text is too long. */
  checkLength(text: string, signal: AbortSignal): Promise<void>;
  /** Signs in, and posts nothing. Resolves with a sentence. Rejects with a `UserError`. */
  check(signal: AbortSignal): Promise<string>;
}
