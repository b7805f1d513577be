/** What a service in Livecue's own process cannot do, whatever it was granted. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EscapesTold } from "../support/run_escapes.ts";

const program = fileURLToPath(new URL("../support/run_escapes.ts", import.meta.url));

/** No sentence means that it affects only the service's own output, or has no effect. */
const harmless = [
  "signals",
  "Deno.stdin",
  "another Deno.stdin",
  "readSync by name",
  "createReadStream by name",
  "process.stdin",
  "console by name",
  "console by require",
  "a warning",
  "a server's greeting",
  "fs.writeSync",
  "writeSync by name",
  "writeSync by import()",
  "writeSync by require",
  "writeSync by Module._load",
  "writeSync by a module of data",
  "writeSync by a module of a blob",
  "writeSync by text",
  "fs.writeFileSync",
  "fs.appendFileSync",
  "fs.createWriteStream",
  "createWriteStream by name",
  "fs.WriteStream",
  "writeFileSync to a fraction",
  "appendFileSync to a huge number",
  "writeFileSync to a large negative number",
  "an error in a registry",
  "a listener for errors that throws",
  "errors that no listener gets",
  "errors that cannot be prevented",
  "errors that cannot be described",
];

const allButPrograms = { net: true, read: true, write: true, env: true, sys: true };

for (
  const { isolation, what, granted } of [
    { isolation: "worker", what: "nothing", granted: {} },
    { isolation: "worker", what: "all but programs", granted: allButPrograms },
    { isolation: "shared", what: "all but programs", granted: allButPrograms },
  ] as const
) {
  Deno.test(`A service in a ${isolation === "shared" ? "shared worker" : "worker"} with ${what} granted reaches neither the process nor the terminal`, async () => {
    const { told, printed } = await escape(granted, { isolation });
    assert.equal(printed, "");
    assert.deepEqual(told.changes, []);
    assert.ok(Object.keys(told.errors).length > 70);
    for (const [name, error] of Object.entries(told.errors)) {
      const isDenied = name === "a server's greeting" && /Requires net access/.test(error);
      const expected = harmless.includes(name)
        ? /^Error: it got (null|undefined|10|0)\n/
        : /"isolation": "process"|Cannot delete property|not a constructor|not a function|Cannot read prop/;
      assert.ok(expected.test(error) || isDenied, `${name}: ${error}`);
    }
    for (const level of ["info", "warn"]) assert.ok(told.said.includes(`${level}: RAW bytes`), level);
  });
}

const lacksScript = !await hasScript();

Deno.test({
  name: "A service in a worker writes nothing on a terminal either",
  ignore: lacksScript,
  async fn() {
    const { told, printed } = await escape(
      {},
      { within: (command) => ["script", "-qec", command.join(" "), "/dev/null"] },
    );
    assert.equal(printed, "");
    assert.ok(told.said.includes("info: RAW bytes"));
  },
});

/** Runs the program, or the command that `within` makes of it. */
async function escape(
  granted: object,
  { isolation = "worker", within = (command: string[]) => command } = {},
): Promise<{ told: EscapesTold; printed: string }> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-" });
  const file = join(folder, "told.json");
  const [command = "", ...args] = within([
    Deno.execPath(),
    ...[
      "run",
      "-A",
      "--no-prompt",
      "--no-check",
      "--v8-flags=--expose-gc",
      program,
      file,
      JSON.stringify(granted),
      join(folder, "data"),
      isolation,
    ],
  ]);
  try {
    const output = await new Deno.Command(command, { args, env: { NO_COLOR: "1" }, stdin: "null" }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const printed = text(output.stdout) + text(output.stderr);
    return { told: JSON.parse(await Deno.readTextFile(file)), printed };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function hasScript(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("script", { args: ["--version"], stdout: "null" }).output();
    return success && Deno.build.os === "linux";
  } catch {
    return false;
  }
}
