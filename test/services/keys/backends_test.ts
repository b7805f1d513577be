/** The command lines for Windows and macOS, where no test runs, and what the service says of their failures. */
import assert from "node:assert/strict";
import { macos } from "../../../services/keys/backends/macos.ts";
import { windows } from "../../../services/keys/backends/windows.ts";
import { x11 } from "../../../services/keys/backends/x11.ts";
import { optionsSchema } from "../../../services/keys/options.ts";

const target = { title: "-Game", match: "part" as const };
const press = { kind: "press" as const, keys: ["ctrl", "up", "mouse_right"], ms: 300 };
const failed = (complaint: string, code = 1) => ({ code, output: "", complaint });

Deno.test("On Windows, keys are scan codes, and the title is no parameter", () => {
  const { program, args } = windows.act(press, target);
  assert.equal(program, "powershell.exe");
  assert.deepEqual(args.slice(-7), ["act", "=-Game", "part", "300", "k29", `k${0xe048}`, "mouse_right"]);
  assert.match(args.at(-8) ?? "", /send_input\.ps1$/);
  assert.deepEqual(windows.act({ kind: "move", dx: -10, dy: 5 }, target).args.slice(-2), ["0", "move:-10:5"]);
  assert.deepEqual(windows.act({ kind: "scroll", direction: "down" }, target).args.at(-1), "wheel:-120");
  assert.match(windows.explain(failed("", 6)), /runs as administrator/);
});

Deno.test("On macOS, keys are key codes with the flags of their modifiers", () => {
  const { program, args } = macos.act(press, target);
  assert.equal(program, "osascript");
  assert.deepEqual(args.slice(-4, -1), ["act", "-Game", "part"]);
  assert.deepEqual(JSON.parse(args.at(-1) ?? ""), {
    kind: "press",
    ms: 300,
    inputs: [{ code: 59, flag: 0x40000 }, { code: 126, flag: 0 }, { button: 3 }],
  });
  assert.match(macos.explain(failed("osascript is not trusted (-25211)")), /Accessibility/);
  assert.match(macos.explain(failed("Not authorized to send Apple events (-1743)")), /Automation/);
});

Deno.test("A Wayland desktop is said, with what to do, and X11 without a display too", () => {
  for (const [sessionType, waylandDisplay] of [["wayland", undefined], [undefined, "wayland-0"]]) {
    assert.match(x11({ sessionType, waylandDisplay }).obstacle ?? "", /uses Wayland.*choose "Xorg"/);
  }
  const { obstacle, explain } = x11({ sessionType: "x11", waylandDisplay: undefined });
  assert.equal(obstacle, null);
  assert.match(explain(failed("Error: Can't open display: (null)")), /There is no X display here/);
});

Deno.test("The service rehearses, names no window and allows no key unless the config says so", async () => {
  const { value } = await optionsSchema["~standard"].validate({}) as { value: Record<string, unknown> };
  assert.deepEqual([value.rehearse, value.window, value.keys], [true, "", []]);
});

Deno.test("Keys that are not allowed, too long holds and misspelled steps are found at the start, with their places", async () => {
  const rule = (step: unknown, when = "CommentEvent") => ({ when, do: step });
  const { issues = [] } = await optionsSchema["~standard"].validate({
    keys: ["space", "ctrl", "1", "w"],
    rules: [
      rule({ press: "ctrl+1" }),
      rule({ hold: "w", ms: 5000 }),
      rule({ click: "left" }),
      rule({ words: { a: "w" } }, "GiftEvent"),
    ],
  }) as { issues?: { message: string; path: PropertyKey[] }[] };
  assert.deepEqual(issues.map(({ path, message }) => `${path.join(".")} ${message.split(":")[0]}`), [
    'rules.0.do.0.press needs "ctrl+1", which is not in the list "keys"',
    'rules.1.do.0.ms is more than "max_hold_ms", which is 2000',
    'rules.2.do.0.click needs "mouse_left", which is not in the list "keys"',
    "rules.3.do.0.words looks for words in a GiftEvent, which has none",
  ]);
  const wrong = await optionsSchema["~standard"].validate({
    keys: ["spce"],
    rules: [rule({ pres: "space" }), rule({ press: "retrun" })],
  });
  const text = JSON.stringify(wrong.issues);
  assert.match(text, /did you mean \\"space\\"/);
  assert.match(text, /has no step \\"pres\\".*did you mean \\"press\\"/);
});
