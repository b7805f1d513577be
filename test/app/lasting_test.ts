/** Some minutes of a fast live leak nothing. `deno task test:lasts` runs for eight hours. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

Deno.test("Memory, files and times do not grow through reconnects, config changes and worker crashes", async () => {
  const script = fileURLToPath(new URL("../long/lasts.ts", import.meta.url));
  const args = [
    "run",
    "-A",
    "--no-prompt",
    "--no-check",
    "--quiet",
    "--v8-flags=--expose-gc",
    script,
    "0.2",
    "10",
  ];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  assert.ok(success, text.decode(stdout) + text.decode(stderr));
  assert.match(text.decode(stdout), /It lasts: /);
});
