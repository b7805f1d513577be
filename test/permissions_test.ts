/** What Livecue itself may do: as little as its tasks can do with, each permission with its reason in the docs. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const read = (path: string) => Deno.readTextFileSync(new URL(path, root));
const { tasks }: { tasks: Record<string, { description: string; command: string }> } = JSON.parse(
  read("deno.json"),
);
const docs = read("docs/security.md");
const runs = Object.entries(tasks).map(([name, { command }]) => [name, command] as const)
  .filter(([, command]) => /\bdeno (run|test|bench)\b/.test(command));

/** The permissions in a command. */
const permissionsOf = (command: string) =>
  [...command.matchAll(/ --allow-([a-z]+)/g)].map(([, name]) => name ?? "");

Deno.test("No task has all permissions by -A: each names them, and asks nobody for more", () => {
  assert.ok(runs.length >= 9);
  for (const [name, command] of runs) {
    assert.doesNotMatch(command, /\s(-A|--allow-all|-P\S*)\s/, name);
    assert.ok(permissionsOf(command).length > 0, name);
    assert.match(command, /\s--no-prompt\s/, name);
  }
  for (const file of [".ci/run", "README.md", "config.example.jsonc"]) {
    assert.doesNotMatch(read(file), /deno (run|test) -A|--allow-all/, file);
  }
});

Deno.test("The list of the tasks says of each, in a line, what it does", () => {
  for (const [name, { description }] of Object.entries(tasks)) {
    assert.match(description, /^[A-Z].{10,100}\.$/u, name);
  }
});

Deno.test("The tasks that people start load no code from the web", () => {
  for (const name of ["livecue", "start", "demo"]) assert.match(tasks[name]?.command ?? "", / --no-remote /);
});

Deno.test("Each permission of each task stands in docs/security.md, with what would not work without it", () => {
  const rows = new Map(
    [...docs.matchAll(/^\| `(\w+)` +\| (.+?) +\| (.+?) +\|$/gm)].map((
      [, name, why, without],
    ) => [name, [why, without]]),
  );
  for (const [, command] of runs) {
    for (const permission of permissionsOf(command)) {
      const words = rows.get(permission);
      assert.ok(words && words.every((text) => (text ?? "").length > 5), permission);
    }
  }
});

Deno.test("No module of Livecue loads a native library, or code from the web", async () => {
  const { stdout } = await new Deno.Command("git", {
    args: ["ls-files", "main.ts", "src", "services"],
    cwd: fileURLToPath(root),
  }).output();
  const files = new TextDecoder().decode(stdout).trim().split("\n").filter((file) => /\.tsx?$/.test(file));
  assert.ok(files.length > 200);
  for (const file of files) {
    const text = read(file);
    assert.doesNotMatch(text, /\bdlopen\b|UnsafePointer|\.node"/, file);
    assert.doesNotMatch(text, /(from|import)\s*\(?\s*"(https?|jsr):/, file);
  }
});
