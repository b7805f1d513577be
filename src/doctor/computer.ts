/** What a live needs of the computer: permissions, a terminal, an editor. */
import { isAbsolute, join } from "node:path";
import project from "../../deno.json" with { type: "json" };
import { type Examination, type Finding, odd, well, wrong } from "./finding.ts";

const smallestScreen = { columns: 80, rows: 24 };

/** The screen that Livecue would have; null where standard output is no terminal. */
export interface TerminalSize {
  columns: number;
  rows: number;
}

/** Those with which the tasks of deno.json run Livecue. */
export const permissions: Examination = {
  name: "Permissions",
  look() {
    const names = [...project.tasks.livecue.command.matchAll(/--allow-([a-z]+)/g)].map(([, name]) =>
      name ?? ""
    );
    const lacking = names.filter((name) =>
      Deno.permissions.querySync({ name } as Deno.PermissionDescriptor).state !== "granted"
    );
    if (lacking.length === 0) return [well(`Livecue has those that it needs: ${names.join(", ")}.`)];
    return [wrong(`Livecue lacks ${lacking.join(", ")}. Start it by deno task, as in: deno task start`)];
  },
};

export function terminal(size: TerminalSize | null, isColored: boolean): Examination {
  return {
    name: "Terminal",
    look() {
      if (size === null) return [odd("There is none, so a live would write a log in place of the screen.")];
      const { columns, rows } = size;
      const colors = isColored ? "with colors" : "without colors, since NO_COLOR is set";
      if (columns >= smallestScreen.columns && rows >= smallestScreen.rows) {
        return [well(`${columns}×${rows} characters, ${colors}.`)];
      }
      const { columns: least, rows: leastRows } = smallestScreen;
      return [
        odd(`${columns}×${rows} characters. The screen needs ${least}×${leastRows}: make the window larger.`),
      ];
    },
  };
}

/** `program`: what the key `c` starts. */
export function editor(program: string, path: string): Examination {
  return {
    name: "Editor",
    async look(): Promise<Finding[]> {
      if (await isProgram(program)) return [well(`${program} opens the config.`)];
      return [odd(`There is no program ${program}. Set EDITOR to your editor, or edit ${path} yourself.`)];
    },
  };
}

async function isProgram(name: string): Promise<boolean> {
  const isWindows = Deno.build.os === "windows";
  const folders = isAbsolute(name) ? [""] : (Deno.env.get("PATH") ?? "").split(isWindows ? ";" : ":");
  const endings = isWindows ? ["", ...(Deno.env.get("PATHEXT") ?? ".EXE").split(";")] : [""];
  for (const folder of folders) {
    for (const ending of endings) if (await isFile(join(folder, name + ending))) return true;
  }
  return false;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
