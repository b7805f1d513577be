/**
 * How much of a viewer's text a game's console may see. Whatever a viewer writes, a command stays one
 * command with the arguments that its template has: what could end one, begin one, comment one out, aim at
 * players or format text is taken out. docs/services/gmod.md has the rules in a streamer's words.
 */
export const games = ["source", "minecraft", "plain"] as const;
export type Game = (typeof games)[number];

/** Stands in a command for a value, while the command is taken apart. */
export const slot = "\0";

/** Where a value stands: in a text, as within quotes or behind `say`, or where it must stay one plain word. */
export type Place = "text" | "word";

/** How long a command may be, in bytes: Source's console has a line of 512, Minecraft reads 1460 at a time. */
export const maxCommandBytes: Record<Game, number> = { source: 510, minecraft: 1446, plain: 4086 };

/** Every kind of quotation mark, prime and accent that some game or code page takes for a quote. */
const quotationMarks = /["'`´«»‹›‘’‚‛“”„‟′″‴‵‶‷ʹʺʻʼʽˈ˝΄՚❛❜❝❞〃〝〞〟]/gu;
/** Command separators, comments, escapes, format signs, Minecraft's selectors and colors. */
const dangerousSigns = /[;\u061b\u204f/\\\u2044\u2215\u29f5\u29f8%@§]/gu;
/** Admin mods take these before a name or a word as "all", "not", "group of" or as a command of the chat. */
const signsBeforeWords = /(^|[\s,])[!#$^*.+~&-]+/gu;

/** A game of which nothing is known gets no other signs than these. */
const strangeSigns = /[^\p{L}\p{M}\p{N}\p{Extended_Pictographic} _.,!?’-]/gu;

/** Makes what a viewer wrote harmless, at most `maxLength` letters of it. */
export function cleanValue(value: string, game: Game, place: Place, maxLength: number): string {
  // Styled and full-width letters become plain ones first, as a server's code page may do it later.
  let clean = value.toWellFormed().normalize("NFKC")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Zs}]/gu, " ")
    .replace(/[\p{Cf}\p{Co}\p{Cn}]/gu, "")
    .replace(quotationMarks, "’")
    .replace(dangerousSigns, " ");
  if (game === "plain") clean = clean.replace(strangeSigns, "");
  clean = clean.replace(signsBeforeWords, "$1").replace(/ +/g, " ").trim();
  const cut = [...clean].slice(0, maxLength).join("").trimEnd();
  return place === "text" ? cut : cut.replace(/[^A-Za-z0-9_.+-]+/g, "_") || "_";
}
