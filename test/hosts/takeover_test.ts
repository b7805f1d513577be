/** A machine that is lost while a host runs its service: whole programs, over a real PostgreSQL. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { startLivecue, writeConfig } from "../support/livecue.ts";
import { testWithPostgres } from "../support/postgres.ts";
import { withFolder } from "../support/temporary_store.ts";

const noting = `import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";
export default class Noting extends BaseQueueService {
  override processEvent(_event: LiveEvent, item: QueueItem): boolean {
    this.log.info("item " + item.id);
    return true;
  }
}`;

const subscriptions = { CommentEvent: {}, JoinEvent: {}, LikeEvent: {} };

testWithPostgres(
  "When the machine that captures is killed, the next one hands the items to the same host",
  async (server) => {
    const database = await server.createDatabase();
    await withFolder(async (folder) => {
      const folders = { host: join(folder, "host"), owner: join(folder, "owner") };
      for (const [name, path] of Object.entries(folders)) {
        Deno.mkdirSync(path);
        Deno.writeTextFileSync(join(path, "noting.ts"), noting);
        const place = name === "owner" ? { runs_on: "gpu-1" } : {};
        writeConfig(path, {
          database,
          services: { noting: { service_class: "./noting.ts", ...place, subscriptions } },
        });
      }
      const demo = ["start", "--source", "demo", "--rate", "20", "--plain", "--database", database];
      const host = startLivecue(folders.host, "work", "--name", "gpu-1", "--service", "noting");
      await host.line(/gpu-1 serves/);
      const first = startLivecue(folders.owner, ...demo, "--name", "studio-1");
      await first.line(/\[noting\] item /);
      const second = startLivecue(folders.owner, ...demo, "--name", "studio-2");
      await second.line(/used by studio-1/);
      first.kill("SIGKILL");
      await first.ended;
      await second.line(/\[noting\] item /);
      second.kill("SIGINT");
      await second.ended;
      host.kill("SIGINT");
      await host.ended;
      const rows = await server.psql(
        `SELECT status, max(attempts) <= 2, count(*) > 0 FROM event_queue WHERE status <> 'pending' GROUP BY status`,
        new URL(database).pathname.slice(1),
      );
      assert.deepEqual(rows.trim().split("\n"), ["completed|t|t"]);
    });
  },
);
