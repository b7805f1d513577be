/** Finds the user's editor, and opens the config in it. */
import { delimiter, join } from "node:path";
import { t } from "../language.ts";

export interface EditorCommand {
  program: string;
  args: string[];
}

export interface EditorChoice {
  os: typeof Deno.build.os;
  visual: string | undefined;
  editor: string | undefined;
  /** Whether there is a program of this name. */
  exists: (program: string) => boolean;
}

/** In this order, where the user has named none that is there. */
const usualEditors: Partial<Record<typeof Deno.build.os, readonly string[]>> = {
  windows: ["notepad"],
  darwin: ["nano", "vim", "vi"],
};
const editorsElsewhere = ["nano", "micro", "vim", "vi", "emacs", "ed"];

/** The editor for a file: $VISUAL, $EDITOR, or the first usual one that is there; null if there is none. */
export function editorCommand(
  { os, visual, editor, exists }: EditorChoice,
  path: string,
): EditorCommand | null {
  for (const line of [visual, editor, ...usualEditors[os] ?? editorsElsewhere]) {
    const [program = "", ...args] = (line ?? "").trim().split(/\s+/);
    if (program !== "" && exists(program)) return { program, args: [...args, path] };
  }
  return null;
}

/** Whether this name, or this path, is a program. On Windows its ending may be left out. */
export function isProgram(name: string): boolean {
  const isWindows = Deno.build.os === "windows";
  const endings = isWindows ? ["", ...(Deno.env.get("PATHEXT") ?? ".EXE;.CMD;.BAT").split(";")] : [""];
  const folders = /[/\\]/.test(name) ? [""] : (Deno.env.get("PATH") ?? "").split(delimiter);
  return folders.some((folder) =>
    endings.some((ending) => isExecutable(folder === "" ? name + ending : join(folder, name + ending)))
  );
}

function isExecutable(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && (mode === null || (mode & 0o111) !== 0);
  } catch {
    return false;
  }
}

/** Runs the editor in this terminal and waits until it exits. Returns why it did not work; null if it did. */
export async function edit(path: string): Promise<string | null> {
  const [visual, editor] = [Deno.env.get("VISUAL"), Deno.env.get("EDITOR")];
  const command = editorCommand({ os: Deno.build.os, visual, editor, exists: isProgram }, path);
  if (command === null) {
    return t`No editor was found. Set EDITOR to your editor, or edit ${path} in another window.`;
  }
  const { program, args } = command;
  try {
    const child = new Deno.Command(program, { args, stdin: "inherit", stdout: "inherit", stderr: "inherit" });
    const { success, code } = await child.spawn().status;
    return success ? null : t`${program} ended with code ${code}, so the config may be as it was: ${path}.`;
  } catch (error) {
    const why = (error as Error).message;
    return t`${program} cannot be started: ${why}. Set EDITOR to your editor, or edit ${path} in another window.`;
  }
}
