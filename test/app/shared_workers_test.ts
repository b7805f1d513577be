/** Several runs in one process, whose services share workers. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SharedWorkers } from "../../src/runner/shared_transport.ts";
import { serviceOfRoom } from "../../src/service.ts";
import { makeService, withApp } from "../support/app_on_a_live.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { withFolder } from "../support/temporary_store.ts";

const archivist = fileURLToPath(new URL("../support/services/archivist.ts", import.meta.url));

Deno.test("Two rooms share the workers of their services, and one goes on when the other has stopped", async () => {
  await withFolder(async (folder) => {
    const clock = new FakeClock();
    const sharedWorkers = new SharedWorkers({ clock });
    const service = makeService("archive", {
      serviceClass: archivist,
      isolation: "shared",
      dataFolder: join(folder, "archive"),
    });
    const completed = (views: { completed: number }[]) => views.map(({ completed }) => completed);
    await withApp([serviceOfRoom(service, "ana")], async (ana) => {
      await withApp([serviceOfRoom(service, "ben")], async (ben) => {
        await Promise.all([
          ana.live.say("hello"),
          ben.live.say("good evening"),
          ben.live.say("and good night"),
        ]);
        await Promise.all([ana.app.idle(), ben.app.idle()]);
        assert.deepEqual(completed(ana.app.services.views()), [1]);
        assert.deepEqual(completed(ben.app.services.views()), [2]);
        assert.equal(sharedWorkers.size, 1);
      }, { clock, sharedWorkers });
      await ana.live.say("still here");
      await ana.app.idle();
      assert.deepEqual(completed(ana.app.services.views()), [2]);
    }, { clock, sharedWorkers });
    assert.equal(sharedWorkers.size, 0);
    assert.deepEqual([...Deno.readDirSync(join(folder, "archive"))].map(({ name }) => name).toSorted(), [
      "ana",
      "ben",
    ]);
  });
});
