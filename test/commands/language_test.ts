import assert from "node:assert/strict";
import { join } from "node:path";
import { systemLanguage } from "../../src/config/languages.ts";
import { startProgramWith } from "../support/livecue.ts";

async function help(env: Record<string, string>, config?: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    if (config !== undefined) await Deno.writeTextFile(join(folder, "config.jsonc"), config);
    const { stdout, code } = await startProgramWith(env, folder, "--help").ended;
    assert.equal(code, 0);
    return stdout;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const english = /Turns a TikTok live into action/;
const spanish = /Convierte un directo de TikTok en acción/;

Deno.test("Livecue speaks the system's language", { ignore: Deno.build.os === "windows" }, async () => {
  assert.match(await help({ LC_ALL: "es_MX.UTF-8" }), spanish);
  assert.match(await help({ LC_ALL: "xx_XX.UTF-8" }), english);
});

Deno.test("The config's language comes before the system's", async () => {
  assert.match(await help({ LC_ALL: "en_US.UTF-8" }, '{ "language": "es" }'), spanish);
  assert.match(await help({ LC_ALL: "es_ES.UTF-8" }, '{ "language": "en" }'), english);
});

Deno.test("Help is there, in the system's language, for a config that cannot be read", async () => {
  assert.match(await help({ LC_ALL: "es_ES.UTF-8" }, '{ "language": "klingon" }'), spanish);
  assert.match(await help({ LC_ALL: "C.UTF-8" }, '{ "language": '), english);
});

Deno.test("Of the system's languages, the first that Livecue has is spoken", () => {
  assert.equal(systemLanguage(["fr-FR", "es-419", "en"]), "es");
  assert.equal(systemLanguage(["zh-Hant-TW"]), "en");
  assert.equal(systemLanguage([]), "en");
});
