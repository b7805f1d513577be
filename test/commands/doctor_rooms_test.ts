import assert from "node:assert/strict";
import { livecue, writeConfig } from "../support/livecue.ts";
import { testWithPostgres } from "../support/postgres.ts";
import { withFolder } from "../support/temporary_store.ts";
import { withStage } from "../support/watched_machine.ts";

testWithPostgres(
  "doctor says who captures the streamers of a database, or that nobody does",
  async (server) => {
    await withStage(server, async ({ address, machine }) => {
      await withFolder(async (folder) => {
        writeConfig(folder, { database: address });
        const captures = await machine("studio-1", ["ana", "ben"]);
        assert.match(
          (await livecue(folder, "doctor")).stdout,
          /✓ Database: It has 2 streamers\. Captured by: studio-1\./,
        );
        await captures.stop();
        assert.match(
          (await livecue(folder, "doctor")).stdout,
          /! Database: It has 2 streamers, whom no machine captures now\. "start --all" does\./,
        );
      });
    });
  },
);
