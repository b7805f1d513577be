/** Characters that control a terminal or the text direction, and lone surrogates; line breaks are allowed. */
const steering = /(?!\n)[\p{Cc}\p{Cs}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

interface UserErrorOptions extends ErrorOptions {
  /** The page of the docs that helps, from `helpPages`. */
  page?: string;
}

/**
 * A mistake that a person can fix: the message says what happened, the value, and what to do. `main.ts` prints it
 * without a stack and exits with code 2. Control characters are replaced, so that quoted text cannot control a
 * terminal.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly page: string | null;

  constructor(message: string, { page, ...options }: UserErrorOptions = {}) {
    super(message.replace(steering, "\ufffd"), options);
    this.page = page ?? null;
  }
}
