import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { staysWithinLivecue } from "../../src/runner/module_text.ts";
import { withFolder } from "../support/temporary_store.ts";

const within: [string, string][] = [
  ["the kit", 'import { BaseQueueService } from "livecue/service";'],
  [
    "types and pages of the kit",
    'import type { Pane } from "livecue/service";\nexport * from "livecue/rules";',
  ],
  ["a file of its own", 'import "./own.ts";\nconst later = () => import("./own.ts");'],
  ["a file that imports it in turn", 'import "./circle.ts";'],
  ["a word that begins as process does", "export class It { processEvent() {} }"],
];
const beyond: [string, string][] = [
  ["Node's module", 'import fs from "node:fs";'],
  ["Node's module over two lines", 'import {\n  writeSync,\n} from "fs";'],
  ["a package", 'import { z } from "zod";'],
  ["a package, when it is needed", 'const load = () => import("npm:pino");'],
  ["what only the run knows", "const load = (name) => import(name);"],
  ["what is put together", "const load = () => import(`node:${name}`);"],
  ["Node's global", "process.stdout.write(text);"],
  ["CommonJS", 'const fs = require("fs");'],
  ["a file that does", 'import "./loud.ts";'],
  ["a file that is not there", 'import "./gone.ts";'],
];

for (const [expected, cases] of [[true, within], [false, beyond]] as const) {
  for (const [what, text] of cases) {
    Deno.test(`A module with ${what} ${expected ? "stays within" : "reaches beyond"} Livecue`, async () => {
      await withFolder((folder) => {
        const write = (name: string, text: string) => Deno.writeTextFileSync(join(folder, name), text);
        write("own.ts", "export const own = 1;");
        write("circle.ts", 'import "./main.ts";');
        write("loud.ts", 'import { writeSync } from "node:fs";');
        write("main.ts", text);
        assert.equal(staysWithinLivecue(pathToFileURL(join(folder, "main.ts"))), expected);
      });
    });
  }
}
