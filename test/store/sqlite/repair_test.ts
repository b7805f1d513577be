/** Backup, check and repair, over a database that is whole, in use, or damaged. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { backUp } from "../../../src/store/sqlite/backup.ts";
import { checkDatabase } from "../../../src/store/sqlite/check.ts";
import { repairDatabase } from "../../../src/store/sqlite/repair.ts";
import { UserError } from "../../../src/user_error.ts";
import { spoilPages } from "../../support/spoilt_pages.ts";
import { sampleEvent } from "../../support/stored_events.ts";
import {
  insertItem,
  openAsItIs,
  openSession,
  openTemporary,
  serviceConfig,
  withFolder,
} from "../../support/temporary_store.ts";

const events = 1_500;

/** A database with a service, so many events, an item of each, values and givers. */
async function makeDatabase(path: string): Promise<void> {
  const { store } = openTemporary(path);
  await store.syncServices([serviceConfig("dummy")]);
  store.writer.add(openSession(1));
  for (let id = 1; id <= events; id += 1) {
    store.writer.add({ kind: "insert_event", event: sampleEvent({ id, messageId: `m${id}` }) });
    store.writer.add(insertItem({ id, eventId: id }));
    store.writer.add({ kind: "add_known_id", owner: "source:x", id: `known ${id}`, at: id });
    const giver = { userId: `u${id}`, uniqueId: `u${id}`, nickname: "Ana", diamonds: id, gifts: 1 };
    store.writer.add({ kind: "add_giver", liveId: 1, giver });
  }
  store.writer.add({ kind: "set_state", serviceId: 1, sessionId: null, liveId: null, key: "best", value: 7 });
  store.writer.add({
    kind: "close_session",
    id: 1,
    status: "completed",
    endedAt: 1_700_000_900_000,
    reason: "Over.",
    eventsTo: 1_000_000,
  });
  await store.writer.flush();
  await store.stop();
}

function count(path: string, table: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count);
  } finally {
    database.close();
  }
}

function edit(path: string, ...statements: string[]): void {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  for (const statement of statements) database.exec(statement);
  database.close();
}

/** Exchanges two pages of a table's leaves; returns how many rows they have. */
function exchangePages(path: string, name: string): number {
  const database = new DatabaseSync(path);
  const pages = database.prepare("SELECT pageno, ncell FROM dbstat WHERE name = ? AND pagetype = 'leaf'")
    .all(name).map(({ pageno, ncell }) => ({ page: Number(pageno), rows: Number(ncell) }));
  database.close();
  const [one, other] = [pages.at(Math.floor(pages.length / 3))!, pages.at(Math.floor(pages.length / 2))!];
  const bytes = Deno.readFileSync(path);
  const bytesOf = ({ page }: { page: number }) => bytes.subarray((page - 1) * 4096, page * 4096);
  const kept = bytesOf(one).slice();
  bytesOf(one).set(bytesOf(other));
  bytesOf(other).set(kept);
  Deno.writeFileSync(path, bytes);
  return one.rows + other.rows;
}

/** A store of its own folder name opens it, and it has so many events. */
async function assertStarts(path: string, stored: number): Promise<void> {
  const { store } = openTemporary(path);
  assert.equal(store.reader.events({ limit: 10_000 }).length, stored);
  await store.syncServices([serviceConfig("dummy")]);
  await store.recover(0);
  await store.stop();
}

Deno.test("A backup of a database in use has all that was committed when it began, and is whole", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    const copy = join(folder, "copy.db");
    const { store } = openTemporary(path);
    store.writer.add(openSession(1));
    for (let id = 1; id <= 50; id += 1) {
      store.writer.add({ kind: "insert_event", event: sampleEvent({ id }) });
    }
    await store.writer.flush();
    const { events, sessions } = backUp(path, copy);
    assert.deepEqual({ events, sessions }, { events: 50, sessions: 1 });
    store.writer.add({ kind: "insert_event", event: sampleEvent({ id: 51 }) });
    await store.stop();
    assert.deepEqual(checkDatabase(copy).faults, []);
    await assertStarts(copy, 50);
  });
});

Deno.test("A backup is written over nothing, and where it fails nothing of it stays", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    await makeDatabase(path);
    const there = join(folder, "there.txt");
    Deno.writeTextFileSync(there, "Dear reader");
    const names = () =>
      [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => !name.startsWith("a.db"));
    for (const target of [there, path, folder]) {
      assert.throws(() => backUp(path, target), (error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, /already exists and is not overwritten/);
        return true;
      });
    }
    assert.equal(Deno.readTextFileSync(there), "Dear reader");
    assert.throws(() => backUp(path, join(folder, "none", "b.db")), /There is no folder .*none/);
    spoilPages(path, "live_event", (index) => index === 3);
    assert.throws(() => backUp(path, join(folder, "b.db")), UserError);
    assert.deepEqual(names(), ["there.txt"]);
  });
});

Deno.test("A whole database is found right, and repaired into the same rows", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    await makeDatabase(path);
    assert.deepEqual(checkDatabase(path), { events, sessions: 1, faults: [] });
    const copy = join(folder, "copy.db");
    const { tables, faults } = repairDatabase(path, copy);
    assert.deepEqual(faults, []);
    for (const { table, saved, fixed, dropped, unreadable } of tables) {
      assert.deepEqual({ fixed, dropped, unreadable }, { fixed: 0, dropped: 0, unreadable: [] }, table);
      assert.equal(saved, count(path, table), table);
      assert.equal(count(copy, table), saved, table);
    }
    await assertStarts(copy, events);
  });
});

Deno.test("What lies around damaged pages is saved: each row that can be read, and it is said which cannot", async () => {
  const damages: Record<string, (index: number, pages: number) => boolean> = {
    "the first page": (index) => index === 0,
    "the last page": (index, pages) => index === pages - 1,
    "each third page": (index) => index % 3 === 1,
    "a run of pages": (index) => index > 3 && index < 9,
  };
  await withFolder(async (folder) => {
    await makeDatabase(join(folder, "whole.db"));
    let number = 0;
    for (const [name, chosen] of Object.entries(damages)) {
      const others = name === "each third page" ? ["event_queue", "known_id", "live_giver"] : [];
      for (const table of ["live_event", ...others]) {
        const path = join(folder, `a${number += 1}.db`);
        const copy = join(folder, `b${number}.db`);
        Deno.copyFileSync(join(folder, "whole.db"), path);
        const spoilt = spoilPages(path, table, chosen);
        assert.ok(spoilt > 0, `${name} of ${table}`);
        const before = Deno.readFileSync(path);
        const found = checkDatabase(path).faults;
        assert.ok(found.length > 0 && found.every((fault) => !fault.includes("***")), found.join("\n"));
        const { tables, faults } = repairDatabase(path, copy);
        assert.deepEqual(faults, []);
        assert.ok(Deno.readFileSync(path).every((byte, index) => byte === before[index]));
        const report = tables.find((each) => each.table === table)!;
        assert.ok(report.unreadable.length > 0, `${name} of ${table}`);
        const isKeyed = table === "known_id" || table === "live_giver";
        if (!isKeyed && name !== "the last page") {
          assert.equal(
            report.saved + lostIn(report.unreadable),
            events,
            `${name} of ${table}: ${report.unreadable}`,
          );
        }
        assert.ok(report.saved > (isKeyed && name === "each third page" ? 0 : 750), `${name} of ${table}`);
        const lost = table === "live_event" ? events - report.saved : 0;
        await assertStarts(copy, events - lost);
      }
    }
  });
});

/** In places as "rows 3 to 7" and "row 9". */
function lostIn(places: readonly string[]): number {
  return places.reduce((sum, place) => {
    const [from, to = from] = place.match(/\d+/g)!.map(Number);
    return sum + (to! - from! + 1);
  }, 0);
}

Deno.test("Pages that stand in one another's place cost their own rows alone, and it is said which", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    await makeDatabase(path);
    const rows = exchangePages(path, "live_event");
    const { tables } = repairDatabase(path, join(folder, "b.db"));
    const report = tables.find(({ table }) => table === "live_event")!;
    const lost = report.unreadable.map((text) => {
      const [from, to = from] = text.match(/\d+/g)!.map(Number);
      return to! - from! + 1;
    });
    assert.equal(lost.length, 2, report.unreadable.join());
    assert.equal(report.saved, events - rows);
    assert.equal(lost.reduce((sum, count) => sum + count), rows);
  });
});

Deno.test("What cannot be repaired, or not to there, is told, and nothing of it stays", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    await makeDatabase(path);
    Deno.truncateSync(path, Deno.statSync(path).size / 2);
    const names = () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    const before = names();
    for (
      const [database, target, expected] of [
        ["none.db", "b.db", /There is no database .*none\.db/],
        ["a.db", join("none", "b.db"), /There is no folder/],
        ["a.db", "a.db", /already exists and is not overwritten/],
        ["a.db", "b".repeat(250), /a\.db cannot be copied \(/],
      ] as const
    ) {
      assert.throws(() => repairDatabase(join(folder, database), join(folder, target)), (error) => {
        assert.ok(error instanceof UserError, String(error));
        assert.match(error.message, expected);
        return true;
      });
    }
    assert.deepEqual(names(), before);
  });
});

Deno.test("Events whose session is lost are kept under a session made up for them", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    await makeDatabase(path);
    edit(path, "DELETE FROM live_session", "DELETE FROM live", "DELETE FROM service");
    assert.match(
      checkDatabase(path).faults.join("\n"),
      /live_event, row 1: it refers to a row of live_session that does not exist/,
    );
    const { faults } = repairDatabase(path, join(folder, "b.db"));
    assert.deepEqual(faults, []);
    await assertStarts(join(folder, "b.db"), events);
  });
});

Deno.test("A database whose list of tables is damaged is told as such, by check and by repair", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    await makeDatabase(path);
    const bytes = Deno.readFileSync(path);
    bytes.fill(0x5a, 100, 4096);
    Deno.writeFileSync(path, bytes);
    assert.match(
      checkDatabase(path).faults.join(),
      /list of its tables is damaged.*Replace it with a backup/,
    );
    assert.throws(() => repairDatabase(path, join(folder, "b.db")), /list of tables in .* is damaged/);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).includes("b.db"), false);
  });
});

Deno.test("Numbers that say different things are found: events outside of their session's, messages that stand twice", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    await makeDatabase(path);
    edit(
      path,
      "UPDATE live_session SET events_to = 500",
      "UPDATE live_event SET message_id = 'm1' WHERE id = 2",
    );
    const faults = checkDatabase(path).faults;
    assert.deepEqual(faults, [
      "live_session, row 1: 1000 of its events are outside events_from to events_to.",
      "live_event: session 1 has the message m1 2 times.",
    ]);
  });
});

Deno.test("Of a file that was cut off what is left is saved", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    await makeDatabase(path);
    Deno.truncateSync(path, Math.floor(Deno.statSync(path).size * 0.7));
    const before = Deno.readFileSync(path);
    const { tables, faults } = repairDatabase(path, join(folder, "b.db"));
    assert.deepEqual(faults, []);
    const { saved, unreadable } = tables.find(({ table }) => table === "live_event")!;
    assert.ok(saved > events / 3 && saved < events, `${saved} are saved`);
    assert.ok(unreadable.length > 0);
    assert.ok(Deno.readFileSync(path).every((byte, index) => byte === before[index]));
    assert.ok(![...Deno.readDirSync(folder)].some(({ name }) => name.includes(".filled")));
    await assertStarts(join(folder, "b.db"), saved);
  });
});

Deno.test("Wherever a page is damaged it is told: at the start, or by the look in the background", async () => {
  await withFolder(async (folder) => {
    await makeDatabase(join(folder, "whole.db"));
    const database = new DatabaseSync(join(folder, "whole.db"));
    const pages = Number(database.prepare("PRAGMA page_count").get()?.page_count);
    database.close();
    let later = 0;
    for (let page = 2; page <= pages; page += Math.ceil(pages / 12)) {
      const path = join(folder, `${page}.db`);
      Deno.copyFileSync(join(folder, "whole.db"), path);
      const file = Deno.openSync(path, { write: true });
      file.seekSync((page - 1) * 4096, Deno.SeekMode.Start);
      file.writeSync(new Uint8Array(4096).fill(0x5a));
      file.close();
      try {
        const { store, told } = openAsItIs(path);
        store.start();
        // One question is answered after the other.
        await store.questions.ask("services").catch(() => {});
        await store.stop();
        assert.match(
          told.join(),
          /The database is damaged.*"check" lists the damage; "repair FILE" copies/,
          `page ${page}`,
        );
        assert.doesNotMatch(told.join(), /\*\*\*/, "SQLite's headline says nothing");
        later += 1;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        assert.match(error.message, /The database is damaged: replace it with a backup, or .* "repair"/);
      }
    }
    assert.ok(later > 4, `${later} were found in the background`);
  });
});
