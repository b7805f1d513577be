/** What a stop could not store: it is kept in a file, and the next start stores it, once and in the right database. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Store } from "../../../src/store/store.ts";
import { UserError } from "../../../src/user_error.ts";
import type { FakeClock } from "../../support/fake_clock.ts";
import type { Operation } from "../../../src/operation.ts";
import { sampleEvent } from "../../support/stored_events.ts";
import { openSession, openTemporary, withFolder } from "../../support/temporary_store.ts";

function insertEvent(id: number): Operation {
  return { kind: "insert_event", event: sampleEvent({ id }) };
}

/** Keeps others from writing until the returned function is called. */
function lockWriting(path: string): () => void {
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  return () => other.close();
}

function storedIds(path: string): unknown[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const ids = database.prepare("SELECT id FROM live_event ORDER BY id").all().map(({ id }) => id);
  database.close();
  return ids;
}

const keptInFile = (error: unknown) =>
  error instanceof UserError &&
  /\(2 events\) is kept in .*livecue\.db\.unsaved\.jsonl\. The next start stores it\./.test(error.message);

/** Lets time pass until the store has given up. */
async function stopInTrouble(store: Store, clock: FakeClock): Promise<void> {
  let hasStopped = false;
  const stopped = store.stop().finally(() => hasStopped = true);
  const refused = assert.rejects(stopped, keptInFile);
  while (!hasStopped) {
    await nextTurn();
    clock.advance(500);
  }
  await refused;
}

/** A database with event 1, whose last stop could not write events 2 and 3. */
async function withUnsaved(
  use: (path: string) => Promise<void>,
  { isPatient = false } = {},
): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, "livecue.db");
    const { store, clock } = openTemporary(path);
    store.writer.add(openSession(1));
    store.writer.add(insertEvent(1));
    await store.writer.flush();
    const unlock = lockWriting(path);
    for (const id of [2, 3]) store.writer.add(insertEvent(id));
    if (isPatient) await stopInTrouble(store, clock);
    else assert.throws(() => store.stopNow(), keptInFile);
    unlock();
    assert.deepEqual(storedIds(path), [1]);
    await use(path);
  });
}

function filesBeside(path: string): string[] {
  return [...Deno.readDirSync(dirname(path))].map(({ name }) => name).filter((name) =>
    name.includes("unsaved")
  );
}

Deno.test("What a locked database kept from being stored is in a file at the stop, and stored by the next start", async () => {
  await withUnsaved(async (path) => {
    const { store, told } = openTemporary(path);
    assert.deepEqual(told, ["info: Data that the last stop could not store (2 events) is now stored."]);
    assert.equal(store.ids.next("event"), 4);
    await store.stop();
    assert.deepEqual(storedIds(path), [1, 2, 3]);
    assert.deepEqual(filesBeside(path), []);
  }, { isPatient: true });
});

Deno.test("A start that dies right after it stored the file does not store it twice", async () => {
  await withUnsaved(async (path) => {
    const [name] = filesBeside(path);
    const file = join(dirname(path), name!);
    const text = Deno.readTextFileSync(file);
    await openTemporary(path).store.stop();
    Deno.writeTextFileSync(file, text);
    const { store, told } = openTemporary(path);
    await store.stop();
    assert.deepEqual(told, []);
    assert.deepEqual(storedIds(path), [1, 2, 3]);
    assert.deepEqual(filesBeside(path), []);
  });
});

Deno.test("A file that does not go on where the database ends is put aside, and changes nothing", async () => {
  await withUnsaved(async (path) => {
    const other = join(dirname(path), "other.db");
    const first = openTemporary(other);
    first.store.writer.add(openSession(1));
    for (const id of [1, 2]) first.store.writer.add(insertEvent(id));
    await first.store.stop();
    Deno.renameSync(`${path}.unsaved.jsonl`, `${other}.unsaved.jsonl`);
    const { store, told } = openTemporary(other);
    await store.stop();
    assert.match(
      told.join(),
      /^error: Data that the last stop could not store does not fit this database .* is kept in /,
    );
    assert.deepEqual(storedIds(other), [1, 2]);
    assert.equal(filesBeside(other).length, 1);
  });
});

for (
  const [what, broken] of Object.entries({
    "cut short": (text: string) => text.slice(0, -20),
    "of another version": (text: string) => text.replace(/"version":\d+/, '"version":99'),
    "no file of Livecue's": () => "hello\n",
    "with a statement that there is none of": (text: string) => text.replace("insert", "drop"),
    "empty": () => "",
  })
) {
  Deno.test(`A file that is ${what} is put aside whole, and the start goes on`, async () => {
    await withUnsaved(async (path) => {
      const file = `${path}.unsaved.jsonl`;
      const text = broken(Deno.readTextFileSync(file));
      Deno.writeTextFileSync(file, text);
      const { store, told } = openTemporary(path);
      await store.stop();
      assert.match(told.join(), /^error: .* does not fit this database/);
      assert.deepEqual(storedIds(path), [1]);
      const [name] = filesBeside(path);
      assert.equal(Deno.readTextFileSync(join(dirname(path), name!)), text);
    });
  });
}

Deno.test("Whoever cannot wait for a stop has what waits stored at once, or kept", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "livecue.db");
    const { store } = openTemporary(path);
    store.writer.add(openSession(1));
    store.writer.add(insertEvent(1));
    store.stopNow();
    assert.deepEqual(storedIds(path), [1]);

    const again = openTemporary(path).store;
    const unlock = lockWriting(path);
    again.writer.add(insertEvent(2));
    assert.throws(() => again.stopNow(), /\(1 event\) is kept in /);
    unlock();
    await openTemporary(path).store.stop();
    assert.deepEqual(storedIds(path), [1, 2]);
  });
});

Deno.test("A file of the same name that came meanwhile is not written over", async () => {
  await withUnsaved(async (path) => {
    const file = `${path}.unsaved.jsonl`;
    const text = Deno.readTextFileSync(file);
    const { store } = openTemporary(path);
    Deno.writeTextFileSync(file, text);
    const unlock = lockWriting(path);
    store.writer.add(insertEvent(4));
    let kept = "";
    assert.throws(() => store.stopNow(), (error: Error) => {
      kept = error.message.match(/is kept in (\S+)\. Move that file to /)?.[1] ?? "";
      return kept !== "";
    });
    unlock();
    assert.equal(Deno.readTextFileSync(file), text);
    await Deno.remove(dirname(kept), { recursive: true });
  });
});
