/** The way from the list into a room and back, without a terminal. */
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Key } from "ink";
import { RoomsModel } from "../../../../src/faces/tui/rooms/rooms_model.ts";
import { roomsRows } from "../../../../src/faces/tui/rooms/view/frame.ts";
import { frameRows } from "../../../../src/faces/tui/view/frame.ts";
import { usualScreen } from "../../../../src/screen_settings.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { FakeRooms, sampleOfRooms, sampleRoom, sampleRooms } from "../../../support/fake_rooms.ts";

const three = [sampleRoom("ana"), sampleRoom("ben"), sampleRoom("cleo")];

function makeModel() {
  const clock = new FakeClock();
  const rooms = new FakeRooms(sampleOfRooms({ rooms: three }));
  const quits: string[] = [];
  const model = new RoomsModel({
    control: rooms,
    clock,
    settings: usualScreen,
    isColored: false,
    frameMs: 100,
    onQuit: () => quits.push("in order"),
    onQuitNow: () => quits.push("at once"),
  });
  model.start();
  model.resize({ columns: 100, rows: 30 });
  const text = () =>
    ("kind" in model.state ? roomsRows(model.state, false) : frameRows(model.state, false)).join("\n");
  const press = (...keys: string[]) => {
    for (const key of keys) {
      if (key.length === 1) model.press(key, {} as Key);
      else model.pressKey(key);
    }
  };
  return { clock, rooms, model, quits, text, press };
}

/** Lets what is being opened arrive. */
const arrived = () => nextTurn();

for (const key of ["esc", "q"]) {
  Deno.test(`Enter shows today's screen of a room, and ${key} goes back to the same room of the list`, async () => {
    const { model, rooms, quits, text, press } = makeModel();
    press("down", "enter");
    await arrived();
    assert.match(text(), /1 Events/);
    assert.match(text(), /q rooms/);
    press(key);
    assert.match(text(), /▸ ben/);
    assert.deepEqual(rooms.opened.map(({ streamer, isClosed }) => [streamer, isClosed]), [["ben", true]]);
    assert.deepEqual([rooms.opened[0]?.control.actions, quits], [[], []]);
    model.stop();
  });
}

Deno.test("In a room, Esc first goes back within it", async () => {
  const { model, text, press } = makeModel();
  press("enter");
  await arrived();
  press("?", "esc");
  assert.match(text(), /1 Events/);
  press("z", "esc");
  assert.match(text(), /2 Services/);
  press("esc");
  assert.match(text(), /▸ ana/);
  model.stop();
});

Deno.test("The events before a room was opened are read from its database", async () => {
  const { model, rooms, press } = makeModel();
  press("enter");
  await arrived();
  const asked = rooms.opened[0]?.control.queries.map(({ kind }) => kind);
  assert.ok(asked?.includes("events"), `${asked}`);
  model.stop();
});

Deno.test("When a room ends by itself, the list says why", async () => {
  const { model, rooms, text, press } = makeModel();
  press("enter");
  await arrived();
  rooms.opened[0]?.end("studio-1 is lost.");
  await arrived();
  assert.match(text(), /▸ ana.*✗ studio-1 is lost\./s);
  assert.equal(rooms.opened[0]?.isClosed, true);
  model.stop();
});

Deno.test("A room that opens after it was given up is closed at once", async () => {
  const { model, rooms, text, press } = makeModel();
  const slow = Promise.withResolvers<void>();
  rooms.opening = slow.promise;
  press("enter");
  assert.match(text(), /Opening the room of @ana …/);
  press("esc");
  slow.resolve();
  await arrived();
  assert.match(text(), /▸ ana/);
  assert.equal(rooms.opened[0]?.isClosed, true);
  model.stop();
});

Deno.test("A room that cannot be opened is one sentence", async () => {
  const { model, rooms, text, press } = makeModel();
  rooms.opening = Promise.reject(new Error("studio-2 captures @ana."));
  press("enter");
  await arrived();
  assert.match(text(), /▸ ana.*✗ studio-2 captures @ana\./s);
  model.stop();
});

Deno.test("Who may only look changes nothing; who moderates pauses and puts back", async () => {
  for (
    const [rights, text, count] of [["look", /You may only look/, 0], [
      "moderate",
      /you may only look/,
      1,
    ]] as const
  ) {
    const { model, rooms, press, text: shown } = makeModel();
    rooms.rights = rights;
    press("enter");
    await arrived();
    press("2", "p");
    assert.equal(rooms.opened[0]?.control.actions.length, count, rights);
    press("r");
    assert.match(shown(), text);
    assert.equal(rooms.opened[0]?.control.actions.length, count, rights);
    model.stop();
  }
});

Deno.test("What is the same for all rooms cannot be changed in one", async () => {
  const { model, rooms, press, text } = makeModel();
  press("enter");
  await arrived();
  press("c");
  assert.match(text(), /All rooms share one config/);
  press("u");
  assert.match(text(), /A room keeps its streamer/);
  assert.deepEqual(rooms.opened[0]?.control.actions, []);
  model.stop();
});

Deno.test("While a room is open, the list takes no snapshots; afterwards it is up to date", async () => {
  const { clock, rooms, model, press, text } = makeModel();
  press("enter");
  await arrived();
  let looks = 0;
  const snapshot = rooms.snapshot.bind(rooms);
  rooms.snapshot = () => (looks++, snapshot());
  rooms.shown = sampleOfRooms({ rooms: [...three, sampleRoom("dora")] });
  clock.advance(1_000);
  assert.equal(looks, 0);
  press("q");
  assert.match(text(), /dora/);
  model.stop();
});

Deno.test("500 rooms that change all the time are looked at a few times per second", () => {
  const { clock, rooms, model, text } = makeModel();
  let looks = 0;
  const snapshot = rooms.snapshot.bind(rooms);
  rooms.snapshot = () => (looks++, snapshot());
  for (let count = 1; count <= 1_000; count++) {
    rooms.shown = sampleOfRooms({ rooms: sampleRooms(500) });
    clock.advance(1);
  }
  assert.ok(looks > 5 && looks <= 14, `${looks} looks in a second`);
  assert.match(text(), /of 500/);
  model.stop();
  assert.equal(clock.timerCount, 0);
});

Deno.test("A theme that was chosen in a room holds in the list, and the other way round", async () => {
  const { model, press } = makeModel();
  press("T", "enter");
  await arrived();
  assert.equal(model.state.theme, "dark");
  press("T", "q");
  assert.equal(model.state.theme, "midnight");
  model.stop();
});

Deno.test("q in the list stops in order, a second one at once", () => {
  const { model, quits, press } = makeModel();
  press("q", "q");
  assert.deepEqual(quits, ["in order", "at once"]);
  model.stop();
});
