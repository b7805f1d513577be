import assert from "node:assert/strict";
import { RecordedRoom } from "../../../src/capture/replay/recorded_room.ts";
import { commentOf, streamEnd } from "../../support/captured_events.ts";

const inRoom = (roomId: string) => ({ ...commentOf("hi"), roomId });

Deno.test("Messages of another room in the midst of a live are foreign", () => {
  const room = new RecordedRoom();
  const rooms = ["700", "700", "800", "700", "", "800"];
  assert.deepEqual(rooms.map((roomId) => room.isForeign(inRoom(roomId), "ana")), [
    false,
    false,
    true,
    false,
    false,
    true,
  ]);
});

Deno.test("After the end of a live the next room is the streamer's own", () => {
  const room = new RecordedRoom();
  room.isForeign(inRoom("700"), "ana");
  assert.equal(
    room.isForeign({ ...streamEnd(), roomId: "800" }, "ana"),
    true,
    "the other side's end ends nothing",
  );
  assert.equal(room.isForeign(inRoom("800"), "ana"), true);
  room.isForeign({ ...streamEnd(), roomId: "700" }, "ana");
  assert.equal(room.isForeign(inRoom("900"), "ana"), false);
  assert.equal(room.isForeign(inRoom("700"), "ana"), true);
});

Deno.test("Another streamer's lines are another live", () => {
  const room = new RecordedRoom();
  room.isForeign(inRoom("700"), "ana");
  assert.equal(room.isForeign(inRoom("800"), "ben"), false);
});

Deno.test("A line that names no streamer, as a donation's, is no other streamer's", () => {
  const room = new RecordedRoom();
  room.isForeign(inRoom("700"), "ana");
  assert.equal(room.isForeign(inRoom(""), ""), false);
  assert.equal(room.isForeign(inRoom("800"), "ana"), true);
});

Deno.test("A room that the recording names holds from the first event on", () => {
  const room = new RecordedRoom("700");
  assert.equal(room.isForeign(inRoom("800"), ""), true);
  assert.equal(room.isForeign(inRoom("700"), ""), false);
});
