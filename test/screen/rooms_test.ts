/** Many rooms in a real terminal, over a real PostgreSQL. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { commentOf } from "../support/captured_events.ts";
import { FakeTikTok } from "../support/fake_tiktok.ts";
import { livecue, startLivecue, writeConfig } from "../support/livecue.ts";
import { postgresIsMissing, startPostgres } from "../support/postgres.ts";
import { withFolder } from "../support/temporary_store.ts";
import { lacksTmux, type Size, small, type Terminal, withTerminal } from "../support/terminal.ts";

/** Completes comments. */
const greeter = `import { BaseQueueService } from "livecue/service";
export default class Greeter extends BaseQueueService {
  override processEvent(): boolean {
    return true;
  }
}`;

interface Stage {
  folder: string;
  tiktok: FakeTikTok;
}

/** A config with a database of three streamers, and a TikTok in which all of them are live. */
async function withStreamers(use: (stage: Stage) => Promise<void>): Promise<void> {
  await using server = await startPostgres();
  const database = await server.createDatabase();
  const tiktok = new FakeTikTok();
  try {
    await withFolder(async (folder) => {
      writeConfig(folder, {
        database,
        tiktok: { endpoints: tiktok.endpoints },
        services: {
          greeter: {
            service_class: "./greeter.ts",
            isolation: "shared",
            max_queue_size: 1000,
            subscriptions: { CommentEvent: {} },
          },
        },
      });
      Deno.writeTextFileSync(join(folder, "greeter.ts"), greeter);
      for (const args of [["init"], ["streamers", "add", "ana.live", "ben", "cleo"]]) {
        assert.equal((await livecue(folder, ...args)).code, 0);
      }
      await use({ folder, tiktok });
    });
  } finally {
    await tiktok.close();
  }
}

function roomsTest(
  name: string,
  use: (terminal: Terminal, stage: Stage) => Promise<void>,
  size: Size = small,
): void {
  Deno.test({
    name,
    ignore: lacksTmux || postgresIsMissing,
    async fn() {
      await withStreamers(async (stage) => {
        await withTerminal(stage.folder, { size }, (terminal) => use(terminal, stage));
      });
    },
  });
}

for (const size of [small, { columns: 200, rows: 50 }]) {
  roomsTest(
    `At ${size.columns} × ${size.rows} start --all lists its rooms, and Enter shows one of them, from which Esc comes back`,
    async (terminal, { tiktok }) => {
      await terminal.livecue("start --all --name studio-1");
      await terminal.shows(/3 of 3 captured/);
      await terminal.shows(/ana\.live +● live.*\n.* ben +● live.*\n.* cleo +● live/);
      await terminal.shows(/@cleo is captured here\./);
      tiktok.send([{
        ...commentOf("hello from ana"),
        createdAt: Date.now(),
        messageId: "7000000000000000001",
      }]);
      await terminal.press("Down", "Enter");
      await terminal.shows(/Livecue +@ben +● live[^]*hello from ana[^]*greeter +● running[^]*q rooms/);
      await terminal.press("p");
      await terminal.press("Escape");
      await terminal.shows(/▸ ben +● live/);
      await terminal.press("/");
      await terminal.type("cle");
      await terminal.hides(/ ben /);
      await terminal.press("Enter", "Enter");
      await terminal.shows(/Livecue +@cleo +● live/);
      await terminal.press("q");
      await terminal.shows(/▸ cleo/);
      await terminal.press("q");
      assert.equal(await terminal.ended(), 0);
      await terminal.shows(/^\d\d:\d\d:\d\d All rooms are closed\./m);
      await terminal.isGivenBack();
    },
    size,
  );
}

roomsTest(
  "Enter opens a room of another machine, until that machine is stopped and this one takes over",
  async (terminal, { folder }) => {
    const other = startLivecue(folder, "start", "--all", "--name", "studio-2", "--max-streamers", "1");
    let isRunning = true;
    const ended = other.ended.then(() => isRunning = false);
    try {
      await other.line(/@ana\.live is captured here/);
      await terminal.livecue("start --all --name studio-1");
      await terminal.shows(/ana\.live +● live .*studio-2[^]* ben +● live .*studio-1/);
      await terminal.press("Home", "Enter");
      await terminal.shows(/Livecue +@ana\.live +● live[^]*greeter +● running/);
      await terminal.press("2", "p");
      await terminal.shows(/greeter paused\./);
      await other.line(/who looks at this room: greeter paused/);
      other.kill("SIGTERM");
      await ended;
      await terminal.shows(/ana\.live +● live .*studio-1/);
      terminal.kill("SIGTERM");
      assert.equal(await terminal.ended(), 0);
      await terminal.isGivenBack();
    } finally {
      if (isRunning) other.kill("SIGTERM");
      await ended;
    }
  },
);

roomsTest("With --plain, start --all writes its log in a terminal, too", async (terminal) => {
  await terminal.livecue("start --all --name studio-1 --plain");
  await terminal.shows(/^\d\d:\d\d:\d\d @cleo is captured here\./m);
  terminal.kill("SIGINT");
  await terminal.ended();
  await terminal.isGivenBack();
});

roomsTest(
  "A room that ends while somebody looks at it leads back to the list",
  async (terminal, { folder }) => {
    await terminal.livecue("start --all --name studio-1");
    await terminal.shows(/ben +● live/);
    await terminal.press("Down", "Enter");
    await terminal.shows(/Livecue +@ben/);
    assert.equal((await livecue(folder, "streamers", "remove", "ben")).code, 0);
    await terminal.shows(/✗ @ben is not captured here any more\. The log says why\./);
    await terminal.shows(/2 of 2 captured/);
    await terminal.press("q");
    assert.equal(await terminal.ended(), 0);
  },
);

roomsTest(
  "watch shows the rooms of a machine elsewhere, and Enter opens one of them",
  async (terminal, { folder, tiktok }) => {
    const other = startLivecue(folder, "start", "--all", "--name", "studio-1");
    try {
      await other.line(/@cleo is captured here/);
      await terminal.livecue("watch");
      await terminal.shows(/ana\.live +● live.*studio-1\n.* ben +● live.*studio-1/);
      tiktok.send([{
        ...commentOf("hello from ana"),
        createdAt: Date.now(),
        messageId: "7000000000000000001",
      }]);
      await terminal.press("Down", "Enter");
      await terminal.shows(/Livecue +@ben +● live[^]*hello from ana[^]*greeter +● running[^]*q rooms/);
      await terminal.press("2", "p");
      await terminal.shows(/greeter paused\./);
      await other.line(/who looks at this room: greeter paused/);
      await terminal.press("q");
      await terminal.shows(/▸ ben +● live/);
      await terminal.press("q");
      assert.equal(await terminal.ended(), 0);
      await terminal.isGivenBack();
    } finally {
      other.kill("SIGTERM");
      await other.ended;
    }
  },
);
