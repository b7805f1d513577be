/** The list of rooms: what it shows, and what keys and clicks do in it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import stringWidth from "string-width";
import type { LogLine } from "../../../../src/control.ts";
import { footerHints } from "../../../../src/faces/tui/rooms/keys.ts";
import { layOut, tableHead } from "../../../../src/faces/tui/rooms/layout.ts";
import { roomsRows } from "../../../../src/faces/tui/rooms/view/frame.ts";
import { usualScreen } from "../../../../src/screen_settings.ts";
import { hostileNames } from "../../../support/fake_control.ts";
import { sampleRoom, sampleRooms } from "../../../support/fake_rooms.ts";
import { DrivenRooms } from "./driven_rooms.ts";

const three = [sampleRoom("ana"), sampleRoom("ben"), sampleRoom("cleo")];

function logLines(...texts: string[]): LogLine[] {
  return texts.map((text, id) => ({
    id,
    at: 1_763_730_000_000,
    level: /^(warn|error)/.exec(text)?.[0] as "warn" | "error" | undefined ?? "info",
    from: "livecue",
    text,
  }));
}

Deno.test("Each room has a row with its state, its counts and its machine, and the header has the sums", () => {
  const { text } = new DrivenRooms({
    rooms: [
      sampleRoom("ana", { viewers: 1_204, eventsPerSecond: 12.34, pending: 7, failed: 3 }),
      sampleRoom("ben", { machine: null, phase: null, viewers: null, pending: 0, eventsPerSecond: 0 }),
      sampleRoom("cleo", { machine: "studio-2", phase: null, viewers: null, pending: 0, eventsPerSecond: 0 }),
      sampleRoom("dora", { phase: "reconnecting", viewers: 6, eventsPerSecond: 0.5, pending: 5 }),
    ],
  });
  assert.match(text, /Livecue {2}○ 3 of 4 captured +12\.8 events\/s/);
  assert.match(text, /1,210 viewers {2}12 pending {2}3 failed/);
  assert.match(text, /▸ ana +● live +1,204 +12\.3 +7 +3 +studio-1/);
  assert.match(text, / ben +○ not captured( +-){5}/);
  assert.match(text, / cleo +· captured( +-){4} +studio-2/);
  assert.match(text, / dora +↻ reconnecting +6 +0\.5 +5 +0 +studio-1/);
});

Deno.test("A room in trouble stands out, and its sentence is shown while it is selected", () => {
  const trouble = "The service greeter is switched off.";
  const driven = new DrivenRooms({ rooms: [sampleRoom("ana"), sampleRoom("ben", { trouble })] });
  assert.match(driven.text, /! 1 in trouble/);
  assert.match(driven.text, / ben +! live/);
  assert.doesNotMatch(driven.text, /greeter/);
  assert.match(driven.press("down").text, /! @ben {1,2}The service greeter is switched off\./);
  const wide = new DrivenRooms({ rooms: driven.state.snapshot.rooms as typeof three }, {
    size: { columns: 160, rows: 40 },
  });
  assert.match(wide.text, / ben .*The service greeter is switched off\./);
});

Deno.test("Hosts are shown with the time since they were heard, and a late one stands out", () => {
  const hosts = [
    { name: "gpu-1", services: ["tts", "asr"], seenMs: 2_400 },
    { name: "gpu-2", services: ["tts"], seenMs: 45_000 },
  ];
  assert.match(new DrivenRooms({ rooms: three, hosts }).text, /● gpu-1 2 s ago {2}! gpu-2 45 s ago/);
  const tall = new DrivenRooms({ rooms: three, hosts }, { size: { columns: 120, rows: 40 } });
  assert.match(tall.text, /● gpu-1 2 s ago {2}tts, asr\n/);
});

Deno.test("A moving room says where it goes", () => {
  const moving = [sampleRoom("ana", { machine: "a", wantedMachine: "b" })];
  assert.match(new DrivenRooms({ rooms: moving }).text, /a → b/);
});

Deno.test("A text shows only the rooms that have it, while it is typed; Esc shows all again", () => {
  const driven = new DrivenRooms({ rooms: [...three, sampleRoom("bo", { machine: "attic" })] });
  driven.press("/", "b");
  assert.match(driven.text, /with “b”/);
  assert.deepEqual(driven.state.lines.map(({ streamer }) => streamer), ["ben", "bo"]);
  driven.press("o", "enter", "enter");
  assert.deepEqual(driven.take(), [{ kind: "open", streamer: "bo" }]);
  driven.send({ kind: "opened", failure: null }).press("esc");
  assert.equal(driven.state.lines.length, 4);
  assert.deepEqual([...driven.press("/", "A", "T", "T", "I").state.lines].map(({ streamer }) => streamer), [
    "bo",
  ]);
  driven.press("esc");
  assert.equal(driven.state.lines.length, 4);
  assert.match(driven.press("/", "x", "y").text, /No room has this text\. Press Esc to show all\./);
});

Deno.test("o sorts the rooms by what is most, and the cursor stays on its room", () => {
  const rooms = [
    sampleRoom("ana", { failed: 1, pending: 5, eventsPerSecond: 1, viewers: 7 }),
    sampleRoom("ben", { failed: 9, pending: 4, eventsPerSecond: 3, viewers: null, trouble: "Trouble." }),
    sampleRoom("cleo", { failed: 2, pending: 6, eventsPerSecond: 2, viewers: 8 }),
  ];
  const driven = new DrivenRooms({ rooms }).press("down");
  const orders = Array.from({ length: 6 }, () => {
    const names = driven.state.lines.map(({ streamer }) => streamer[0]).join("");
    assert.equal(driven.selected, "ben");
    driven.press("o");
    return names;
  });
  assert.deepEqual(orders, ["abc", "bac", "bca", "cab", "bca", "cab"]);
});

Deno.test("Keys move through 500 rooms, and the cursor stays on its room when others come and go", () => {
  const driven = new DrivenRooms({ rooms: sampleRooms(500) });
  assert.equal(driven.press("end").selected, "streamer499");
  assert.match(driven.text, /▸ streamer499/);
  assert.equal(driven.press("home", "down", "down").selected, "streamer002");
  driven.press("pagedown", "pageup");
  assert.equal(driven.selected, "streamer002");
  driven.shows({ rooms: [sampleRoom("a"), ...sampleRooms(500)] });
  assert.equal(driven.selected, "streamer002");
  driven.shows({ rooms: sampleRooms(500).filter(({ streamer }) => streamer !== "streamer002") });
  assert.equal(driven.selected, "streamer003");
  assert.equal(driven.shows({}).selected, null);
  assert.match(driven.text, /There is no streamer yet\. Add one: .*streamers add NAME/);
});

Deno.test("Only the rooms in the window are drawn", () => {
  const drawn = new Set<string>();
  const rooms = sampleRooms(500).map((room) => ({
    ...room,
    get phase() {
      drawn.add(room.streamer);
      return room.phase;
    },
  }));
  const driven = new DrivenRooms({ rooms });
  assert.match(driven.text, /streamer000/);
  assert.ok(drawn.size < 24, `${drawn.size} are drawn`);
});

Deno.test("A click selects a room, another one opens it, and the wheel moves", () => {
  const driven = new DrivenRooms({ rooms: three });
  const { header } = layOut(driven.state);
  driven.click(header + tableHead + 2);
  assert.equal(driven.selected, "cleo");
  assert.deepEqual(driven.take(), []);
  driven.click(header + tableHead + 2);
  assert.deepEqual(driven.take(), [{ kind: "open", streamer: "cleo" }]);
  driven.send({ kind: "mouse", event: { kind: "scroll_up", row: 8, column: 3 } });
  assert.equal(driven.selected, "ana");
  driven.click(header + 9).click(header).click(0);
  assert.equal(driven.selected, "ana");
});

Deno.test("A click on a key in the bottom line does what the key does", () => {
  const driven = new DrivenRooms({ rooms: three });
  const row = driven.rows.at(-1) as string;
  driven.click(23, row.indexOf("order"));
  assert.equal(driven.state.order, "trouble");
  driven.click(23, row.indexOf("quit"));
  assert.deepEqual(driven.take(), [{ kind: "quit" }]);
});

Deno.test("While a room opens, the list says so; Esc gives it up", () => {
  const driven = new DrivenRooms({ rooms: three }).press("enter", "enter");
  assert.deepEqual(driven.take(), [{ kind: "open", streamer: "ana" }]);
  assert.match(driven.text, /Opening the room of @ana …/);
  driven.press("esc");
  assert.deepEqual(driven.take(), [{ kind: "cancel_opening" }]);
  assert.doesNotMatch(driven.text, /Opening/);
  driven.press("enter").send({ kind: "opened", failure: "No machine captures @ana." });
  assert.match(driven.text, /✗ No machine captures @ana\./);
});

Deno.test("q stops in order, and again at once, also while the process already stops", () => {
  const driven = new DrivenRooms({ rooms: three }).press("q");
  assert.match(driven.text, /Stopping in order\. Press q again to quit at once\./);
  driven.press("ctrl-c");
  assert.deepEqual(driven.take(), [{ kind: "quit" }, { kind: "quit_now" }]);
  const stopping = new DrivenRooms({ rooms: three, stopping: "2 rooms are still open." });
  assert.match(stopping.text, /Stopping in order\..*2 rooms are still open\./);
  assert.deepEqual(stopping.press("q").take(), [{ kind: "quit_now" }]);
});

Deno.test("The latest log lines are below the rooms, and 4 shows all of them", () => {
  const log = logLines(...Array.from({ length: 60 }, (_, index) => `line ${index}.`), "warn: the last one");
  const driven = new DrivenRooms({ rooms: three, log });
  assert.match(driven.text, /─ Log ─.*line 59\..*▲ livecue +warn: the last one/s);
  assert.doesNotMatch(driven.text, /line 40\./);
  driven.press("4");
  assert.match(driven.text, /line 59\..*warn: the last one/s);
  assert.doesNotMatch(driven.text, /streamer/);
  driven.press("home");
  assert.match(driven.text, /line 0\./);
  driven.press("end").shows({ rooms: three, log: [...log, ...logLines("error: newer")] });
  assert.match(driven.text, /error: newer/);
  driven.press("f");
  assert.match(driven.text, /warnings and errors/);
  assert.doesNotMatch(driven.text, /line 59\./);
  assert.match(driven.press("esc").text, /▸ ana/);
});

Deno.test("A process without a log shows none, and offers no key for it", () => {
  const driven = new DrivenRooms({ rooms: three });
  assert.doesNotMatch(driven.text, /Log|4 log|f filter/);
  assert.match(driven.press("4").text, /▸ ana/);
});

Deno.test("The help has the keys of the list, and a text finds some of them", () => {
  const driven = new DrivenRooms({ rooms: three }, { size: { columns: 80, rows: 40 } }).press("?");
  assert.match(driven.text, /Enter +open the selected room.*sort the rooms in another order.*stop in order/s);
  assert.doesNotMatch(driven.press("o", "r", "d", "e", "r").text, /open the selected room/);
  assert.match(driven.press("esc").text, /open the selected room/);
  assert.match(driven.press("esc").text, /▸ ana/);
});

Deno.test("A key of the config works in the list as well, and the bottom line names it", () => {
  const settings = { ...usualScreen, keys: { quit: ["f10"], room_order: ["s"] } as const };
  const driven = new DrivenRooms({ rooms: three }, { settings });
  assert.match(driven.text, /s order.*F10 quit/);
  driven.press("q", "o");
  assert.deepEqual([driven.take(), driven.state.order], [[], "name"]);
  assert.deepEqual(driven.press("s", "f10").take(), [{ kind: "quit" }]);
  assert.equal(driven.state.order, "trouble");
});

Deno.test("Why the list may be old is above it", () => {
  const { text } = new DrivenRooms({ rooms: three, trouble: "The database does not answer." });
  assert.match(text, /! The database does not answer\./);
});

const nasty = ["\x1b[2J\x1b]0;title\x07", "two\nlines\tand\x9b31m", "‮desrever", ...hostileNames];
const name = fc.oneof(fc.constantFrom(...nasty), fc.string({ maxLength: 40, unit: "binary" }));

Deno.test("However names and sentences are written, and in whatever window, the frame fits", () => {
  const room = fc.record({
    streamer: name,
    machine: fc.option(name),
    trouble: fc.option(name),
    wanted: fc.option(name),
  });
  fc.assert(
    fc.property(
      fc.array(room, { maxLength: 30 }),
      name,
      fc.record({ columns: fc.integer({ min: 5, max: 220 }), rows: fc.integer({ min: 2, max: 60 }) }),
      fc.array(fc.constantFrom("down", "end", "/", "enter", "o", "?", "4", "esc", "f", "pagedown", "q", "x")),
      (given, text, size, keys) => {
        const rooms = given.map(({ wanted: wantedMachine, ...rest }) =>
          sampleRoom("", { ...rest, wantedMachine })
        );
        const hosts = given.map(({ streamer }) => ({ name: streamer, services: [text], seenMs: 1_000 }));
        const driven = new DrivenRooms({ rooms, hosts, trouble: text, log: logLines(text, `warn ${text}`) }, {
          size,
        });
        driven.press(...keys).send({ kind: "left", why: text, theme: null });
        for (const isColored of [false, true]) {
          const rows = roomsRows(driven.state, isColored);
          assert.equal(rows.length, size.rows);
          for (const row of rows) {
            // deno-lint-ignore no-control-regex
            const plain = row.replaceAll(/\x1b\[[\d;]*m/g, "");
            assert.ok(stringWidth(plain) <= size.columns, JSON.stringify(row));
            // deno-lint-ignore no-control-regex
            assert.doesNotMatch(plain, /[\x00-\x1f\x7f-\x9f]/);
          }
        }
        footerHints(driven.state);
      },
    ),
  );
});
