/** Decides which commands a template may use. */
import { t } from "livecue/language";
import { type Game, slot } from "./game.ts";

/**
 * Commands that must not be used by mistake or through a copied config: they stop the server, change permissions, or
 * run their arguments. They must be listed in `commands_allowed`.
 */
const dangerous = [
  // Source games
  "quit exit restart _restart shutdown killserver crash rcon_password rcon_address",
  "sv_password sv_cheats sv_downloadurl sv_allowupload banid banip addip removeid removeip",
  "kickall writeid writeip host_writeconfig con_logfile plugin_load plugin_unload plugin_unpause",
  // They can set what the others set.
  "toggle incrementvar multvar sm_cvar ent_create",
  // Minecraft
  "op deop stop reload whitelist ban ban-ip pardon pardon-ip save-off debug jfr perf publish transfer",
].flatMap((line) => line.split(" "));

/** They run their arguments as commands or code, so a placeholder may not be used in them. */
const runningText = [
  ...["alias", "bind", "rcon", "exec", "execifexists", "ent_fire"],
  ...["lua_run", "lua_run_cl", "lua_run_sv", "lua_openscript", "lua_openscript_cl"],
  ...["ulx rcon", "ulx luarun", "ulx exec", "ulx cexec", "ulx ent"],
  ...["sm_rcon", "sm_cexec", "sm_execcfg", "ma_rcon", "es_xsexec"],
];

const givingRights = [
  ...["ulx adduser", "ulx adduserid", "ulx userallow", "ulx userallowid", "ulx groupallow", "ulx addgroup"],
  ...["sam setrank", "sm_admin"],
];

/** Checked only for "plain" games: the names are too common to forbid them in games that do not have these commands. */
const ofPlainGames = [
  // Factorio
  ...["c", "sc", "mc", "command", "silent-command", "measured-command", "promote", "config"],
  // Rust
  ...["ownerid", "moderatorid", "oxide.grant", "o.grant"],
];

const unlessListed = [...dangerous, ...runningText, ...givingRights].map(wordsOf);
const withoutValues = runningText.map(wordsOf);

/** A command's words in lower case, without quotes. */
type Words = string[];

/** Throws a `RangeError` if the command, with slots in place of its values, is not allowed. */
export function checkAllowed(shape: string, game: Game, allowed: readonly string[] | undefined): void {
  const further = game === "plain" ? ofPlainGames.map(wordsOf) : [];
  for (const words of commandsIn(shape, game)) {
    checkName(words, allowed?.map(wordsOf), [...unlessListed, ...further]);
    if (shape.includes(slot) && [...withoutValues, ...further].some((entry) => startsWith(words, entry))) {
      throw new RangeError(
        t`has a placeholder in "${words[0]}", which would run what a viewer writes: remove the placeholder`,
      );
    }
  }
}

/** Prefixes of a command's name: a namespace in Minecraft, a slash in Factorio, "global" in Rust. */
const prefixes: Record<Game, RegExp> = {
  source: /^/,
  minecraft: /^\/?(?:[a-z0-9_.-]+:)?/,
  plain: /^\/?(?:global\.)?/,
};

/** A command's name in lower case. */
export function commandName(word: string, game: Game): string {
  return plainWord(word, game).replace(prefixes[game], "");
}

/** The command's words, and in Minecraft also those of the commands that it runs or might run with some value. */
function commandsIn(shape: string, game: Game): Words[] {
  const words = shape.trim().split(/\s+/).map((word) => plainWord(word, game));
  const commands = [words];
  if (game === "minecraft" && /^(?:execute|return)$/.test(commandName(words[0] ?? "", game))) {
    const firstRun = words.indexOf("run");
    for (const [index, word] of words.entries()) {
      const mayRun = (firstRun < 0 || index < firstRun) && mayBecomeRun(word, words[index - 1]);
      if (word === "run" || mayRun) commands.push(words.slice(index + 1));
    }
  }
  return commands.map(([name = "", ...rest]) => [commandName(name, game), ...rest]);
}

/** A viewer may write "run", too. It has no meaning where a player is expected. */
function mayBecomeRun(word: string, before: string | undefined): boolean {
  const [start = "", ...others] = word.split(slot);
  const end = others.at(-1);
  if (end === undefined || ["as", "at", "entity"].includes(before ?? "")) return false;
  return "run".startsWith(start) && "run".endsWith(end);
}

function checkName(words: Words, allowed: Words[] | undefined, harmful: Words[]): void {
  const [name = ""] = words;
  if (!/^[\w.+-]+$/.test(name)) {
    throw new RangeError(
      t`does not start with a command's name: put no placeholder or special character there`,
    );
  }
  if (allowed && !allowed.some((entry) => startsWith(words, entry))) {
    throw new RangeError(
      t`uses "${usedOf(words, allowed)}", which is not in "commands_allowed": add it`,
    );
  }
  const open = harmful.find((entry) => !startsWith(words, entry) && startsWith(words, entry, slot));
  if (open) {
    throw new RangeError(
      t`has a placeholder through which a viewer could choose the command, for example "${open.join(" ")}"`,
    );
  }
  const danger = harmful.find((entry) => startsWith(words, entry));
  if (danger && !allowed?.some((entry) => startsWith(words, entry) && entry.length >= danger.length)) {
    throw new RangeError(
      t`uses "${danger.join(" ")}", which can harm the server: add it to "commands_allowed"`,
    );
  }
}

/** As many words as the list has for the same command, so that adding them allows no more than intended. */
function usedOf(words: Words, allowed: Words[]): string {
  const lengths = allowed.filter(([name]) => name === words[0]).map((entry) => entry.length);
  return words.slice(0, Math.max(1, ...lengths)).filter((word) => !word.includes(slot)).join(" ");
}

/** A word that contains the wildcard matches any word of the entry. */
function startsWith(words: Words, entry: Words, wildcard?: string): boolean {
  return entry.every((word, index) => {
    const found = words[index];
    return found === word || (wildcard !== undefined && found?.includes(wildcard) === true);
  });
}

function wordsOf(text: string): Words {
  return text.trim().replace(/^\//, "").toLowerCase().split(/\s+/);
}

function plainWord(word: string, game: Game): string {
  const plain = word.replaceAll('"', "").toLowerCase();
  // Source's console ends a word at these characters.
  return game === "source" ? plain.replace(/(?<=.)[{}()':].*$/s, "") : plain;
}
