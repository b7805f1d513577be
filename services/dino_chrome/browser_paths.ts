/**
 * Where Chrome and Chromium are installed on each platform. Microsoft Edge is not listed because it has another game.
 */
import { t } from "livecue/language";

export type Platform = typeof Deno.build.os;

/** Names are looked up in PATH. They may be started only if they were present when the service started. */
const onLinux = [
  "google-chrome",
  "chromium",
  "/usr/bin/google-chrome",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/opt/google/chrome/chrome",
  "/snap/bin/chromium",
];

const onMac = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const onWindows = [
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files\\Chromium\\Application\\chrome.exe",
];

/** In the order in which they are tried. `variable` reads the environment. */
export function browserPaths(
  platform: Platform,
  variable: (name: string) => string | undefined,
): string[] {
  if (platform === "darwin") {
    const home = variable("HOME");
    return [...onMac, ...(home ? onMac.map((path) => `${home}${path}`) : [])];
  }
  if (platform !== "windows") return onLinux;
  const local = variable("LOCALAPPDATA");
  const ofUser = ["Google\\Chrome", "Chromium"].map((name) => `${local}\\${name}\\Application\\chrome.exe`);
  return [...onWindows, ...(local ? ofUser : [])];
}

/** What to do if no browser was found, or not the one in browser_path (`isNamed`). */
export function adviceToInstall(platform: Platform, isNamed: boolean): string {
  const install = howToInstall(platform);
  return isNamed
    ? t`correct browser_path in the options, or leave it empty and ${install}`
    : t`${install}, or put the path of yours into browser_path in the options (and into "run" in the permissions)`;
}

function howToInstall(platform: Platform): string {
  switch (platform) {
    case "windows":
      return t`install Chrome from https://www.google.com/chrome`;
    case "darwin":
      return t`install Chrome from https://www.google.com/chrome into Applications`;
    default:
      return t`install Chromium (Debian and Ubuntu: sudo apt install chromium, Fedora: sudo dnf install chromium)`;
  }
}

/** The environment variables a browser needs. The others may contain secrets and are not passed on. */
export const browserVariables = [
  "PATH",
  "HOME",
  "LANG",
  "TMPDIR",
  "DISPLAY",
  "XAUTHORITY",
  "WAYLAND_DISPLAY",
  "XDG_RUNTIME_DIR",
  "XDG_SESSION_TYPE",
  "XDG_CURRENT_DESKTOP",
  "DBUS_SESSION_BUS_ADDRESS",
  "PULSE_SERVER",
  "SYSTEMROOT",
  "SYSTEMDRIVE",
  "WINDIR",
  "PROGRAMFILES",
  "PROGRAMDATA",
  "LOCALAPPDATA",
  "APPDATA",
  "USERPROFILE",
  "TEMP",
  "TMP",
];
