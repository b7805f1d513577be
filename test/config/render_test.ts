import assert from "node:assert/strict";
import nodePath from "node:path";
import fc from "fast-check";
import { renderConfig } from "../../src/config/render.ts";
import { configOfBlocks } from "../support/service_blocks.ts";
import { parseConfig } from "../../src/config/load.ts";

const exampleText = Deno.readTextFileSync(new URL("../../config.example.jsonc", import.meta.url));
function pathsOf(text: string): string[] {
  return [...text.matchAll(/"(?:\$schema|service_class)": "(.*)"/g)].map((match) => match[1]!).slice(0, 2);
}

const folders: Record<string, { configFolder: string; isWindows: boolean; paths: string[] }> = {
  "the project's folder": {
    configFolder: "/home/ana/livecue",
    isWindows: false,
    paths: ["./config.schema.json", "./services/overlays/main.ts"],
  },
  "a folder in the project": {
    configFolder: "/home/ana/livecue/mine",
    isWindows: false,
    paths: ["../config.schema.json", "../services/overlays/main.ts"],
  },
  "a folder above the project": {
    configFolder: "/home/ana",
    isWindows: false,
    paths: ["./livecue/config.schema.json", "./livecue/services/overlays/main.ts"],
  },
  "a folder that shares nothing with the project": {
    configFolder: "/etc/livecue",
    isWindows: false,
    paths: ["file:///home/ana/livecue/config.schema.json", "/home/ana/livecue/services/overlays/main.ts"],
  },
  "a folder on Windows": {
    configFolder: "C:\\home\\ana\\config files",
    isWindows: true,
    paths: ["../livecue/config.schema.json", "../livecue/services/overlays/main.ts"],
  },
  "a folder on another drive": {
    configFolder: "D:\\config",
    isWindows: true,
    paths: [
      "file:///C:/home/ana/livecue/config.schema.json",
      "C:/home/ana/livecue/services/overlays/main.ts",
    ],
  },
};

for (const [where, { configFolder, isWindows, paths }] of Object.entries(folders)) {
  Deno.test(`renderConfig makes the paths lead into the project from ${where}`, () => {
    const projectFolder = isWindows ? "C:\\home\\ana\\livecue" : "/home/ana/livecue";
    const text = renderConfig(exampleText, { configFolder, projectFolder, isWindows });
    assert.deepEqual(pathsOf(text), paths);
    const blank = (config: string) =>
      config.replace(/("(?:\$schema|service_class)": )".*"/g, "$1").replace(
        /"[^"]*\/dino_chrome\/profiles"/g,
        "",
      );
    assert.equal(blank(text), blank(exampleText));
    const dinoText = configOfBlocks(["dino_chrome"]);
    const dino = renderConfig(dinoText, { configFolder, projectFolder, isWindows });
    const [, dinoModule, dinoProfiles] = dino.match(/"([^"]*dino_chrome\/)main.ts"[^]*?"([^"]*)profiles"/) ??
      [];
    assert.equal(dinoProfiles, dinoModule);
    assert.equal(blank(dino), blank(dinoText));
  });
}

Deno.test("A rendered config names the same modules as the example, wherever it is", () => {
  const folder = fc.array(fc.constantFrom("home", "ana", "livecue", "etc", "a b"), { maxLength: 4 })
    .map((names) => nodePath.resolve("/", ...names));
  fc.assert(
    fc.property(folder, folder, (configFolder, projectFolder) => {
      const modulesOf = (text: string, folder: string) =>
        parseConfig(text, { path: nodePath.join(folder, "config.jsonc") }).services.map(({ serviceClass }) =>
          serviceClass
        );
      const text = renderConfig(exampleText, { configFolder, projectFolder });
      assert.deepEqual(modulesOf(text, configFolder), modulesOf(exampleText, projectFolder));
    }),
    { numRuns: 30 },
  );
});
