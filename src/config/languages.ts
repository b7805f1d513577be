/** The languages that there are: English, and one for each file in src/languages. */
import { english } from "../language.ts";

/** BCP 47 tags, as "es"; English first. */
export const languageTags: readonly string[] = [english.tag, ...translations()];

/** The first of them that the system prefers; English if there is none. */
export function systemLanguage(preferred: readonly string[] = navigator.languages): string {
  const wanted = preferred.map((tag) => tag.split("-", 1)[0]);
  return wanted.find((tag) => tag !== undefined && languageTags.includes(tag)) ?? english.tag;
}

function translations(): string[] {
  const folder = new URL("../languages/", import.meta.url);
  return Array.from(Deno.readDirSync(folder), ({ name }) => name.match(/^(.+)\.json$/)?.[1] ?? []).flat()
    .sort();
}
