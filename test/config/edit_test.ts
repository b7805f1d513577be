import assert from "node:assert/strict";
import nodePath from "node:path";
import fc from "fast-check";
import { renderConfig, setUser } from "../../src/config/edit.ts";
import { parseConfig } from "../../src/config/load.ts";
import { UserError } from "../../src/user_error.ts";

const exampleText = Deno.readTextFileSync(new URL("../../config.example.jsonc", import.meta.url));
const userOf = (text: string) => parseConfig(text, { path: nodePath.resolve("/config.jsonc") }).tiktok.user;

Deno.test("setUser changes nothing in the example but the user", () => {
  const text = setUser(exampleText, "@Ana");
  assert.equal(text, exampleText.replace(`"user": "",`, `"user": "ana",`));
  assert.equal(userOf(text), "ana");
  assert.equal(setUser(text, " "), exampleText);
});

const cases: Record<string, [before: string, after: string]> = {
  "where there is none yet": [
    `{\n  // Mine.\n  "tiktok": {\n    "silence_seconds": 5, // short\n  },\n}\n`,
    `{\n  // Mine.\n  "tiktok": {\n    "user": "ana",\n    "silence_seconds": 5, // short\n  },\n}\n`,
  ],
  "where there is no tiktok block": [
    `{\n  "database": "a.db", // here\n}\n`,
    `{\n  "tiktok": {\n    "user": "ana"\n  },\n  "database": "a.db", // here\n}\n`,
  ],
  "into a file with a byte order mark and Windows line ends": [
    `\uFEFF{\r\n  "database": "a.db"\r\n}\r\n`,
    `\uFEFF{\r\n  "tiktok": {\r\n    "user": "ana"\r\n  },\r\n  "database": "a.db"\r\n}\r\n`,
  ],
  "into an empty block": ["{}", `{\n  "tiktok": {\n    "user": "ana"\n  }\n}`],
};

for (const [where, [before, after]] of Object.entries(cases)) {
  Deno.test(`setUser puts the user ${where}`, () => {
    assert.equal(setUser(before, "ana"), after);
    assert.equal(userOf(after), "ana");
  });
}

for (const text of ["", "[]", `{ "tiktok": 5 }`, `{ "tiktok": { "user": "a" "b": 1 } }`, `{ "user": `]) {
  Deno.test(`setUser leaves alone a config with mistakes (${text})`, () => {
    assert.throws(() => setUser(text, "ana"), UserError);
  });
}

Deno.test("setUser refuses what is no handle, and says so", () => {
  assert.throws(() => setUser("{}", "ana maria"), /"ana maria" is no TikTok handle/);
});

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
    const [, dinoModule, dinoProfiles] = text.match(/"([^"]*dino_chrome\/)main.ts"[^]*?"([^"]*)profiles"/) ??
      [];
    assert.equal(dinoProfiles, dinoModule);
    const blank = (config: string) =>
      config.replace(/("(?:\$schema|service_class)": )".*"/g, "$1").replace(
        /"[^"]*\/dino_chrome\/profiles"/g,
        "",
      );
    assert.equal(blank(text), blank(exampleText));
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
