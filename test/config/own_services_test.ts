import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseConfig } from "../../src/config/load.ts";
import { isOwnService, pageOf } from "../../src/config/own_services.ts";
import type { ServiceConfig } from "../../src/service.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));

function isolationOf(service: object, folder = project): ServiceConfig["isolation"] | undefined {
  const text = JSON.stringify({ services: { it: service } });
  return parseConfig(text, { path: join(folder, "config.jsonc") }).services[0]?.isolation;
}

Deno.test("The services of Livecue's own are the modules of its folder, and no other", async () => {
  const { stdout } = await new Deno.Command("git", { args: ["ls-files", "services"], cwd: project }).output();
  const files = new TextDecoder().decode(stdout).trim().split("\n");
  const modules = files.filter((file) => /^services\/(\w+\/main|\w+)\.ts$/.test(file));
  assert.ok(modules.length >= 9);
  for (const module of modules) {
    assert.equal(isOwnService(join(project, module)), true, module);
    const page = join(project, pageOf(join(project, module)) ?? "");
    assert.ok((await Deno.stat(page)).isFile, page);
  }
  assert.equal(isOwnService(join(project, "services", "greeter.ts")), false);
  assert.equal(isOwnService(join(project, "services", "obs", "connection.ts")), false);
});

Deno.test("A service runs in a process of its own, unless it comes with Livecue or its config says otherwise", () => {
  const own = { service_class: "./services/dummy.ts" };
  const theirs = { service_class: "./services/greeter.ts" };
  assert.equal(isolationOf(own), "worker");
  assert.equal(isolationOf({ ...own, isolation: "process" }), "process");
  assert.equal(isolationOf({ ...own, max_memory_mb: 128 }), "process");
  assert.equal(isolationOf({ service_class: "./mine/../services/dummy.ts" }), "worker");
  assert.equal(isolationOf(theirs), "process");
  assert.equal(isolationOf({ ...theirs, isolation: "worker" }), "worker");
  assert.equal(isolationOf(own, join(project, "elsewhere")), "process");
});
