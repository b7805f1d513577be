/**
 * Presses keys and moves the mouse on macOS, by CoreGraphics, in osascript (JavaScript for Automation):
 *   look                          prints the title in front, then those of all windows
 *   act TITLE part|exact EVENTS   EVENTS: JSON, as `eventsOf` in macos.ts makes it
 * Exit codes of act: 0 done; 3 another window is in front, and is printed; 4 the mouse is elsewhere. Keys are released
 * when their time is over or another window comes to the front. This script cannot notice that Livecue has ended.
 */
/* global $, ObjC, Application, delay */
// deno-lint-ignore no-unused-vars
function run(argv) {
  ObjC.import("stdlib");
  ObjC.import("CoreGraphics");
  ObjC.import("ApplicationServices");
  const [task, title, match, events] = argv;
  const system = Application("System Events");
  if (task === "look") return [frontOf(system).title, ...titlesOf(system)].join("\n");
  if (!$.AXIsProcessTrusted()) throw new Error("osascript is not trusted (-25211)");
  const isFront = () => {
    const front = frontOf(system).title;
    return match === "exact" ? front === title : front.includes(title);
  };
  const front = frontOf(system);
  if (!isFront()) return end(3, front.title);
  const act = JSON.parse(events);
  const usesPointer = act.kind === "scroll" || (act.inputs || []).some(({ button }) => button !== undefined);
  if (usesPointer && !isInside(pointer(), front)) return end(4, "");
  perform(act, isFront);
  return "";
}

/** The window in front: its title, or the name of its program if it has none, and where it is. */
function frontOf(system) {
  const program = system.processes.whose({ frontmost: true })[0];
  const windows = program.windows;
  if (windows.length === 0) return { title: program.name(), position: [0, 0], size: [0, 0] };
  const window = windows[0];
  return { title: window.name() || program.name(), position: window.position(), size: window.size() };
}

function titlesOf(system) {
  return system.processes.whose({ backgroundOnly: false })().flatMap((program) => {
    const titles = program.windows.name().filter((name) => name);
    return titles.length === 0 ? [program.name()] : titles;
  });
}

/** Prints the text and ends: an error of the script would only be exit code 1. */
function end(code, text) {
  const line = $.NSString.alloc.initWithUTF8String(text + "\n").dataUsingEncoding(4);
  $.NSFileHandle.fileHandleWithStandardOutput.writeData(line);
  $.exit(code);
}

function pointer() {
  return $.CGEventGetLocation($.CGEventCreate(null));
}

function isInside({ x, y }, { position, size }) {
  return x >= position[0] && y >= position[1] && x < position[0] + size[0] && y < position[1] + size[1];
}

function perform(act, isFront) {
  switch (act.kind) {
    case "press":
      return hold(act, isFront);
    case "move":
      return move(act);
    case "scroll":
      // By lines, on one wheel.
      return post($.CGEventCreateScrollWheelEvent(null, 1, 1, act.direction === "up" ? 1 : -1));
  }
}

function hold({ inputs, ms }, isFront) {
  const until = Date.now() + ms;
  const pressed = [];
  try {
    for (const input of inputs) {
      pressed.unshift(input);
      change(input, true, pressed);
    }
    while (Date.now() < until && isFront()) delay(Math.min(20, until - Date.now()) / 1000);
  } finally {
    while (pressed.length > 0) change(pressed.shift(), false, pressed);
  }
}

/** The types of mouse events, by X11's number of the button, with macOS's own number. */
const mouseEvents = {
  1: { down: 1, up: 2, button: 0 },
  2: { down: 25, up: 26, button: 2 },
  3: { down: 3, up: 4, button: 1 },
};

function change({ code, button }, isDown, pressed) {
  const flags = pressed.reduce((sum, { flag = 0 }) => sum | flag, 0);
  let event;
  if (code === undefined) {
    const types = mouseEvents[button];
    event = $.CGEventCreateMouseEvent(null, isDown ? types.down : types.up, pointer(), types.button);
  } else event = $.CGEventCreateKeyboardEvent(null, code, isDown);
  $.CGEventSetFlags(event, flags);
  post(event);
}

/** Games read the difference (fields 4 and 5 of the event), other programs the place. */
function move({ dx, dy }) {
  const { x, y } = pointer();
  const event = $.CGEventCreateMouseEvent(null, 5, { x: x + dx, y: y + dy }, 0);
  $.CGEventSetIntegerValueField(event, 4, dx);
  $.CGEventSetIntegerValueField(event, 5, dy);
  post(event);
}

function post(event) {
  $.CGEventPost(0, event);
}
