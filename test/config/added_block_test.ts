import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "jsonc-parser";
import { filled, renderBlock, withBlock } from "../../src/config/added_block.ts";
import { parseConfig } from "../../src/config/load.ts";
import { openOptions, type ServiceBlock } from "../../src/config/service_blocks.ts";
import { blockSlugs, blockText } from "../support/service_blocks.ts";

const block: ServiceBlock = {
  slug: "new",
  text:
    '// Its words.\n"new": {\n  // Inside.\n  "service_class": "./new.ts",\n\n  "options": { "password": "" }\n}',
  page: null,
};
const path = "/home/ana/livecue/config.jsonc";

const cases: Record<string, [before: string, after: string]> = {
  "behind another service": [
    '{\n  "services": {\n    "old": { "service_class": "a.ts" }\n  }\n}\n',
    '{\n  "services": {\n    "old": { "service_class": "a.ts" },\n\n    // Its words.\n    "new": {\n      // Inside.\n' +
    '      "service_class": "./new.ts",\n\n      "options": { "password": "" }\n    }\n  }\n}\n',
  ],
  "behind a comma and a comment": [
    '{\n\t"services": {\n\t\t"old": { "service_class": "a.ts" }, // mine, and dear }\n\t},\n}',
    '{\n\t"services": {\n\t\t"old": { "service_class": "a.ts" }, // mine, and dear }\n\n\t\t// Its words.\n\t\t"new": {\n' +
    '\t\t  // Inside.\n\t\t  "service_class": "./new.ts",\n\n\t\t  "options": { "password": "" }\n\t\t}\n\t},\n}',
  ],
  "behind a comment without a comma": [
    '{ "services": {\n  "old": { "service_class": "a.ts" } // mine,\n  /* more, */\n} }',
    '{ "services": {\n  "old": { "service_class": "a.ts" }, // mine,\n  /* more, */\n\n  // Its words.\n  "new": {\n' +
    '    // Inside.\n    "service_class": "./new.ts",\n\n    "options": { "password": "" }\n  }\n} }',
  ],
  "where there is no service": [
    '{\n  "services": {}\n}',
    '{\n  "services": {\n    // Its words.\n    "new": {\n      // Inside.\n      "service_class": "./new.ts",\n\n' +
    '      "options": { "password": "" }\n    }\n  }\n}',
  ],
  "where there are no services": [
    '{\n  "database": "mine.db"\n}',
    '{\n  "database": "mine.db",\n\n  "services": {\n    // Its words.\n    "new": {\n      // Inside.\n' +
    '      "service_class": "./new.ts",\n\n      "options": { "password": "" }\n    }\n  }\n}',
  ],
};
for (const [where, [before, after]] of Object.entries(cases)) {
  Deno.test(`A block is written ${where}, and all else stays`, () => {
    assert.equal(withBlock(before, block), after);
    assert.equal(parseConfig(after, { path }).services.at(-1)?.slug, "new");
  });
}

Deno.test("A file of Windows keeps its line ends and its byte order mark", () => {
  const before = '\uFEFF{\r\n  "services": {\r\n    "old": { "service_class": "a.ts" }\r\n  }\r\n}\r\n';
  const after = withBlock(before, block);
  assert.ok(
    after.startsWith(
      '\uFEFF{\r\n  "services": {\r\n    "old": { "service_class": "a.ts" },\r\n\r\n    // Its',
    ),
  );
  assert.doesNotMatch(after, /[^\r]\n/);
});

Deno.test("Whatever the config looks like, it holds what it held and the block, and no byte of it is gone", () => {
  const gap = fc.constantFrom("", " ", "\n", "\n  ", "\t", " // a, } comment\n", "/* , { */", "\r\n");
  const gaps = fc.array(gap, { minLength: 8, maxLength: 8 });
  fc.assert(fc.property(gaps, fc.boolean(), fc.boolean(), fc.nat(2), (given, hasComma, isLast, count) => {
    const [a, b, c, d, e, f, g, h] = given;
    const old = ["one", "two"].slice(0, count).map((name) =>
      `"${name}"${a}:${b}{ "service_class":${c}"a.ts" }`
    );
    const comma = hasComma && count > 0 ? `${d},` : "";
    const rest = isLast ? "" : `${e},${f}"log_file": false`;
    const before = `${a}{${b}"services":${c}{${d}${old.join(`${e},${f}`)}${comma}${g}}${rest}${h}}${a}`;
    const after = withBlock(before, block);
    const [was, is] = [before, after].map((text) => parse(text, [], { allowTrailingComma: true }));
    const { new: added, ...others } = is.services;
    assert.equal(added.service_class, "./new.ts");
    assert.deepEqual({ ...is, services: others }, was);
    assert.ok(parseConfig(after, { path }));
    // All that is no blank follows in the same order.
    let at = 0;
    for (const character of before.replace(/\s/g, "")) {
      at = after.indexOf(character, at);
      assert.notEqual(at, -1);
      at += 1;
    }
  }));
});

Deno.test("An answer takes the place of an empty option, quoted as JSON wants it", () => {
  const [open] = openOptions(block);
  assert.deepEqual(open, { path: ["new", "options", "password"], about: "" });
  const { text } = filled(block, [{ path: open!.path, value: 'a "quoted" \\ word' }]);
  assert.equal(text, block.text.replace('""', JSON.stringify('a "quoted" \\ word')));
});

Deno.test("What is asked for is what only the user knows, in the words of the comment above it", () => {
  const asked = Object.fromEntries(blockSlugs.map((slug) => {
    const open = openOptions({ slug, text: blockText(slug), page: null });
    return [slug, open.map(({ path, about }) => [path.at(-1), about])];
  }));
  assert.deepEqual(Object.entries(asked).filter(([, open]) => open.length > 0).map(([slug]) => slug), [
    "dino_chrome",
    "gmod",
    "keys",
    "obs",
  ]);
  for (const [name, about] of Object.values(asked).flat()) assert.ok((about ?? "").length > 20, String(name));
});

Deno.test("A block leads into Livecue's folder from wherever the config is", () => {
  const folders = { configFolder: "/etc/shows", projectFolder: "/etc/livecue" };
  const dino = { slug: "dino_chrome", text: blockText("dino_chrome"), page: null };
  const { text } = renderBlock(dino, folders);
  assert.match(text, /"service_class": "\.\.\/livecue\/services\/dino_chrome\/main\.ts"/);
  assert.match(text, /"write": \["\.\.\/livecue\/services\/dino_chrome\/profiles"\]/);
  assert.equal(text.replaceAll("../livecue/", "./"), dino.text);
});
