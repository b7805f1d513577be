/** Holds the Spanish pages of the documentation against the English ones, so that a stale translation is noticed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readCatalogues } from "./support/catalogues.ts";
import { blocksIn, type DocPage, linksIn, pages, siblingOf } from "./support/doc_pages.ts";

/** What two translations of a section have in common. */
interface Section {
  /** Of its heading; 0 before the first. */
  level: number;
  blocks: string[];
  /** Sorted, because translated sentences have another order. */
  links: string[];
  /** How many names, keys and commands it has in the style of code. */
  codeCount: number;
  itemCount: number;
  rowCount: number;
}

const pageByPath = new Map(pages.map((page) => [page.path, page]));
const translated = pages.filter(({ name }) => name === "README.es.md" || name.startsWith("docs/es/"));

function siblingPage(page: DocPage): DocPage {
  const sibling = pageByPath.get(siblingOf(page)?.path ?? "");
  assert.ok(sibling, `${page.name} needs a first line that links to its page in the other language`);
  return sibling;
}

Deno.test("Each Spanish page and its English page link to each other in their first lines", () => {
  assert.ok(translated.length >= 5);
  for (const page of translated) {
    const english = siblingPage(page);
    assert.equal(siblingOf(page)?.language, "English", page.name);
    assert.equal(siblingOf(english)?.language, "Español", english.name);
    assert.equal(siblingPage(english), page, english.name);
  }
  const withSibling = pages.filter((page) => siblingOf(page) !== null);
  assert.equal(withSibling.length, 2 * translated.length);
});

for (const page of translated) {
  const english = siblingPage(page);
  Deno.test(`${page.name} has the headings, blocks, links, lists and tables of ${english.name}`, () => {
    const expected = sectionsOf(english);
    const sections = sectionsOf(page);
    for (const [index, { title, ...section }] of sections.entries()) {
      const { title: englishTitle = "", ...rest } = expected[index] ?? {};
      assert.deepEqual(section, rest, `"${title}", which translates "${englishTitle}" of ${english.name}`);
    }
    assert.equal(sections.length, expected.length, "the number of headings");
  });
}

Deno.test("The Spanish page on problems quotes each message in the words of the catalogue", async () => {
  const catalogue = Object.entries((await readCatalogues()).get("es") ?? {});
  const page = translated.find(({ name }) => name === "docs/es/problemas.md")!;
  const english = quotedIn(siblingPage(page));
  const quoted = quotedIn(page);
  assert.ok(quoted.length > 20);
  assert.equal(quoted.length, english.length);
  for (const [index, message] of quoted.entries()) {
    const keys = english[index] ?? "";
    const sentences = catalogue.filter(([key]) => partsOf(keys).some((part) => key.includes(part)))
      .flatMap(([, texts]) => typeof texts === "string" ? [texts] : Object.values(texts));
    // A message that is never translated is quoted in English.
    const shown = sentences.length === 0 ? [keys] : sentences;
    for (const part of partsOf(message)) {
      assert.ok(
        shown.some((sentence) => sentence.includes(part)),
        `"${part}" of "${message}" is in none of:\n${shown.join("\n")}`,
      );
    }
  }
});

/** The messages in bold, as "… is not live." */
function quotedIn({ text }: DocPage): string[] {
  return [...text.matchAll(/\*\*`([^`]+)`\*\*/g)].map(([, message = ""]) => message.replace(/\s+/g, " "));
}

/** What is around the values of a message; short pieces say nothing. */
function partsOf(message: string): string[] {
  return message.split("…").map((part) => part.trim()).filter((part) => part.length > 6);
}

function sectionsOf(page: DocPage): (Section & { title: string })[] {
  return page.text.split(/^(?=#+ )/m).map((text) => {
    const [, marks = "", title = ""] = /^(#+) (.*)/.exec(text) ?? [];
    const prose = text.replace(/^ *```[\s\S]*?^ *```$/gm, "");
    return {
      title,
      level: marks.length,
      blocks: blocksIn(text).map(({ language, code }) => `${language}: ${codeToCompare(language, code)}`),
      links: linksIn(prose).map((target) => commonTarget(page, target)).sort(),
      codeCount: [...prose.matchAll(/`[^`]+`/g)].length,
      itemCount: [...prose.matchAll(/^ *(?:[-*]|\d+\.) /gm)].length,
      rowCount: [...prose.matchAll(/^\|/gm)].length,
    };
  });
}

/** Commands are the same in every language. Of others, comments and texts are translated, and the lines remain. */
function codeToCompare(language: string, code: string): string {
  return language === "sh" ? code : `${code.split("\n").length} lines`;
}

/** The English page of a linked page. Headings in translated pages have translated names. */
function commonTarget(page: DocPage, target: string): string {
  if (/^https?:/.test(target)) return target;
  const [file = "", heading] = target.split("#");
  const linked = pageByPath.get(file === "" ? page.path : join(page.path, "..", file));
  if (linked === undefined) return join(page.path, "..", target);
  const sibling = siblingOf(linked);
  if (sibling === null) return join(linked.path, heading ?? "");
  const english = sibling.language === "English" ? sibling.path : linked.path;
  return heading === undefined ? english : `${english}#`;
}
