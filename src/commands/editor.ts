/** Opens the config in the user's editor. */
import type { ActionResult } from "../control.ts";

export interface EditorCommand {
  program: string;
  args: string[];
}

/** The editor for a file: $VISUAL, $EDITOR, or the default of the system. */
export function editorCommand(
  { os, visual, editor }: {
    os: typeof Deno.build.os;
    visual: string | undefined;
    editor: string | undefined;
  },
  path: string,
): EditorCommand {
  const [program, ...args] = (visual?.trim() || editor?.trim() || defaultEditor(os)).split(/\s+/);
  return { program: program as string, args: [...args, path] };
}

function defaultEditor(os: typeof Deno.build.os): string {
  switch (os) {
    case "windows":
      return "notepad";
    case "darwin":
      return "open -t";
    default:
      return "nano";
  }
}

/** Runs the editor in this terminal and waits until it exits. */
export async function edit(path: string): Promise<ActionResult> {
  const [visual, editor] = [Deno.env.get("VISUAL"), Deno.env.get("EDITOR")];
  const { program, args } = editorCommand({ os: Deno.build.os, visual, editor }, path);
  try {
    const command = new Deno.Command(program, {
      args,
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    });
    await command.spawn().status;
    return {
      text: `${path}: changes apply when you save. The log names those that need a restart.`,
      isError: false,
    };
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound
      ? "the program does not exist"
      : (error as Error).message;
    return {
      text: `${program} cannot be started: ${why}. Set EDITOR to your editor, or edit ${path} yourself.`,
      isError: true,
    };
  }
}
