/**
 * A mistake that a person can mend: what happened, the value, and what to do, in one message.
 * `main.ts` prints it without a stack and exits with code 2.
 */
export class UserError extends Error {
  override readonly name = "UserError";
}
