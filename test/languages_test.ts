import assert from "node:assert/strict";
import { readCatalogues } from "./support/catalogues.ts";
import { addMarkedTexts, type Sentences, sentencesOfCode } from "./support/sentences.ts";

const { keys, mistakes } = await sentencesOfCode();
const catalogues = await readCatalogues();

function found(code: string): Sentences {
  const sentences: Sentences = { keys: new Map(), mistakes: [] };
  addMarkedTexts("a.ts", code, sentences);
  return sentences;
}

Deno.test("The sentences of a module are found, and those that no catalogue could have are refused", () => {
  const { keys, mistakes } = found(
    'const plain = msg("Log"); const what = noun("box", "boxes"), gift = noun("gift");\n' +
      "function say() { return t`Port ${port} of ${host} is taken.` + t`Stop.`; }\n" +
      "const early = t`Early`;\n" +
      "const made = msg(plain);\n" +
      'const half = noun("a", other);',
  );
  assert.deepEqual([...keys.keys()], [
    "Log",
    "{0} boxes",
    "{0} gifts",
    "Port {0} of {1} is taken.",
    "Stop.",
    "Early",
  ]);
  assert.deepEqual(mistakes.map((mistake) => mistake.slice(0, 7)), ["a.ts:3:", "a.ts:4:", "a.ts:5:"]);
});

Deno.test("Every marked sentence is a text that a catalogue can have", () => {
  assert.deepEqual(mistakes, []);
});

for (const [tag, catalogue] of catalogues) {
  const advice = "run `deno task languages` and fill in the empty translations";

  Deno.test(`${tag}.json translates every sentence of the code, and no others`, () => {
    const isBlank = (key: string) => Object.values(catalogue[key] ?? "").join("").trim() === "";
    assert.deepEqual([...keys.keys()].filter(isBlank), [], advice);
    assert.deepEqual(Object.keys(catalogue).filter((key) => !keys.has(key)), [], advice);
  });

  Deno.test(`${tag}.json has the values of each sentence in its translation`, () => {
    const wrong = Object.entries(catalogue).filter(([key, translation]) => {
      const { values = 0, isCounted = false } = keys.get(key) ?? {};
      if (isCounted !== (typeof translation === "object")) return true;
      if (typeof translation === "object") return !("other" in translation) || !fits(translation, values);
      return !fits([translation], values);
    });
    assert.deepEqual(wrong, []);
  });

  Deno.test(`${tag}.json has the markup of each sentence in its translation`, () => {
    const texts = Object.entries(catalogue).filter(([, text]) => typeof text === "string") as [
      string,
      string,
    ][];
    const wrong = texts.filter(([key, text]) => text !== "" && markup(key).join() !== markup(text).join());
    assert.deepEqual(wrong, []);
  });
}

/** As `<strong>`, in any order. */
function markup(text: string): string[] {
  return [...text.matchAll(/<\/?[a-z][^<>]*>/g)].map(([mark]) => mark).sort();
}

/** Each of the values is there at least once, and no others. */
function fits(translations: Iterable<string> | Readonly<Record<string, string>>, values: number): boolean {
  return Object.values(translations).every((text: string) => {
    const places = new Set([...text.matchAll(/\{(\d+)\}/g)].map(([, index]) => Number(index)));
    return places.size === values && [...places].every((index) => index < values);
  });
}
