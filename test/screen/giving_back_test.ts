/** Every exit restores the terminal: the alternate screen is closed, the cursor is shown, and typing is echoed. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";
import { lacksTmux, type Terminal, withTerminal } from "../support/terminal.ts";

const hanging = fileURLToPath(new URL("../support/services/misbehaving.ts", import.meta.url));

/** Runs `leave` with a demo on the screen, and checks that the terminal is as before when the program has exited. */
function endsWell(
  name: string,
  { args = "demo --rate 50", code, leave, shows }: {
    args?: string;
    code: number;
    leave: (terminal: Terminal) => Promise<void> | void;
    /** The text that remains in the terminal. */
    shows: RegExp;
  },
): void {
  Deno.test({
    name,
    ignore: lacksTmux,
    async fn() {
      await withFolder(async (folder) => {
        await withTerminal(folder, {}, async (terminal) => {
          await terminal.livecue(args);
          await terminal.shows(/ joined/);
          assert.deepEqual(await terminal.modes(), {
            isAlternateScreen: true,
            isCursorShown: false,
            isMouseReported: true,
          });
          await leave(terminal);
          assert.equal(await terminal.ended(), code);
          const text = await terminal.shows(shows);
          assert.doesNotMatch(text, /1 Events|2 Services/);
          await terminal.isGivenBack();
        });
      });
    },
  });
}

const summary = /1 session, \d+ events stored/;

endsWell("q stops in order, and the summary stays in the terminal", {
  code: 0,
  leave: (terminal) => terminal.press("q"),
  shows: summary,
});

endsWell("Ctrl-C stops in order, also while something is typed", {
  code: 0,
  async leave(terminal) {
    await terminal.press("t");
    await terminal.shows(/Test event/);
    await terminal.press("C-c");
  },
  shows: summary,
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  endsWell(`${signal} stops in order`, {
    code: 0,
    leave: (terminal) => terminal.kill(signal),
    shows: summary,
  });
}

endsWell("An end by --for gives the terminal back", {
  args: "demo --rate 50 --for 2",
  code: 0,
  leave: () => {},
  shows: summary,
});

endsWell("An error that nothing catches is printed below the shell's own text", {
  code: 1,
  leave: (terminal) => terminal.kill("SIGUSR1"),
  shows: /broken on purpose/,
});

endsWell("A rejection that nothing catches is printed below the shell's own text", {
  code: 1,
  leave: (terminal) => terminal.kill("SIGTTIN"),
  shows: /rejected on purpose/,
});

endsWell("An exit from within gives the terminal back", {
  code: 7,
  leave: (terminal) => terminal.kill("SIGUSR2"),
  shows: /ended: 7/,
});

Deno.test({
  name: "A stop names what it waits for, and a second q quits at once",
  ignore: lacksTmux,
  async fn() {
    await withFolder(async (folder) => {
      writeConfig(folder, {
        services: {
          slow: {
            service_class: hanging,
            isolation: "worker",
            options: { how: "says-so-and-never-answers" },
            subscriptions: { JoinEvent: {}, CommentEvent: {} },
          },
        },
      });
      await withTerminal(folder, {}, async (terminal) => {
        await terminal.livecue("demo --rate 50");
        await terminal.shows(/slow +never answers/);
        await terminal.press("q");
        await terminal.shows(/slow finishes \d+ item/);
        await terminal.press("q");
        assert.equal(await terminal.ended(), 130);
        await terminal.isGivenBack();
      });
    });
  },
});

for (
  const [how, command] of [["--plain", "livecue demo --plain --for 1"], [
    "a pipe",
    "livecue demo --for 1 | cat",
  ]]
) {
  Deno.test({
    name: `With ${how}, the terminal gets the plain log`,
    ignore: lacksTmux,
    async fn() {
      await withFolder(async (folder) => {
        await withTerminal(folder, {}, async (terminal) => {
          await terminal.enter(`${command}; echo "ended: $?"`);
          const text = await terminal.shows(/@demo is live: made up/);
          assert.doesNotMatch(text, /1 Events|2 Services/);
          assert.equal((await terminal.modes()).isAlternateScreen, false);
          assert.equal(await terminal.ended(), 0);
          await terminal.isGivenBack();
        });
      });
    },
  });
}
