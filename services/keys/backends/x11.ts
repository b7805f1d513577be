/** X11, by xdotool. */
import { msg, t } from "livecue/language";
import { needsPointer } from "../deed.ts";
import { buttons, keys } from "../key_names.ts";
import { type Act, type Backend, exitCodes, lastLine, type Target } from "./backend.ts";

/** The exit code of a click without the program that finds out what is under the mouse. */
const noXwininfo = 5;

const program = "xdotool";
const wheelButtons = { up: "4", down: "5" };

/** Shell: whether the target has the keyboard. Sets `title`. */
const isFront = `window=$1 match=$2
is_front() {
  title=$(xdotool getwindowfocus getwindowname 2>/dev/null)
  if [ "$match" = exact ]; then [ "$title" = "$window" ]
  else case $title in *"$window"*) ;; *) return 1 ;; esac
  fi
}
`;

const guard = `${isFront}is_front || { printf '%s\\n' "$title"; exit ${exitCodes.elsewhere}; }
`;

/** Window managers put a window into a frame. The mouse is over the window if it is over one of its frames. */
const pointerGuard = `${guard}command -v xwininfo >/dev/null || exit ${noXwininfo}
under=$(xdotool getmouselocation --shell | sed -n 's/^WINDOW=//p')
each=$(xdotool getwindowfocus)
while [ "$each" != "$under" ]; do
  each=$(xwininfo -int -tree -id "$each" | sed -n '/root window)/!s/.*Parent window id: \\([0-9]*\\) .*/\\1/p')
  [ -n "$each" ] || exit ${exitCodes.pointerElsewhere}
done
`;

/** Runs until standard input is closed, as when Livecue is killed, or another window is in front. */
const watch = `${isFront}until timeout 0.03 cat >/dev/null; do is_front || exit 0; done
`;

/** If it failed, xdotool would not release the keys. */
const hold = `timeout "$3" sh -c "$4" sh "$1" "$2"; exit 0
`;

const lookScript = `printf '%s\\n' "$(xdotool getwindowfocus getwindowname 2>/dev/null)"
xdotool search --onlyvisible --name . getwindowname %@ 2>/dev/null; exit 0
`;

/** `environment`: XDG_SESSION_TYPE and WAYLAND_DISPLAY; undefined or "" if not set. */
export function x11(environment: { sessionType: string | undefined; waylandDisplay: string | undefined }) {
  const isWayland = environment.sessionType === "wayland" || Boolean(environment.waylandDisplay);
  return {
    lookSeconds: 2,
    obstacle: isWayland
      ? t`This desktop uses Wayland, where no program may press keys in the window of another. Log out, choose "Xorg" or "X11" on the login screen, and log in again.`
      : null,
    install: msg('Install it, for example with "sudo apt install xdotool".'),
    act: (deed, target) => ({ program, args: [...guarded(deed, target), ...argsOf(deed, target)] }),
    look: () => ({ program, args: shell(lookScript) }),
    explain,
  } satisfies Backend;
}

/** xdotool stops here if the check fails. */
function guarded(deed: Act, { title, match }: Target): string[] {
  return shell(needsPointer(deed) ? pointerGuard : guard, title, match);
}

function argsOf(deed: Act, { title, match }: Target): string[] {
  switch (deed.kind) {
    case "press": {
      const released = [...deed.keys].reverse();
      const held = shell(hold, title, match, String(deed.ms / 1000), watch);
      return [
        ...deed.keys.flatMap((key) => change(key, "down")),
        ...held,
        ...released.flatMap((key) => change(key, "up")),
      ];
    }
    case "move":
      return ["mousemove_relative", "--", String(deed.dx), String(deed.dy)];
    case "scroll":
      return ["click", wheelButtons[deed.direction]];
  }
}

function change(name: string, to: "down" | "up"): string[] {
  const key = keys.get(name);
  return key === undefined
    ? [`mouse${to}`, String(buttons.get(name))]
    : [`key${to}`, "--delay", "0", key.keysym];
}

/** A step of xdotool that runs a script and waits for it. */
function shell(script: string, ...values: string[]): string[] {
  const command = ["sh", "-c", script, "sh", ...values];
  return ["exec", "--sync", "--args", String(command.length), ...command];
}

function explain({ code, complaint }: { code: number; complaint: string }): string {
  if (code === noXwininfo) {
    return t`Clicks need the program "xwininfo". Install it, for example with "sudo apt install x11-utils".`;
  }
  if (/open display/.test(complaint)) {
    return t`There is no X display here. Start Livecue in a terminal of your desktop.`;
  }
  return t`xdotool ended with exit code ${code}: ${lastLine(complaint) || t`it gave no reason`}`;
}
