import assert from "node:assert/strict";
import { editorCommand } from "../../src/commands/editor.ts";

const none = { visual: undefined, editor: undefined };

Deno.test("The editor is the user's own, with its arguments, or else the system's default", () => {
  const opened = (given: Parameters<typeof editorCommand>[0]) => {
    const { program, args } = editorCommand(given, "/a b/config.jsonc");
    return [program, ...args];
  };
  assert.deepEqual(opened({ os: "linux", visual: "code --wait", editor: "vi" }), [
    "code",
    "--wait",
    "/a b/config.jsonc",
  ]);
  assert.deepEqual(opened({ os: "linux", visual: " ", editor: "vi" }), ["vi", "/a b/config.jsonc"]);
  assert.deepEqual(opened({ os: "linux", ...none }), ["nano", "/a b/config.jsonc"]);
  assert.deepEqual(opened({ os: "darwin", ...none }), ["open", "-t", "/a b/config.jsonc"]);
  assert.deepEqual(opened({ os: "windows", ...none }), ["notepad", "/a b/config.jsonc"]);
});
