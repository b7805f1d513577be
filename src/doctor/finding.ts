/** What the doctor found, and looking for it in bounded time. */
import { type Clock, limit } from "../clock.ts";
import { UserError } from "../user_error.ts";

/** "wrong": a live would not work. "odd": worth a look. */
export type Verdict = "well" | "odd" | "wrong";

export interface Finding {
  verdict: Verdict;
  /** A whole sentence, or several: what is so, and what to do. */
  text: string;
}

/** One thing that a live needs, as "Overlays". */
export interface Examination {
  name: string;
  /** What a `UserError` says that it throws is what is wrong. The signal aborts when its time is over. */
  look(signal: AbortSignal): Finding[] | Promise<Finding[]>;
}

export const well = (text: string): Finding => ({ verdict: "well", text });
export const odd = (text: string): Finding => ({ verdict: "odd", text });
export const wrong = (text: string): Finding => ({ verdict: "wrong", text });

/** Never rejects for what is wrong with the computer; what has not ended in time was not through. */
export async function examine(
  { name, look }: Examination,
  { clock, limitMs }: { clock: Clock; limitMs: number },
): Promise<Finding[]> {
  const over = Promise.withResolvers<never>();
  const controller = new AbortController();
  const cancel = limit(clock, limitMs, () => {
    const late = new UserError(
      `It was not through after ${limitMs / 1000} s. Try again when less is going on.`,
    );
    controller.abort(late);
    over.reject(late);
  });
  try {
    return await Promise.race([Promise.try(look, controller.signal), over.promise]);
  } catch (error) {
    if (!(error instanceof UserError)) throw new Error(`The look at ${name} has a bug`, { cause: error });
    return error.message.split("\n").map(wrong);
  } finally {
    cancel();
  }
}
