/**
 * Credits limit how much a service may send before the main thread has handled it. Whatever the worker sends
 * unasked (a log line, a pane, a request, an event) costs credits, which it gets back once the main thread
 * has handled the message. An answer costs none, because the main thread asked for it.
 *
 * Both sides count by the same rule: the worker waits for credits, and the main thread terminates a worker
 * that did not wait.
 */
export interface Credits {
  messages: number;
  /** Characters of their texts. */
  characters: number;
}

/** The credits that a worker starts with. */
export const allowance: Readonly<Credits> = { messages: 256, characters: 2_400_000 };

/**
 * Characters of the longest message. Credits come back when half of the allowance is spent, so a message of
 * this length can always be sent.
 */
export const maxCharacters = allowance.characters / 2;

/** Whether a message costs credits. The message may be invalid. */
export function costsCredits(message: { kind?: unknown; ends?: unknown }): boolean {
  switch (message.kind) {
    case "log":
    case "show":
    case "trouble":
    case "request":
    case "child":
      return true;
    case "ended":
      return Array.isArray(message.ends) && message.ends.some((end) => end?.emitted?.length > 0);
    default:
      return false;
  }
}
