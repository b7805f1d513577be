/** What a streamer does on the screen, with keys, in a real terminal. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { query, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";
import { lacksTmux, type Terminal, withTerminal } from "../support/terminal.ts";

const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
const printing = fileURLToPath(new URL("../support/services/printing.ts", import.meta.url));
const choosy = fileURLToPath(new URL("../support/services/choosy.ts", import.meta.url));
const misbehaving = fileURLToPath(new URL("../support/services/misbehaving.ts", import.meta.url));
const most = { CommentEvent: {}, JoinEvent: {}, GiftEvent: {}, LikeEvent: {}, FollowEvent: {} };
const greeter = { service_class: dummy, max_queue_size: 5000, subscriptions: most };

/** Runs a demo with these services on the screen, in a terminal of 120 × 40. */
function inDemo(
  name: string,
  services: Record<string, unknown>,
  use: (terminal: Terminal, folder: string) => Promise<void>,
  { env = {}, code = 0 }: { env?: Record<string, string>; code?: number } = {},
): void {
  Deno.test({
    name,
    ignore: lacksTmux,
    async fn() {
      await withFolder(async (folder) => {
        writeConfig(folder, { services });
        await withTerminal(folder, { size: { columns: 120, rows: 40 }, env }, async (terminal) => {
          await terminal.livecue("demo --rate 50 --database livecue.db");
          await terminal.shows(/ joined/);
          await use(terminal, folder);
          await terminal.press("q");
          assert.equal(await terminal.ended(), code);
          await terminal.isGivenBack();
        });
      });
    },
  });
}

inDemo("p pauses and resumes a service, whose queue fills; e empties the queue after a question", {
  greeter,
}, async (terminal, folder) => {
  const discarded = () => query(folder, "SELECT id FROM event_queue WHERE status = 'discarded'").length;
  await terminal.press("2");
  await terminal.shows(/━ 2 Services/);
  await terminal.press("p");
  await terminal.shows(/Greeter .*paused .*[1-9]\d*\/5/i);
  await terminal.press("e");
  await terminal.shows(/Empty the queue of greeter\? \d+ items? will be discarded/i);
  await terminal.press("n");
  await terminal.hides(/Empty the queue/);
  assert.equal(discarded(), 0);
  await terminal.press("e");
  await terminal.shows(/Empty the queue of greeter\?/i);
  await terminal.press("y");
  await terminal.shows(/\d+ items? of greeter discarded/);
  await terminal.press("p");
  await terminal.shows(/Greeter .*running/i);
  await terminal.shows(/greeter resumed/);
  assert.ok(discarded() > 0);
});

inDemo("t sends a test event to the services, which is kept in the database", {
  greeter,
}, async (terminal, folder) => {
  await terminal.press("t");
  await terminal.shows(/Test event .*GiftEvent/);
  await terminal.press("Tab");
  await terminal.shows(/▸how many/);
  await terminal.press("C-u");
  await terminal.type("77");
  await terminal.shows(/how many 77/);
  await terminal.press("Enter");
  await terminal.shows(/×77/);
  const sent = query<{ status: string }>(
    folder,
    `SELECT event_queue.status FROM live_event JOIN event_queue ON event_queue.live_event_id = live_event.id
     WHERE event_type = 'GiftEvent' AND streak_delta = 77`,
  );
  assert.equal(sent.length, 1);
});

inDemo("Whatever a service prints reaches the screen only through the log", {
  printing: { service_class: printing, max_queue_size: 5000, subscriptions: { JoinEvent: {} } },
  broken: {
    service_class: misbehaving,
    max_queue_size: 5000,
    options: { how: "throws" },
    subscriptions: { JoinEvent: {} },
  },
}, async (terminal) => {
  await terminal.shows(/Broken .*✗ [1-9]/i);
  await terminal.shows(/Printing .*running .*[1-9]\d* +0 +\d/i);
  await terminal.until((text) => {
    const lines = text.split("\n");
    const above = lines.slice(0, lines.findIndex((line) => /[━─] 4 Log/.test(line)));
    return /^ Livecue /.test(above[0] ?? "") && /\? help .*q quit$/.test(lines.at(-1) ?? "") &&
      !/stdout|stderr|writeSync|half a|not fs|an object|it broke/.test(above.join("\n"));
  }, "a screen without a service's words above the log");
});

inDemo(
  "A config saved during a live applies at once; a mistake is shown with its line until it is fixed",
  {
    greeter,
  },
  async (terminal, folder) => {
    await terminal.shows(/Greeter .*\/5/i);
    writeConfig(folder, { services: { greeter: { ...greeter, max_queue_sise: 3 } } });
    await terminal.shows(/the old settings remain: line 1, services\.greeter/);
    await terminal.shows(/Greeter .*running/i);
    writeConfig(folder, { services: { greeter: { ...greeter, max_queue_size: 70 }, second: greeter } });
    await terminal.shows(/Second .*running/i);
    await terminal.shows(/Greeter .*\/70/i);
    await terminal.press("1");
    await terminal.until(
      (text) => !/the old settings remain/.test(text.split(/[━─] 4 Log/)[0] ?? ""),
      "no mistake above the log",
    );
  },
);

inDemo(
  "A key that the config names works as soon as the config is saved",
  { greeter },
  async (terminal, folder) => {
    await terminal.press("2");
    await terminal.shows(/ p pause /);
    writeConfig(folder, { keys: { pause: "F5" }, services: { greeter } });
    await terminal.shows(/ F5 pause /);
    await terminal.press("F5");
    await terminal.shows(/Greeter .*paused/i);
  },
);

inDemo("Options that do not fit their service are in the log, whose line opens with their place", {
  choosy: { service_class: choosy, options: { count: "two" }, subscriptions: most },
}, async (terminal) => {
  await terminal.shows(/✗ choosy +the service could not start: "options" of the config do not fit/);
  await terminal.press("4");
  await terminal.press("Enter");
  await terminal.shows(/^ +\S+config\.jsonc:1:\d+: services\.choosy\.options\.count: Invalid input/m);
  await terminal.press("Escape");
  await terminal.hides(/^━ Log /m);
}, { code: 1 });

const editor = `#!/bin/sh
echo "editing $1 in $(stty -a | grep -o -e '-\\?icanon')"
for line in 1 2 3 4 5 6 7 8 9 10; do
  until read -r answer; do :; done
  echo "read $answer"
done
sed -i 's/"max_queue_size":5000/"max_queue_size":66/' "$1"
printf 'left in the midst of a line'
`;

Deno.test({
  name:
    "c gives the terminal and all that is typed to the editor, Ctrl-C in it stops no live, and what it saves holds",
  ignore: lacksTmux,
  async fn() {
    await withFolder(async (folder) => {
      const path = join(folder, "editor");
      await Deno.writeTextFile(path, editor.replace("\n", "\ntrap 'echo interrupted' INT\n"), {
        mode: 0o755,
      });
      writeConfig(folder, { services: { greeter } });
      await withTerminal(
        folder,
        { size: { columns: 120, rows: 40 }, env: { EDITOR: path } },
        async (terminal) => {
          await terminal.livecue("demo --rate 50 --database livecue.db");
          await terminal.shows(/ joined/);
          await terminal.press("c");
          await terminal.shows(/editing .*config\.jsonc in icanon/);
          assert.equal((await terminal.modes()).isMouseReported, false);
          await terminal.press("C-c");
          await terminal.shows(/interrupted/);
          for (let line = 1; line < 10; line++) {
            await terminal.enter(`line ${line}`);
            await terminal.shows(new RegExp(`^read line ${line}$`, "m"));
          }
          await terminal.enter("line 10");
          await terminal.shows(/Greeter .*running .*\/66/i);
          await terminal.until((text) => /^ Livecue .* live \d/.test(text), "the header in the first row");
          assert.equal((await terminal.modes()).isMouseReported, true);
          await terminal.press("2");
          await terminal.press("p");
          await terminal.shows(/Greeter .*paused/i);
          await terminal.press("q");
          assert.equal(await terminal.ended(), 0);
          await terminal.isGivenBack();
        },
      );
    });
  },
});

inDemo("Ctrl-L, or continuing Livecue, redraws what another program wrote over", {
  greeter,
}, async (terminal) => {
  const ways = [() => terminal.press("C-l"), () => terminal.kill("SIGCONT")];
  for (const way of ways) {
    await terminal.writeOver("\x1b[1;1Hscrawl\x1b[7;1Hscrawl\x1b[5S");
    await terminal.shows(/scrawl/);
    await way();
    await terminal.until((text) => {
      const rows = text.split("\n");
      return !text.includes("scrawl") && /^ Livecue /.test(rows[0] ?? "") &&
        /q quit$/.test(rows.at(-1) ?? "");
    }, "a whole screen");
  }
});

/** What a terminal sends for a press of the left button on this text. */
async function click(terminal: Terminal, pattern: RegExp): Promise<void> {
  await terminal.shows(pattern);
  const rows = await terminal.rows();
  const row = rows.findIndex((text) => pattern.test(text));
  const column = rows[row]?.search(pattern) ?? 0;
  await terminal.type(`\x1b[<0;${column + 1};${row + 1}M\x1b[<0;${column + 1};${row + 1}m`);
}

inDemo("A click focuses, selects, opens, and presses a key of the lowest row", {
  greeter,
  second: greeter,
}, async (terminal) => {
  await click(terminal, /2 Services/);
  await terminal.shows(/━ 2 Services/);
  await click(terminal, /Second .*running/i);
  await terminal.shows(/▸ Second/i);
  await click(terminal, /p pause /);
  await click(terminal, /second +=/);
  await terminal.shows(/━ Service second/);
  await click(terminal, /Esc back/);
  await terminal.shows(/1 Events/);
});

inDemo("Without the mouse in the config, the terminal keeps it", { greeter }, async (terminal, folder) => {
  assert.equal((await terminal.modes()).isMouseReported, true);
  writeConfig(folder, { mouse: false, keys: { help: "F7" }, services: { greeter } });
  await terminal.shows(/F7 help/);
  assert.equal((await terminal.modes()).isMouseReported, false);
});

inDemo("A stop by the shell gives the terminal back until it goes on", { greeter }, async (terminal) => {
  terminal.kill("SIGTSTP");
  await terminal.hides(/1 Events/);
  assert.deepEqual(await terminal.modes(), {
    isAlternateScreen: false,
    isCursorShown: true,
    isMouseReported: false,
  });
  await terminal.shows(/^\[1\].*Stopped/m);
  await terminal.enter("fg");
  await terminal.shows(/1 Events/);
  await terminal.press("2");
  await terminal.shows(/━ 2 Services/);
  assert.equal((await terminal.modes()).isMouseReported, true);
}, { code: 128 + 19 }); // As the shell said when Livecue was stopped.
