import assert from "node:assert/strict";
import { bestVoice } from "../../../services/tts/best_voice.ts";
import { commandOptions } from "../../../services/tts/engines/command.ts";
import { engineOptions, Engines } from "../../../services/tts/engine.ts";
import { voiceMistakes } from "../../../services/tts/voice_mistakes.ts";
import { type Choice, voiceOptions, Voices } from "../../../services/tts/voices.ts";
import { z } from "zod";

const schema = z.strictObject({ ...engineOptions, ...voiceOptions });
const engines = new Engines(schema.parse({}), { folder: ".", log: { info() {}, warn() {} } });

async function chosen(options: z.input<typeof schema>, choice: Partial<Choice>): Promise<string> {
  const voices = await Voices.load(schema.parse(options), engines);
  return voices.choose({ text: "thank you very much", ...choice }).voice.name;
}

const anna = {
  id: "7",
  uniqueId: "Anna",
  roles: ["subscriber", "moderator"] as ("moderator" | "subscriber")[],
};

Deno.test("A text is spoken in its own language", async () => {
  assert.equal(await chosen({}, {}), "en-us");
  assert.equal(await chosen({}, { text: "muchas gracias por la rosa" }), "es");
  assert.equal(await chosen({}, { text: "谢谢你的玫瑰" }), "cmn");
  assert.equal(await chosen({}, { text: "você é a melhor do mundo" }), "pt-br");
  assert.equal(await chosen({ detect_language: false }, { text: "谢谢你的玫瑰" }), "en-us");
});

Deno.test("The streamer's voice, or a voice of the language that TikTok reports, speaks a text of unclear language", async () => {
  assert.equal(await chosen({ voice: "es-419" }, { text: "Anna" }), "es-419");
  assert.equal(await chosen({ voice: "es-419" }, { text: "gracias por la rosa amiga" }), "es-419");
  assert.equal(await chosen({ voice: "es-419" }, { text: "hello", guessedLanguage: "en" }), "en-us");
});

Deno.test("A rule's voice comes before the viewer's, the role's, the language's and the streamer's", async () => {
  const all = {
    voice: "en-gb",
    voices: {
      viewers: { "@anna": "en-us+f3" },
      roles: { moderator: "en-gb-scotland", subscriber: "en-gb-x-rp" },
      languages: { en: "en-us-nyc" },
    },
  };
  const { viewers: _viewers, ...noViewers } = all.voices;
  assert.equal(await chosen(all, { user: anna, rule: { voice: "fr-fr" } }), "fr-fr");
  assert.equal(await chosen(all, { user: anna }), "en-us+f3");
  assert.equal(await chosen({ ...all, voices: noViewers }, { user: anna }), "en-gb-scotland");
  assert.equal(
    await chosen({ ...all, voices: { languages: { en: "en-us-nyc" } } }, { user: anna }),
    "en-us-nyc",
  );
  assert.equal(await chosen({ voice: "en-gb" }, { user: anna }), "en-gb");
});

Deno.test("The options name a viewer by the handle, in upper or lower case, or by the id", async () => {
  assert.equal(await chosen({ voices: { viewers: { anna: "en-gb" } } }, { user: anna }), "en-gb");
  assert.equal(await chosen({ voices: { viewers: { 7: "en-gb" } } }, { user: anna }), "en-gb");
  assert.equal(await chosen({ voices: { viewers: { 8: "en-gb" } } }, { user: anna }), "en-us");
});

Deno.test("A variant alone changes the voice of the text's language", async () => {
  const options = { voices: { viewers: { anna: "+f3" }, languages: { es: "es-419+m2" } } };
  assert.equal(await chosen(options, { user: anna }), "en-us+f3");
  assert.equal(await chosen(options, { user: anna, text: "muchas gracias por la rosa" }), "es-419+f3");
  assert.equal(await chosen(options, { user: anna, rule: { voice: "fr-fr" } }), "fr-fr");
});

Deno.test("A rule may have a voice of another engine", async () => {
  const command = { program: "piper", voices: { amy: "en-US" } };
  const options = schema.parse({ command });
  const withCommand = new Engines(options, { folder: ".", log: { info() {}, warn() {} } });
  const rule = { engine: "command", voice: "amy" } as const;
  const voices = await Voices.load(options, withCommand, [rule]);
  assert.deepEqual(voices.choose({ text: "thank you very much", rule }).voice, {
    engine: "command",
    name: "amy",
    language: "en-US",
  });
});

Deno.test("The options may use any code of a language", async () => {
  const options = { voices: { languages: { no: "nb+f2", cmn: "zh+f3" } } };
  assert.equal(await chosen(options, { text: "tusen takk for rosen kjære venn, det var hyggelig" }), "nb+f2");
  assert.equal(await chosen(options, { text: "谢谢你的玫瑰" }), "cmn+f3");
});

Deno.test("Rate, pitch and volume each come from the first setting that has them", async () => {
  const voices = await Voices.load(
    schema.parse({
      voice: { rate: 0.8, pitch: 0.9, volume: 0.7 },
      voices: { viewers: { anna: { pitch: 1.5 } }, languages: { en: { volume: 1.1 } } },
    }),
    engines,
  );
  const { voice, delivery } = voices.choose({ text: "thank you very much", user: anna, rule: { rate: 1.2 } });
  assert.deepEqual(delivery, { rate: 1.2, pitch: 1.5, volume: 1.1 });
  assert.equal(voice.name, "en-us");
});

Deno.test("A voice is found by its name in upper or lower case, with a variant, and by its language's code", async () => {
  const voices = await Voices.load(schema.parse({}), engines);
  assert.deepEqual(voices.find("ES-419+f2"), { engine: "espeak", name: "es-419+f2", language: "es-419" });
  assert.deepEqual(["zh", "en", "en+f3", "pt"].map((name) => voices.find(name)?.name), [
    "cmn",
    "en-us",
    "en-us+f3",
    "pt",
  ]);
  for (const name of ["nobody", "en-xx", "xx", "", "en-us+nobody", "en-us+../f3"]) {
    assert.equal(voices.find(name), undefined);
  }
});

Deno.test("A language's code finds the voice of its most common region", async () => {
  const voices = await engines.voices("espeak");
  const names = ["en", "es", "es-MX", "pt", "fr", "zh", "ar", "ja", "de", "nb", "xx"].map((language) =>
    bestVoice(voices, language)?.name
  );
  assert.deepEqual(names, ["en-us", "es", "es", "pt-br", "fr-fr", "cmn", "ar", "ja", "de", "nb", undefined]);
});

async function mistakesIn(options: z.input<typeof schema>): Promise<string[]> {
  const mistakes = await voiceMistakes(schema.parse(options), []);
  return mistakes.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

Deno.test("The message about an unknown voice has its place and the nearest names", async () => {
  const listed = 'Remove it, and "deno task livecue tts voices" lists all names';
  assert.deepEqual(await mistakesIn({ voice: "en-uss" }), [
    `voice: there is no voice "en-uss" of espeak: did you mean "en-us"? ${listed}`,
  ]);
  const [spanish] = await mistakesIn({ voices: { languages: { es: "Spanish" } } });
  assert.match(spanish ?? "", /^voices\.languages\.es: .* did you mean "es"/);
  const [variant] = await mistakesIn({ voices: { roles: { moderator: "en-us+f33" } } });
  assert.match(variant ?? "", /^voices\.roles\.moderator: there is no variant "\+f33".*"\+f3"/);
  assert.match(
    (await mistakesIn({ voice: "qqqqqqqqqqqq" }))[0] ?? "",
    /of espeak\. Remove it, and "deno task/,
  );
  assert.deepEqual(await mistakesIn({ voice: "en-us+f3", voices: { viewers: { anna: "+whisper" } } }), []);
});

Deno.test("A language that does not exist is a mistake", async () => {
  const es = "es";
  const [mistake, ...others] = await mistakesIn({
    voices: { languages: { esp: es, es, ba: es, fil: es, cmn: es } },
  });
  assert.match(mistake ?? "", /^voices\.languages\.esp: there is no language "esp": did you mean .*"es"/);
  assert.deepEqual(others, []);
});

Deno.test("A message names the permission or option that an engine lacks", async () => {
  const command = commandOptions.parse({ program: "piper", voices: { amy: "en-US" } });
  assert.match((await mistakesIn({ engine: "command" }))[0] ?? "", /^engine: "command" needs "command"/);
  assert.match(
    (await mistakesIn({ engine: "command", command, voice: "army" }))[0] ?? "",
    /did you mean "amy"/,
  );
  assert.match(
    (await mistakesIn({ engine: "command", command, voice: "+f3" }))[0] ?? "",
    /a variant of espeak/,
  );
});
