/** macOS, by the script post_events.js in osascript. */
import { msg, t } from "livecue/language";
import { fileURLToPath } from "node:url";
import { buttons, keys } from "../key_names.ts";
import { type Act, type Backend, type CommandEnd, type CommandLine, lastLine } from "./backend.ts";

const scriptPath = fileURLToPath(new URL("post_events.js", import.meta.url));

export const macos: Backend = {
  // Each look asks every program for its windows.
  lookSeconds: 30,
  obstacle: null,
  install: msg("It comes with macOS: check that /usr/bin is in PATH."),
  act: (deed, { title, match }) => script("act", title, match, JSON.stringify(eventsOf(deed))),
  look: () => script("look"),
  explain,
};

function script(...args: string[]): CommandLine {
  return { program: "osascript", args: ["-l", "JavaScript", scriptPath, ...args] };
}

/** The modifiers by key code, with the flag that macOS wants in the events of other keys. */
const flags: Readonly<Record<number, number>> = { 56: 0x2_0000, 58: 0x8_0000, 59: 0x4_0000 };

/** As the script reads it. */
function eventsOf(deed: Act) {
  if (deed.kind !== "press") return deed;
  const inputs = deed.keys.map((name) => {
    const key = keys.get(name);
    if (key === undefined) return { button: buttons.get(name) };
    return { code: key.macCode, flag: flags[key.macCode] ?? 0 };
  });
  return { kind: "press", ms: deed.ms, inputs };
}

const settings = () => t`System Settings → Privacy & Security`;

function explain({ code, complaint }: CommandEnd): string {
  if (/assistive access|not trusted|-1719|-25211/.test(complaint)) {
    return t`macOS does not let Livecue press keys. Allow your terminal in ${settings()} → Accessibility, and start it again.`;
  }
  if (/-1743|Not authori[sz]ed/.test(complaint)) {
    return t`macOS does not let Livecue see which window is in front. Allow "System Events" for your terminal in ${settings()} → Automation.`;
  }
  return t`osascript ended with exit code ${code}: ${lastLine(complaint) || t`it gave no reason`}`;
}
