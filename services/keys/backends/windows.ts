/** Windows, by the script send_input.ps1 in PowerShell. */
import { msg, t } from "livecue/language";
import { fileURLToPath } from "node:url";
import { keys } from "../key_names.ts";
import {
  type Act,
  type Backend,
  type CommandEnd,
  type CommandLine,
  lastLine,
  type Target,
} from "./backend.ts";

const scriptPath = fileURLToPath(new URL("send_input.ps1", import.meta.url));

/** The script's exit code if Windows takes no input for the window in front. */
const blocked = 6;

export const windows: Backend = {
  // PowerShell takes a moment to start.
  lookSeconds: 30,
  obstacle: null,
  install: msg("It comes with Windows: check that its folder is in PATH."),
  act: (deed, target) => script("act", ...targetOf(target), ...inputsOf(deed)),
  look: () => script("look"),
  explain,
};

function script(...args: string[]): CommandLine {
  return {
    program: "powershell.exe",
    args: [
      "-NoLogo",
      "-NoProfile",
      "-NonInteractive",
      "-ExecutionPolicy",
      "Bypass",
      "-File",
      scriptPath,
      ...args,
    ],
  };
}

/** The letter in front keeps PowerShell from reading a title such as "-Game" as the name of a parameter. */
function targetOf({ title, match }: Target): string[] {
  return [`=${title}`, match];
}

/** The milliseconds of a hold and the inputs: "k57" is a scan code, "mouse_left" a button, "move:-10:5" and "wheel:120". */
function inputsOf(deed: Act): string[] {
  switch (deed.kind) {
    case "press":
      return [
        String(deed.ms),
        ...deed.keys.map((name) => {
          const key = keys.get(name);
          return key === undefined ? name : `k${key.scanCode}`;
        }),
      ];
    case "move":
      return ["0", `move:${deed.dx}:${deed.dy}`];
    case "scroll":
      return ["0", `wheel:${deed.direction === "up" ? 120 : -120}`];
  }
}

function explain({ code, complaint }: CommandEnd): string {
  if (code === blocked) {
    return t`Windows does not pass keys on to this window, because the game runs as administrator and Livecue does not. Start the game without administrator rights, or Livecue with them.`;
  }
  return t`PowerShell ended with exit code ${code}: ${lastLine(complaint) || t`it gave no reason`}`;
}
