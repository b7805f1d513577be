/** Opening the config in the user's editor. */
import type { ActionResult } from "../control.ts";

export interface EditorCommand {
  program: string;
  args: string[];
}

/** What opens a file for editing: $VISUAL, $EDITOR, or what each system has. */
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

/** Runs the editor in this terminal and waits for its end. */
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
    return { text: `${path}: what you save holds at once.`, isError: false };
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? "there is no such program" : (error as Error).message;
    return {
      text: `${program} cannot be started: ${why}. Set EDITOR to your editor, or edit ${path} yourself.`,
      isError: true,
    };
  }
}
