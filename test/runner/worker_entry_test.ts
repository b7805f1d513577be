/** The modules that every service's worker loads, because each service pays for them. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

interface Graph {
  modules: { kind: string; specifier: string; dependencies?: Dependency[] }[];
}

interface Dependency {
  code?: { specifier: string };
  isDynamic?: boolean;
}

/** The modules that are loaded with it, whether they are needed or not. */
async function loadedWith(file: URL): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", fileURLToPath(file)],
  })
    .output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as Graph;
  const loaded = new Set([file.href]);
  // The loop also visits elements that are added meanwhile.
  for (const specifier of loaded) {
    const dependencies = modules.find((module) => module.specifier === specifier)?.dependencies ?? [];
    for (const { code, isDynamic = false } of dependencies) {
      if (code !== undefined && !isDynamic) loaded.add(code.specifier);
    }
  }
  return [...loaded];
}

Deno.test("A service's worker loads no package, and no Node module that takes megabytes", async () => {
  const loaded = await loadedWith(new URL("../../src/runner/fenced_entry.ts", import.meta.url));
  assert.ok(loaded.length > 10, `only ${loaded.length} modules were found`);
  const fromElsewhere = loaded.filter((specifier) => !specifier.startsWith("file:"));
  // The last two are what the fence is made with: 0.8 MB.
  const expected = ["node:async_hooks", "node:console", "node:sqlite", "node:module", "node:process"];
  assert.deepEqual(fromElsewhere.sort(), expected.sort());
});
