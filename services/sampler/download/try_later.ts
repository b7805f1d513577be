import { UserError } from "livecue/service";

/** Thrown where a server asks for a pause before the next try. */
export class TryLater extends UserError {
  /** 0 if the server named no time. */
  readonly retryAfterMs: number;

  constructor(message: string, { retryAfterMs }: { retryAfterMs: number }) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The value of a `Retry-After` header, in seconds or as a date, in milliseconds; 0 if missing or invalid. */
export function retryAfterMs(header: string | null): number {
  const text = header?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return 0;
  return Math.max(0, Date.parse(text) - Date.now() || 0);
}
