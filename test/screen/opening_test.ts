/** The screen as it opens in a real terminal, in each size. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import stringWidth from "string-width";
import { query, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";
import { lacksTmux, type Size, small, type Terminal, withTerminal } from "../support/terminal.ts";

const overlays = fileURLToPath(new URL("../../services/overlays/main.ts", import.meta.url));
const hostile = fileURLToPath(new URL("../data/hostile.jsonl", import.meta.url));
const hanging = fileURLToPath(new URL("../support/services/hangs_on_start.ts", import.meta.url));
const medium: Size = { columns: 120, rows: 40 };
const large: Size = { columns: 200, rows: 60 };

/** Waits for a whole screen of this size: a rule as wide as the terminal, every pane, the footer in the last row. */
async function isWhole(terminal: Terminal, { columns, rows }: Size): Promise<void> {
  const panes = [/^ Livecue /, /[━─] 1 Events/, /[━─] 2 Services/, /[━─] 4 Log/];
  await terminal.until((text) => {
    const lines = text.split("\n");
    return panes.every((pane) => pane.test(text)) &&
      lines.length === rows && /\? help.*q quit$/.test(lines.at(-1) ?? "") &&
      lines.every((line) => stringWidth(line) <= columns) &&
      lines.some((line) => /━/.test(line) && stringWidth(line) === columns);
  }, `a whole screen of ${columns} × ${rows}`);
}

for (const size of [small, medium, large]) {
  Deno.test({
    name: `At ${size.columns} × ${size.rows} the demo shows its live, its events and its services`,
    ignore: lacksTmux,
    async fn() {
      await withFolder(async (folder) => {
        await withTerminal(folder, { size }, async (terminal) => {
          await terminal.livecue("demo --rate 50");
          await terminal.shows(/@demo\b.*live \d/);
          await terminal.shows(/\d\d:\d\d:\d\d .* joined/);
          await terminal.shows(/Overlays .*running/);
          await isWhole(terminal, size);
        });
      });
    },
  });
}

Deno.test({
  name: "However the terminal is resized during a live, the screen is drawn correctly again",
  ignore: lacksTmux,
  async fn() {
    await withFolder(async (folder) => {
      await withTerminal(folder, { size: medium }, async (terminal) => {
        await terminal.livecue("demo --rate 50");
        await terminal.shows(/ joined/);
        for (const size of [small, large, { columns: 97, rows: 31 }, medium, small]) {
          await terminal.resize(size);
          await isWhole(terminal, size);
        }
        for (const size of [large, medium, small, large]) await terminal.resize(size);
        await isWhole(terminal, large);
      });
    });
  },
});

Deno.test({
  name: "Hostile names and comments break no row",
  ignore: lacksTmux,
  async fn() {
    await withFolder(async (folder) => {
      await withTerminal(folder, {}, async (terminal) => {
        await terminal.livecue(`start --source replay:${hostile} --speed 10`);
        await terminal.shows(/▶ replay {2}\S+\.jsonl {2}×10 {2}\d+:\d\d.*ends in/);
        for (let looks = 0; looks < 10; looks += 1) {
          await isWhole(terminal, small);
          await terminal.until(
            (text) => eventRows(text).every((row) => /^[ │█][ ›▸] \d\d:\d\d:\d\d \S/.test(row)),
            "times",
          );
          await terminal.press("1");
        }
        const text = await terminal.until((text) => eventRows(text).length > 5, "events");
        assert.doesNotMatch(text, /^ended/m);
      });
    });
  },
});

function eventRows(text: string): string[] {
  const rows = text.split("\n");
  const [from, to] = [/ 1 Events/, / 2 Services/].map((title) => rows.findIndex((row) => title.test(row)));
  return rows.slice((from as number) + 1, to).filter((row) => row.trim() !== "");
}

Deno.test({
  name: "Without a user the screen says what to do: d starts the demo",
  ignore: lacksTmux,
  async fn() {
    await withFolder(async (folder) => {
      await withTerminal(folder, {}, async (terminal) => {
        await terminal.livecue("start");
        await terminal.shows(/Press u and enter the TikTok user/);
        await isWhole(terminal, small);
        await terminal.press("d");
        await terminal.shows(/@demo\b.*live \d/);
        await terminal.shows(/\d\d:\d\d:\d\d .* joined/);
      });
    });
  },
});

Deno.test({
  name: "The screen is drawn correctly wherever the cursor was before",
  ignore: lacksTmux,
  async fn() {
    await withFolder(async (folder) => {
      await withTerminal(folder, {}, async (terminal) => {
        await terminal.enter("printf 'no end of line'; livecue start");
        await terminal.shows(/^ Livecue\b/m);
        await isWhole(terminal, small);
      });
    });
  },
});

Deno.test({
  name: "An entered user is looked up, and remembered for the next start",
  ignore: lacksTmux,
  async fn() {
    await withFolder(async (folder) => {
      const closed = closedPort();
      writeConfig(folder, { tiktok: { endpoints: { sign: closed, web: closed } } });
      await withTerminal(folder, {}, async (terminal) => {
        await terminal.livecue("start");
        await terminal.shows(/Press u and enter the TikTok user/);
        await terminal.press("u");
        await terminal.shows(/Capture the live of @/);
        await terminal.type("no such/name");
        await terminal.press("Enter");
        await terminal.shows(/"no such\/name" is not a TikTok user/);
        await terminal.press("u");
        await terminal.shows(/Capture the live of @/);
        await terminal.press("C-u");
        await terminal.type("ana.live");
        await terminal.press("Enter");
        await terminal.shows(/^ Livecue +@ana\.live\b.*reconnecting/m);
        await terminal.press("q");
        assert.equal(await terminal.ended(), 0);
        await terminal.enter("clear");
        await terminal.livecue("start");
        await terminal.shows(/^ Livecue +@ana\.live\b/m);
        await terminal.press("q");
        assert.equal(await terminal.ended(), 0);
      });
      assert.deepEqual(query(folder, "SELECT count(*) AS count FROM live_event").map((row) => ({ ...row })), [
        { count: 0 },
      ]);
    });
  },
});

Deno.test({
  name: "The screen appears before the services are ready, and says that they are starting",
  ignore: lacksTmux,
  async fn() {
    await withFolder(async (folder) => {
      writeConfig(folder, { services: { slowpoke: { service_class: hanging } } });
      await withTerminal(folder, { size: medium }, async (terminal) => {
        await terminal.livecue("demo --rate 50");
        await terminal.shows(/Slowpoke +◌ starting/i);
        await isWhole(terminal, medium);
        await terminal.shows(/ joined/);
      });
    });
  },
});

Deno.test({
  name: "A failed start is reported in the terminal, which is left as it was",
  ignore: lacksTmux,
  async fn() {
    await withFolder(async (folder) => {
      writeConfig(folder, { services: {} });
      await Deno.mkdir(join(folder, "taken.db"));
      await withTerminal(folder, {}, async (terminal) => {
        await terminal.livecue("demo --database taken.db");
        assert.equal(await terminal.ended(), 2);
        await terminal.shows(/taken\.db/);
        await terminal.isGivenBack();
      });
    });
  },
});

/** An address on this machine where nothing answers. */
function closedPort(): string {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  listener.close();
  return `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
}

Deno.test({
  name: "At 80 × 24 the log has the whole address of the overlays",
  ignore: lacksTmux,
  async fn() {
    await withFolder(async (folder) => {
      const options = { port: 0 };
      const permissions = { net: ["127.0.0.1:0"] };
      writeConfig(folder, { services: { overlays: { service_class: overlays, options, permissions } } });
      await withTerminal(folder, {}, async (terminal) => {
        await terminal.livecue("start");
        await terminal.shows(/overlays +http:\/\/127\.0\.0\.1:\d+\/ shows all pages/);
        await terminal.press("q");
        assert.equal(await terminal.ended(), 0);
      });
    });
  },
});
