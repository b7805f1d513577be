import { answer } from "livecue/pages";
import type { Problem } from "./schemas.ts";

/** An answer that says what is wrong, and what to do. */
export function problem(status: number, error: string, advice: string): Response {
  return answer(JSON.stringify({ error, advice } satisfies Problem), "application/json", status);
}
