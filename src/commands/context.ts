/** What a command gets from `main.ts`. */
export interface CommandContext {
  /** Exits at once, for a second Ctrl-C. */
  exitNow: (code: number) => void;
  /** Called by the command that ran. */
  setExitCode: (code: number) => void;
}
