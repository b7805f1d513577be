import assert from "node:assert/strict";
import { MessageLine } from "../../../src/capture/tiktok/message_line.ts";
import { FakeClock } from "../../support/fake_clock.ts";

Deno.test("While messages take long, or there is no room for them, nothing more is read", async () => {
  const clock = new FakeClock();
  const asked = Promise.withResolvers<void>();
  let room: PromiseWithResolvers<void> | null = Promise.withResolvers<void>();
  const done: string[] = [];
  const line = new MessageLine({
    clock,
    take: ({ method }) => {
      done.push(method);
      clock.stall(15);
    },
    onSlice: () => {},
    pause: () => done.push("pause"),
    resume: () => done.push("resume"),
    whenRoom: () => {
      asked.resolve();
      return room?.promise ?? null;
    },
  });
  const frame = (...methods: string[]) => methods.map((method) => ({ method, payload: new Uint8Array(0) }));
  line.add(frame("1", "2", "3"));
  line.add(frame("4", "5"));
  await asked.promise;
  assert.deepEqual(done, ["1", "2", "pause"]);
  room.resolve();
  room = null;
  await line.emptied();
  assert.deepEqual(done, ["1", "2", "pause", "3", "4", "5", "resume"]);
  assert.equal(clock.timerCount, 0);
});
