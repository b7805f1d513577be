import assert from "node:assert/strict";
import { type EditorCommand, editorCommand } from "../../src/commands/editor.ts";

const none = { visual: undefined, editor: undefined, exists: () => true };

Deno.test("The editor is the user's own, with its arguments, or else the system's default", () => {
  const { exists } = none;
  const opened = (given: Parameters<typeof editorCommand>[0]) => {
    const { program, args } = editorCommand(given, "/a b/config.jsonc") as EditorCommand;
    return [program, ...args];
  };
  assert.deepEqual(opened({ os: "linux", visual: "code --wait", editor: "vi", exists }), [
    "code",
    "--wait",
    "/a b/config.jsonc",
  ]);
  assert.deepEqual(opened({ os: "linux", visual: " ", editor: "vi", exists }), ["vi", "/a b/config.jsonc"]);
  assert.deepEqual(opened({ os: "linux", ...none }), ["nano", "/a b/config.jsonc"]);
  assert.deepEqual(opened({ os: "darwin", ...none }), ["nano", "/a b/config.jsonc"]);
  assert.deepEqual(opened({ os: "windows", ...none }), ["notepad", "/a b/config.jsonc"]);
});

Deno.test("An editor that is not there is passed over: the next that is there opens the file", () => {
  const openedWith = (there: string[], given: { visual?: string; editor?: string } = {}) =>
    editorCommand({
      os: "linux",
      visual: given.visual,
      editor: given.editor,
      exists: (program) => there.includes(program),
    }, "c.jsonc")?.program ?? null;
  assert.equal(openedWith(["vi"]), "vi");
  assert.equal(openedWith(["vi", "nano"], { visual: "code --wait" }), "nano");
  assert.equal(openedWith(["vi", "kak"], { visual: "code", editor: "kak" }), "kak");
  assert.equal(openedWith([]), null);
});
