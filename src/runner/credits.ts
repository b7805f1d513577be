/**
 * Credits: how much a service may have said that the main thread has not dealt with yet. What it says by itself (a line
 * of the log, a pane, a request, an event) costs credits, which come back once it is dealt with. An answer costs none,
 * since the main thread has asked for it.
 *
 * Both sides count by the same rule: the worker waits for credits, and the main thread ends a worker that did not.
 */
export interface Credits {
  messages: number;
  /** Of their texts. */
  letters: number;
}

/** What a worker has at its start. */
export const allowance: Readonly<Credits> = { messages: 256, letters: 2_400_000 };

/**
 * Letters of the longest message. Credits come back when half of the allowance is spent, so that one message of
 * this length can always be said.
 */
export const maxLetters = allowance.letters / 2;

/** Whether a message, which need not be a right one, costs credits. */
export function costsCredits(message: { kind?: unknown; ends?: unknown }): boolean {
  switch (message.kind) {
    case "log":
    case "show":
    case "request":
    case "child":
      return true;
    case "ended":
      return Array.isArray(message.ends) && message.ends.some((end) => end?.emitted?.length > 0);
    default:
      return false;
  }
}
