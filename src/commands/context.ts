/** What a command gets from the outside. */
export interface CommandContext {
  /** Ends the process at once: for a second Ctrl-C. */
  exitNow: (code: number) => void;
  /** Set by the command that ran. */
  setExitCode: (code: number) => void;
}
