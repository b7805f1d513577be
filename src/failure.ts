/** Why something went wrong, for a person. Plain data: it crosses from a worker to the main thread. */

export interface Failure {
  /** One sentence for the queue item and the log. */
  sentence: string;
  /** Where in the service's code, line by line; null where what was thrown has no place there. */
  place: string | null;
  /** Whether the service said it for a person, by a `UserError`. */
  isUserError: boolean;
}

/** A failure that is not one of the code's. */
export function plainFailure(sentence: string): Failure {
  return { sentence, place: null, isUserError: false };
}

/** The failure as it is kept in a row, in the log and on the screen: the place stands below the sentence. */
export function failureText({ sentence, place }: Failure): string {
  return place === null ? sentence : `${sentence}\n${place}`;
}

/** The sentence alone, of such a text. */
export function sentenceOf(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
