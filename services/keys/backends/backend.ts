/** What a backend is: it turns a deed into the command line of a program that does it. */
import type { Deed } from "../deed.ts";

/** The only window into which keys go. */
export interface Target {
  /** "" is no window. */
  title: string;
  match: "part" | "exact";
}

export interface CommandLine {
  program: string;
  args: string[];
}

/** How a command ended. */
export interface CommandEnd {
  code: number;
  output: string;
  complaint: string;
}

export type Act = Exclude<Deed, { kind: "pause" }>;

export interface Backend {
  /** How often the pane may look for the window. */
  lookSeconds: number;
  /** Why nothing can be pressed here, and what to do; null if nothing is known to be in the way. */
  obstacle: string | null;
  /** Said if the program is not there; marked for translation. */
  install: string;
  /**
   * Does it if the target is in front, and checks that again right before. Held keys are released when the time is
   * over, or another window comes to the front. The program survives Livecue, and exits with one of `exitCodes`.
   */
  act(deed: Act, target: Target): CommandLine;
  /** Prints the title of the window in front (an empty line if there is none), then those of all windows. */
  look(): CommandLine;
  /** Why the command failed, and what to do. */
  explain(end: CommandEnd): string;
}

/** The exit codes of `act`, besides 0. */
export const exitCodes = {
  /** Another window is in front. It is printed. */
  elsewhere: 3,
  /** The mouse is not over the window. */
  pointerElsewhere: 4,
};

/** The last line that a program wrote to standard error. */
export function lastLine(complaint: string): string {
  return complaint.trim().split("\n").at(-1)?.trim().slice(0, 200) ?? "";
}
