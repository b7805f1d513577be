/** Samples whose items were discarded, with the whole program. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FakeVideoHost } from "../../support/fake_video_host.ts";
import { livecue, query, startLivecue, writeConfig } from "../../support/livecue.ts";
import { samplerBlock, soundIn } from "../../support/sampler_kills.ts";
import { withFolder } from "../../support/temporary_store.ts";

/** As the screen does, or a start with --discard-pending. */
function emptyQueue(folder: string): void {
  using database = new DatabaseSync(join(folder, "livecue.db"));
  database.exec(
    "UPDATE event_queue SET status = 'discarded', discard_reason = 'emptied', finished_at = created_at",
  );
}

Deno.test("A sample whose item was discarded in the middle of the work is made by a retry", async () => {
  await withFolder(async (folder) => {
    await using host = new FakeVideoHost();
    host.redirects.set("/song", "/hang");
    writeConfig(folder, { services: { sampler: samplerBlock(host.host) } });
    await livecue(folder, "sampler", "add", `${host.origin}/song`);
    const first = startLivecue(folder, "work", "--verbose");
    await first.line(/sample 1: download$/);
    first.kill("SIGKILL");
    await first.ended;

    emptyQueue(folder);

    const second = startLivecue(folder, "work");
    const [shown] = JSON.parse((await livecue(folder, "sampler", "list", "--json")).stdout);
    assert.equal(shown.status, "running");
    host.files.set("song.wav", await soundIn(folder));
    host.redirects.set("/song", "/files/song.wav");
    assert.match((await livecue(folder, "sampler", "retry", "1")).stdout, /^Sample 1 is requested again\./);
    await second.line(/SampleEvent .*"sampleId":1,/);
    second.kill("SIGINT");
    assert.equal((await second.ended).code, 0);
    assert.deepEqual([...Deno.readDirSync(join(folder, "data/sampler/items"))], []);
    const items = query<{ status: string }>(folder, "SELECT status FROM event_queue ORDER BY id");
    assert.deepEqual(items.map(({ status }) => status), ["discarded", "completed"]);
  });
});
