/**
 * Which characters of a viewer's text reach a game's console. Whatever a viewer writes, the command stays one command
 * with the arguments of its template: characters that could end, start or comment out a command, select players or
 * format text are removed. docs/services/gmod.md explains the rules for streamers.
 */
export const games = ["source", "minecraft", "plain"] as const;
export type Game = (typeof games)[number];

/** Placeholder for a value while a command is parsed. */
export const slot = "\0";

/** Whether a value is part of a text (inside quotes or after `say`) or must stay one plain word. */
export type Place = "text" | "word";

/**
 * The maximum length of a command in bytes. Source's console has lines of 512 bytes, Minecraft reads 1460 at a time.
 */
export const maxCommandBytes: Record<Game, number> = { source: 510, minecraft: 1446, plain: 4086 };

/** Every quotation mark, prime and accent that some game or code page treats as a quote. */
const quotationMarks = /["'`´«»‹›‘’‚‛“”„‟′″‴‵‶‷ʹʺʻʼʽˈ˝΄՚❛❜❝❞〃〝〞〟]/gu;
/** Command separators, comments, escapes, format characters, Minecraft's selectors and colors. */
const dangerousCharacters = /[;\u061b\u204f/\\\u2044\u2215\u29f5\u29f8%@§]/gu;
/** In front of a word, admin mods read these as "all", "not", "group of" or as a chat command. */
const prefixCharacters = /(^|[\s,])[!#$^*.+~&-]+/gu;

/** An unknown game gets no characters other than these. */
const uncommonCharacters = /[^\p{L}\p{M}\p{N}\p{Extended_Pictographic} _.,!?’-]/gu;

/** Makes a viewer's text harmless, and cuts it to `maxLength` characters. */
export function cleanValue(value: string, game: Game, place: Place, maxLength: number): string {
  // Normalize styled and full-width letters first, because the server's code page might do so later.
  let clean = value.toWellFormed().normalize("NFKC")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Zs}]/gu, " ")
    .replace(/[\p{Cf}\p{Co}\p{Cn}]/gu, "")
    .replace(quotationMarks, "’")
    .replace(dangerousCharacters, " ");
  if (game === "plain") clean = clean.replace(uncommonCharacters, "");
  clean = clean.replace(prefixCharacters, "$1").replace(/ +/g, " ").trim();
  const cut = [...clean].slice(0, maxLength).join("").trimEnd();
  return place === "text" ? cut : cut.replace(/[^A-Za-z0-9_.+-]+/g, "_") || "_";
}

/** Whether something is left of a viewer's text. In a word, "_" stands for what may not be there. */
export function isShown(value: string, game: Game, place: Place): boolean {
  const clean = cleanValue(value, game, place, Infinity);
  return place === "text" ? clean !== "" : clean.replaceAll("_", "") !== "";
}
