/** The names of keys: as the config has them, as the screen shows them, and the one that the code uses. */

/** By the code's name. */
const shownNames: Record<string, string> = {
  enter: "Enter",
  esc: "Esc",
  tab: "Tab",
  "shift-tab": "Shift-Tab",
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  pageup: "PgUp",
  pagedown: "PgDn",
  home: "Home",
  end: "End",
  space: "Space",
  backspace: "Backspace",
  delete: "Delete",
  insert: "Insert",
};

const functionKeys = Array.from({ length: 12 }, (_, index) => `f${index + 1}`);

/** Other names that a person may write. */
const otherNames: Record<string, string> = {
  escape: "esc",
  return: "enter",
  pgup: "pageup",
  pgdn: "pagedown",
  pgdown: "pagedown",
  del: "delete",
  ins: "insert",
  backtab: "shift-tab",
  "↑": "up",
  "↓": "down",
  "←": "left",
  "→": "right",
};

/** Names that a person would write, to suggest the nearest. */
export const namedKeys: readonly string[] = [
  "Enter",
  "Esc",
  "Tab",
  "Shift-Tab",
  "Up",
  "Down",
  "Left",
  "Right",
  "PageUp",
  "PageDown",
  "Home",
  "End",
  "Space",
  "Backspace",
  "Delete",
  "Insert",
  ...functionKeys.map((name) => name.toUpperCase()),
];

/** A key as printed on a keyboard. `key`: the code's name. */
export function shownKey(key: string): string {
  if (functionKeys.includes(key)) return key.toUpperCase();
  return shownNames[key] ?? key.replace(/^ctrl-(.)$/, (_, letter: string) => `Ctrl-${letter.toUpperCase()}`);
}

/** A key as a person would write it in the config. `key`: the code's name. */
export function writtenKey(key: string): string {
  return namedKeys.find((name) => parseKey(name) === key) ?? shownKey(key);
}

/** The code's name of a key that a person wrote, as "F5", "ctrl+x", "Shift-P" or "p"; null if there is no such key. */
export function parseKey(written: string): string | null {
  if (written === " ") return "space";
  const text = written.trim();
  if (isCharacter(text) && !(text in otherNames)) return text;
  const name = text.toLowerCase().replace(/[+_ ]/g, "-").replace(/^page-(?=up|down)/, "page");
  const shifted = /^shift-(\p{L})$/u.exec(name)?.[1];
  if (shifted !== undefined) return shifted.toUpperCase();
  if (/^(?:ctrl|control)-[a-z]$/.test(name)) return `ctrl-${name.at(-1)}`;
  const known = otherNames[name] ?? name;
  return known in shownNames || functionKeys.includes(known) ? known : null;
}

/** Whether the key types a character. */
export function isCharacter(key: string): boolean {
  return /^[^\p{C}\p{Z}]$/u.test(key);
}

/** The key for which a terminal sends the same as for this one; null if it sends something of its own. */
export function sameInTerminal(key: string): string | null {
  return { "ctrl-i": "tab", "ctrl-m": "enter", "ctrl-j": "enter", "ctrl-h": "backspace" }[key] ?? null;
}
