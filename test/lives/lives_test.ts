/** How long a live is remembered that no source is in any more. */
import assert from "node:assert/strict";
import { Lives } from "../../src/lives/lives.ts";
import type { Operation } from "../../src/operation.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { idsFrom } from "../support/ids.ts";
import { noLives } from "../support/no_lives.ts";
import { roomTraits } from "../support/sources.ts";
import { sampleEvent } from "../support/stored_events.ts";

/** One source that has been in so many rooms, on a database that commits when it is told to. */
function inRooms(count: number) {
  const operations: Operation[] = [];
  const commit = Promise.withResolvers<void>();
  const asked: number[] = [];
  const live = (id: number) => {
    asked.push(id);
    return null;
  };
  const lives = new Lives({
    store: { ...noLives, live },
    operations: {
      add: (operation) => void operations.push(operation),
      together: (work) => work(),
      flush: () => commit.promise,
    },
    clock: new FakeClock(),
    ids: idsFrom(),
    streamer: "",
  });
  for (let room = 1; room <= count; room++) {
    const memory = lives.enter({
      source: "main",
      traits: roomTraits,
      roomId: `${room}`,
      username: "ana",
      title: "",
    });
    memory.add(sampleEvent({ id: room, type: "CommentEvent", liveId: memory.live.id }));
  }
  return { lives, operations, asked, commit };
}

Deno.test("A live is forgotten when it is in the database with all that came, and not before", async () => {
  const { lives, operations, asked, commit } = inRooms(12);
  assert.equal(lives.get(1)?.totals().comments, 1);
  assert.equal(lives.get(2)?.totals().comments, 1);
  assert.deepEqual(asked, []);
  const saved = operations.flatMap((operation) => operation.kind === "save_totals" ? [operation.liveId] : []);
  assert.deepEqual(saved, [1, 2, 3]);
  commit.resolve();
  await commit.promise;
  await Promise.resolve();
  lives.get(3);
  assert.deepEqual(asked, [3]);
  // Those that were used meanwhile stay.
  assert.equal(lives.get(1)?.totals().comments, 1);
  assert.equal(lives.get(2)?.totals().comments, 1);
});
