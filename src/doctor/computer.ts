/** Checks what a live needs from the computer: permissions, a terminal, an editor. */
import project from "../../deno.json" with { type: "json" };
import { t } from "../language.ts";
import { type Examination, type Finding, odd, well, wrong } from "./finding.ts";

const smallestScreen = { columns: 80, rows: 24 };

/** The size of the terminal. */
export interface TerminalSize {
  columns: number;
  rows: number;
}

/** Checks the permissions with which the tasks in deno.json run Livecue. */
export function permissions(): Examination {
  return { name: t`Permissions`, look: judgePermissions };
}

function judgePermissions(): Finding[] {
  const names = [...project.tasks.livecue.command.matchAll(/--allow-([a-z]+)/g)].map(([, name]) =>
    name ?? ""
  );
  const lacking = names.filter((name) =>
    Deno.permissions.querySync({ name } as Deno.PermissionDescriptor).state !== "granted"
  );
  if (lacking.length === 0) {
    return [well(t`Livecue has the permissions that it needs: ${names.join(", ")}.`)];
  }
  return [
    wrong(
      t`Livecue lacks permissions: ${
        lacking.join(", ")
      }. Start it with deno task, for example: deno task start`,
    ),
  ];
}

export function terminal(size: TerminalSize | null, isColored: boolean): Examination {
  return {
    name: t`Terminal`,
    look() {
      if (size === null) {
        return [odd(t`There is no terminal, so a live would print a log instead of showing the screen.`)];
      }
      const { columns, rows } = size;
      if (columns >= smallestScreen.columns && rows >= smallestScreen.rows) {
        return [
          well(
            isColored
              ? t`${columns}×${rows} characters, with colors.`
              : t`${columns}×${rows} characters, without colors, because NO_COLOR is set.`,
          ),
        ];
      }
      const { columns: least, rows: leastRows } = smallestScreen;
      return [
        odd(
          t`${columns}×${rows} characters. The screen needs ${least}×${leastRows}: make the window larger.`,
        ),
      ];
    },
  };
}

/** `program` is the editor that the key `c` starts. */
/** `named`: the program that the user chose, or null. `found`: the one that opens the config; null if none is there. */
export function editor(named: string | null, found: string | null, path: string): Examination {
  return {
    name: t`Editor`,
    look(): Finding[] {
      const advice = t`Set EDITOR to your editor, or edit ${path} yourself.`;
      if (found === null) return [odd(`${t`No editor was found.`} ${advice}`)];
      if (named === null || named === found) return [well(t`${found} opens the config.`)];
      return [odd(`${t`There is no program ${named}, so ${found} opens the config.`} ${advice}`)];
    },
  };
}
