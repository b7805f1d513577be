/** Which commands a template may use. */
import { type Game, slot } from "./game.ts";

/**
 * Not to be used by a slip, or by a config from somewhere: they stop the server, change who may do what on
 * it, or run whatever they are given. They have to be named in `commands_allowed`.
 */
const dangerous = [
  // Source games
  "quit exit restart _restart shutdown killserver crash exec execifexists rcon rcon_password rcon_address",
  "sv_password sv_cheats sv_downloadurl sv_allowupload banid banip addip removeid removeip kickall writeid writeip",
  "host_writeconfig con_logfile plugin_load plugin_unload plugin_unpause",
  // Minecraft
  "op deop stop reload whitelist ban ban-ip pardon pardon-ip save-off debug jfr perf publish transfer",
  // Factorio
  "c sc mc command silent-command measured-command promote demote config",
].flatMap((line) => line.split(" "));

/** What they are given is read as commands or program text once more, so that no value may stand in it. */
const runningText = [
  ...["alias", "bind", "rcon", "exec", "execifexists", "ent_fire"],
  ...["lua_run", "lua_run_cl", "lua_run_sv", "lua_openscript", "lua_openscript_cl"],
  ...["ulx rcon", "ulx luarun", "ulx exec", "ulx cexec", "ulx ent"],
  ...["sm_rcon", "sm_cexec", "sm_execcfg", "ma_rcon", "es_xsexec"],
  ...["c", "sc", "mc", "command", "silent-command", "measured-command"],
];

const givingRights = [
  ...["ulx adduser", "ulx adduserid", "ulx userallow", "ulx userallowid", "ulx groupallow", "ulx addgroup"],
  ...["sam setrank", "sm_admin"],
];

const unlessListed = [...new Set([...dangerous, ...runningText, ...givingRights])].map(wordsOf);
const withoutValues = runningText.map(wordsOf);

/** A command's words in small letters, without quotes, up to where they matter. */
type Words = string[];

/** The commands of a shape: one, and in Minecraft those which it has run. */
export function commandsIn(shape: string, game: Game): Words[] {
  const words = shape.trim().split(/\s+/).map((word) => plainWord(word, game));
  const commands = [words];
  if (game === "minecraft" && ["execute", "return"].includes(words[0] ?? "")) {
    for (const [index, word] of words.entries()) if (word === "run") commands.push(words.slice(index + 1));
  }
  return commands.map((command) => [nameOf(command[0] ?? "", game), ...command.slice(1)]);
}

/** Throws a `RangeError` with the first command that may not be used. */
export function checkAllowed(commands: readonly Words[], allowed: readonly string[] | undefined): void {
  for (const words of commands) checkCommand(words, allowed?.map(wordsOf));
}

function checkCommand(words: Words, allowed: Words[] | undefined): void {
  const name = words[0] ?? "";
  if (!/^[\w.+-]+$/.test(name)) {
    throw new RangeError("does not begin with a command's name: no placeholder or sign may stand there");
  }
  const listed = allowed?.filter((entry) => begins(words, entry)) ?? [];
  if (allowed && listed.length === 0) {
    throw new RangeError(`uses "${name}", which is not in "commands_allowed": add it there`);
  }
  for (const entry of [...unlessListed, ...allowed ?? []]) {
    if (begins(words.map((word, index) => word.includes(slot) ? entry[index] ?? word : word), entry)) {
      if (!begins(words, entry)) {
        throw new RangeError(`has a placeholder where a viewer would choose the command`);
      }
    }
  }
  const danger = unlessListed.find((entry) => begins(words, entry));
  if (danger && !listed.some((entry) => entry.length >= danger.length)) {
    throw new RangeError(
      `uses "${danger.join(" ")}", which can harm the server: name it in "commands_allowed"`,
    );
  }
  if (words.some((word) => word.includes(slot)) && withoutValues.some((entry) => begins(words, entry))) {
    throw new RangeError(`has a placeholder in "${name}", which would run what a viewer writes: take it out`);
  }
}

function begins(words: Words, entry: Words): boolean {
  return entry.every((word, index) => words[index] === word);
}

function wordsOf(text: string): Words {
  return text.trim().toLowerCase().split(/\s+/);
}

function plainWord(word: string, game: Game): string {
  const plain = word.replaceAll('"', "").toLowerCase();
  // There the console ends a word of its own accord.
  return game === "source" ? plain.replace(/(?<=.)[{}()':].*$/s, "") : plain;
}

/** Minecraft and Factorio take a slash before it, Minecraft a namespace as well. */
function nameOf(word: string, game: Game): string {
  if (game === "source") return word;
  return word.replace(/^\//, "").replace(game === "minecraft" ? /^[a-z0-9_.-]+:/ : "", "");
}
