import assert from "node:assert/strict";
import { resolve } from "node:path";
import { ConfigError } from "../../src/config/config_error.ts";
import { parseConfig } from "../../src/config/load.ts";
import { boundActions, screenActions } from "../../src/screen_keys.ts";

const path = resolve("/home/ana/livecue/config.jsonc");

function keysOf(keys: Record<string, unknown>): unknown {
  return parseConfig(JSON.stringify({ keys }), { path }).screen.keys;
}

/** "path: message" of each mistake. */
function mistakesOf(keys: Record<string, unknown>): string[] {
  try {
    keysOf(keys);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

Deno.test("A key may be written as on the keyboard, in any case, and an action may have several", () => {
  const keys = {
    pause: "F5",
    restart: ["ctrl+x", "Shift-F", "ñ"],
    page_down: ["PgDn", " "],
    up: ["Up", "K"],
    page_up: "Ins",
  };
  assert.deepEqual(keysOf(keys), {
    pause: ["f5"],
    restart: ["ctrl-x", "F", "ñ"],
    page_down: ["pagedown", "space"],
    up: ["up", "K"],
    page_up: ["insert"],
  });
});

Deno.test("Every usual key can be written, and sets what is usual", () => {
  const usual = Object.fromEntries(boundActions.map((name) => [name, screenActions[name].keys]));
  assert.deepEqual(keysOf(usual), usual);
});

Deno.test("Two actions can exchange their keys", () => {
  assert.deepEqual(keysOf({ pause: "r", restart: "p" }), { pause: ["r"], restart: ["p"] });
});

Deno.test("A mistake in the keys is named with what to do", () => {
  const cases: [keys: Record<string, unknown>, mistake: string][] = [
    [{ puase: "F5" }, 'keys.puase: there is no action "puase", did you mean "pause"?'],
    [{ fly: "F5" }, 'keys.fly: there is no action "fly"; docs/screen_keys.md#your-own-keys lists all'],
    [{ pause: ["F5", "Entr"] }, 'keys.pause[1]: there is no key "Entr", did you mean "Enter"?'],
    [
      { pause: "r" },
      'keys.pause: r is the key of "restart" in the services; choose another key, or set one for "restart" too',
    ],
    [
      { pause: "x", restart: "x" },
      'keys.restart: x is the key of "pause" in the services; choose another key',
    ],
    [{ accept: "x" }, "keys.accept: x types a character there; choose a key such as F2 or Ctrl-X"],
    [{ zoom: "b" }, 'keys.zoom: "b" is for the services\' own panes; choose another key'],
    [{ pause: "ctrl-c" }, "keys.pause: Ctrl-C always quits; choose another key"],
    [{ interrupt: "x" }, "keys.interrupt: Ctrl-C always quits; delete this line"],
    [{ pause: "Ctrl-I" }, "keys.pause: a terminal cannot tell Ctrl-I from Tab; choose another key"],
  ];
  for (const [keys, mistake] of cases) assert.deepEqual(mistakesOf(keys), [mistake]);
  assert.match(
    mistakesOf({ pause: "Alt-x" }).join(),
    /there is no key "Alt-x"; a key is a character, as "p"/,
  );
});
