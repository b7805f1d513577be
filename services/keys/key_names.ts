/** The keys and mouse buttons that rules can press, with the code that each system has for them. */

export interface Key {
  /** X11's name for what the key means in the current layout. */
  keysym: string;
  /** The position on the keyboard, as Windows numbers it (scan code set 1). From 0xE000 on: an extended key. */
  scanCode: number;
  /** The position on the keyboard, as macOS numbers it. */
  macCode: number;
}

/** Keys by name. The names are those of an American keyboard. */
export const keys: ReadonlyMap<string, Key> = new Map([
  ...row("1234567890", 0x02, [18, 19, 20, 21, 23, 22, 26, 28, 25, 29]),
  ...row("qwertyuiop", 0x10, [12, 13, 14, 15, 17, 16, 32, 34, 31, 35]),
  ...row("asdfghjkl", 0x1e, [0, 1, 2, 3, 5, 4, 38, 40, 37]),
  ...row("zxcvbnm", 0x2c, [6, 7, 8, 9, 11, 45, 46]),
  ...[122, 120, 99, 118, 96, 97, 98, 100, 101, 109, 103, 111].map((macCode, index) =>
    key(`f${index + 1}`, `F${index + 1}`, index < 10 ? 0x3b + index : 0x4d + index, macCode)
  ),
  key("escape", "Escape", 0x01, 53),
  key("minus", "minus", 0x0c, 27),
  key("equal", "equal", 0x0d, 24),
  key("backspace", "BackSpace", 0x0e, 51),
  key("tab", "Tab", 0x0f, 48),
  key("bracketleft", "bracketleft", 0x1a, 33),
  key("bracketright", "bracketright", 0x1b, 30),
  key("enter", "Return", 0x1c, 36),
  key("ctrl", "Control_L", 0x1d, 59),
  key("semicolon", "semicolon", 0x27, 41),
  key("quote", "apostrophe", 0x28, 39),
  key("backquote", "grave", 0x29, 50),
  key("shift", "Shift_L", 0x2a, 56),
  key("backslash", "backslash", 0x2b, 42),
  key("comma", "comma", 0x33, 43),
  key("period", "period", 0x34, 47),
  key("slash", "slash", 0x35, 44),
  key("alt", "Alt_L", 0x38, 58),
  key("space", "space", 0x39, 49),
  key("home", "Home", 0xe047, 115),
  key("up", "Up", 0xe048, 126),
  key("pageup", "Prior", 0xe049, 116),
  key("left", "Left", 0xe04b, 123),
  key("right", "Right", 0xe04d, 124),
  key("end", "End", 0xe04f, 119),
  key("down", "Down", 0xe050, 125),
  key("pagedown", "Next", 0xe051, 121),
  key("insert", "Insert", 0xe052, 114),
  key("delete", "Delete", 0xe053, 117),
]);

/** Mouse buttons by name, with X11's number. */
export const buttons: ReadonlyMap<string, number> = new Map([
  ["mouse_left", 1],
  ["mouse_middle", 2],
  ["mouse_right", 3],
]);

/** What "keys" in the options can also allow. */
export const otherAllowed = ["mouse_move", "mouse_wheel"];

export const inputNames: readonly string[] = [...keys.keys(), ...buttons.keys()];

function key(name: string, keysym: string, scanCode: number, macCode: number): [string, Key] {
  return [name, { keysym, scanCode, macCode }];
}

/** Keys beside one another: on Windows their codes follow one another. */
function row(names: string, firstScanCode: number, macCodes: number[]): [string, Key][] {
  return [...names].map((name, index) => key(name, name, firstScanCode + index, macCodes[index] as number));
}
