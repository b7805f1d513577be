/** The findings of `doctor`, and the time limit of its checks. */
import { type Clock, limit } from "../clock.ts";
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";

/** "wrong": a live would not work. "odd": the user should check it. */
export type Verdict = "well" | "odd" | "wrong";

export interface Finding {
  verdict: Verdict;
  /** One or more sentences: the fact, and what to do. */
  text: string;
}

/** The check of one thing that a live needs, such as "Overlays". */
export interface Examination {
  name: string;
  /** If it throws a `UserError`, its message becomes a "wrong" finding. The signal aborts when the time is up. */
  look(signal: AbortSignal): Finding[] | Promise<Finding[]>;
}

export const well = (text: string): Finding => ({ verdict: "well", text });
export const odd = (text: string): Finding => ({ verdict: "odd", text });
export const wrong = (text: string): Finding => ({ verdict: "wrong", text });

/** Runs the check. A `UserError` or a timeout becomes a finding; any other error rejects. */
export async function examine(
  { name, look }: Examination,
  { clock, limitMs }: { clock: Clock; limitMs: number },
): Promise<Finding[]> {
  const over = Promise.withResolvers<never>();
  const controller = new AbortController();
  const cancel = limit(clock, limitMs, () => {
    const late = new UserError(
      t`The check did not finish within ${limitMs / 1000} s. Try again when the computer is less busy.`,
    );
    controller.abort(late);
    over.reject(late);
  });
  try {
    return await Promise.race([Promise.try(look, controller.signal), over.promise]);
  } catch (error) {
    if (!(error instanceof UserError)) throw new Error(`The check of ${name} has a bug`, { cause: error });
    return error.message.split("\n").map(wrong);
  } finally {
    cancel();
  }
}
