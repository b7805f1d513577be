/** Characters that steer a terminal or turn the writing round, and halves of characters. Line ends are none of them. */
const steering = /(?!\n)[\p{Cc}\p{Cs}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * A mistake that a person can mend: what happened, the value, and what to do, in one message.
 * `main.ts` prints it without a stack and exits with code 2. Whatever the message quotes, it does not steer a terminal.
 */
export class UserError extends Error {
  override readonly name = "UserError";

  constructor(message: string, options?: ErrorOptions) {
    super(message.replace(steering, "\ufffd"), options);
  }
}
