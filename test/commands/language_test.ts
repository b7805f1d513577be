import assert from "node:assert/strict";
import type { Command } from "commander";
import { join } from "node:path";
import { makeProgram } from "../../src/commands/program.ts";
import { systemLanguage } from "../../src/config/languages.ts";
import { type Catalogue, english as untranslated, speak } from "../../src/language.ts";
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

/** Translates any marked text: a text without these signs is not marked. */
const everything: Catalogue = new Proxy({}, { get: (_, text) => `«${String(text)}»` });

function* textsOfHelp(command: Command): Generator<[place: string, text: string]> {
  const { commands, options, registeredArguments } = command;
  yield [command.name(), command.description()];
  for (const { flags, description } of options) yield [`${command.name()} ${flags}`, description];
  for (const argument of registeredArguments) {
    yield [`${command.name()} ${argument.name()}`, argument.description];
  }
  for (const each of commands) yield* textsOfHelp(each);
}

Deno.test("The help of every command, option and argument can be translated", () => {
  speak({ tag: "es", catalogue: everything });
  try {
    const program = makeProgram({ exitNow: () => assert.fail(), setExitCode: () => {} });
    const texts = [...textsOfHelp(program)];
    assert.ok(texts.length > 100, `${texts.length} texts`);
    assert.deepEqual(texts.filter(([, text]) => !/^«.*»$/.test(text)), []);
    const { commands } = program;
    for (const command of [program, ...commands, ...commands.flatMap((each) => each.commands)]) {
      const help = command.helpInformation();
      const words = help.replace(/«[^»]*»/g, "").match(
        /\b(?:Usage|Options|Commands|Arguments|default|choices)\b/,
      );
      assert.equal(words, null, `${command.name()}: ${help}`);
    }
  } finally {
    speak(untranslated);
  }
});

/** Words of English sentences, which no Spanish sentence has. Lines of events have viewers' own names and comments. */
function englishLines(text: string): string[] {
  return text.split("\n").filter((line) =>
    !/\p{Emoji_Presentation}/u.test(line) && /\b(?:the|is|are|was|with|of|and|has|will)\b/.test(line)
  );
}

Deno.test("A beginner reads no English sentence: init, a demo, its report, doctor and mistakes", async () => {
  const folder = await Deno.makeTempDir();
  const run = async (...args: string[]) => {
    const { stdout, stderr } = await startProgramWith({ LC_ALL: "es_ES.UTF-8" }, folder, ...args).ended;
    return `${stdout}${stderr}`;
  };
  try {
    await Deno.writeTextFile(join(folder, "config.jsonc"), '{ "services": {}, "sources": {} }');
    const init = await run("init");
    const live = await run("demo", "--plain", "--seed", "3", "--rate", "50", "--for", "1");
    const ofDemo = ["--database", "livecue.demo.db"];
    const [report = "", sessions = "", ...others] = await Promise.all([
      run("report", ...ofDemo),
      run("sessions", ...ofDemo),
      run("doctor"),
      run("start", "--source", "nobody"),
      run("stort"),
      run("queue", "--limit", "none"),
    ]);
    const said = [init, live, report, sessions, ...others];
    for (const text of said) assert.deepEqual(englishLines(text), [], text);
    assert.match(init, /ya existe y no se cambió/);
    assert.match(live, /@demo está en directo/);
    assert.match(live, /La sesión 1 de demo ha terminado\. Se acabó el tiempo de captura\./);
    assert.match(live, /El informe completo: deno task livecue report 1/);
    assert.match(report, /^Diamantes +\d/m);
    assert.match(report, /^Espectadores +máximo/m);
    assert.match(sessions, /^ID +USUARIO/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
