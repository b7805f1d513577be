/**
 * `deno task languages`: brings the catalogues in src/languages up to the code. New sentences get an empty translation,
 * which a person fills in; sentences that the code no longer has are removed.
 */
import type { Catalogue } from "../../src/language.ts";
import { sentencesOfCode } from "./sentences.ts";

const folder = new URL("../../src/languages/", import.meta.url);

/** By BCP 47 tag. */
export async function readCatalogues(): Promise<Map<string, Catalogue>> {
  const catalogues = new Map<string, Catalogue>();
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".json")) continue;
    catalogues.set(name.replace(/\.json$/, ""), JSON.parse(await Deno.readTextFile(new URL(name, folder))));
  }
  return catalogues;
}

if (import.meta.main) {
  const { keys, mistakes } = await sentencesOfCode();
  for (const mistake of mistakes) console.error(mistake);
  for (const [tag, catalogue] of await readCatalogues()) {
    const sorted = [...keys].sort(([one], [other]) => one < other ? -1 : 1);
    const updated = sorted.map(([key, { isCounted }]) =>
      [key, catalogue[key] ?? (isCounted ? { one: "", other: "" } : "")] as const
    );
    await Deno.writeTextFile(
      new URL(`${tag}.json`, folder),
      `${JSON.stringify(Object.fromEntries(updated), null, 2)}\n`,
    );
    const missing = updated.filter(([, text]) => Object.values(text).join("") === "").length;
    console.log(`src/languages/${tag}.json: ${updated.length} sentences, ${missing} without a translation.`);
  }
}
