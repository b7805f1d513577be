/** Why something failed, for a person. Plain data, because it goes from a worker to the main thread. */

export interface Failure {
  /** One sentence for the queue item and the log. */
  sentence: string;
  /** The stack within the service's code; null if the error did not come from there. */
  place: string | null;
  /** Whether the service threw a `UserError`, whose message is for a person. */
  isUserError: boolean;
}

/** A failure that is not an error in the service's code. */
export function plainFailure(sentence: string): Failure {
  return { sentence, place: null, isUserError: false };
}

/** The failure as text for a row, the log and the screen: the sentence, with the stack below. */
export function failureText({ sentence, place }: Failure): string {
  return place === null ? sentence : `${sentence}\n${place}`;
}

/** The sentence without the stack. */
export function sentenceOf(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
