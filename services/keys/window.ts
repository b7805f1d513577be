/** Looks for the window by its title. */
import { cleanText } from "livecue/clean_text";
import { UserError } from "livecue/service";
import type { Backend, Target } from "./backends/backend.ts";
import { runHelper } from "./pressing_program.ts";

export interface Seen {
  /** The title of the window in front; "" if there is none. */
  front: string;
  /** The titles of all windows, each once. */
  titles: string[];
}

export type WindowState = "in front" | "behind" | "not found";

const mostTitles = 200;
const shownCharacters = 80;

/** Throws a `UserError`. */
export async function look(backend: Backend, signal: AbortSignal): Promise<Seen> {
  if (backend.obstacle !== null) throw new UserError(backend.obstacle);
  const end = await runHelper(backend, backend.look(), { release: signal });
  if (end.code !== 0) throw new UserError(backend.explain(end));
  const [front = "", ...others] = end.output.split(/\r?\n/);
  const titles = [...new Set([front, ...others])].filter((title) => title !== "");
  return { front, titles: titles.slice(0, mostTitles) };
}

export function stateOf({ title, match }: Target, { front, titles }: Seen): WindowState {
  const fits = (each: string) => title !== "" && (match === "exact" ? each === title : each.includes(title));
  if (fits(front)) return "in front";
  return titles.some(fits) ? "behind" : "not found";
}

/** A title as it is shown: any program may choose its own. */
export function quote(title: string): string {
  return `“${cleanText(title.trim(), shownCharacters)}”`;
}
