import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import type { NewSpeech } from "../../../services/tts/speech.ts";
import {
  migrations,
  Speeches,
  type SpeechesOptions,
  TooManyWaiting,
} from "../../../services/tts/speeches.ts";
import { openDatabase } from "../../../src/kit/database.ts";
import { withFolder } from "../../support/temporary_store.ts";

const hourMs = 3_600_000;

function newSpeech(given: Partial<NewSpeech> = {}): NewSpeech {
  return {
    text: "hello",
    voice: { engine: "espeak", name: "en-us", language: "en-US" },
    delivery: { rate: 1, pitch: 1, volume: 1 },
    priority: 5,
    isDiscardable: true,
    viewer: { id: "1", name: "Ana" },
    liveEventId: 7,
    ...given,
  };
}

const paid = (given: Partial<NewSpeech> = {}) => newSpeech({ isDiscardable: false, ...given });

interface Opened {
  speeches: Speeches;
  database: DatabaseSync;
  add(speech: NewSpeech): ReturnType<Speeches["add"]>;
  /** Opens the table again, as the next run does. */
  again(): Opened;
}

function testSpeeches(
  name: string,
  use: (opened: Opened) => void,
  options: Partial<SpeechesOptions> = {},
): void {
  Deno.test(name, () =>
    withFolder((folder) => {
      const opened: DatabaseSync[] = [];
      const open = (): Opened => {
        const database = openDatabase(join(folder, "data.db"), migrations);
        opened.push(database);
        const speeches = new Speeches(database, {
          maxWaiting: 100,
          maxPaid: 100,
          staleMs: hourMs,
          ...options,
        });
        return { speeches, database, again: open, add: (speech) => speeches.add(speech, { item: null }) };
      };
      use(open());
      for (const database of opened) database.close();
    }));
}

/** Ids in the order in which they are spoken. */
function spoken(speeches: Speeches): number[] {
  const ids: number[] = [];
  for (let next = speeches.next(); next !== null; next = speeches.next()) {
    speeches.begin(next.id);
    speeches.end(next.id, "spoken");
    ids.push(next.id);
  }
  return ids;
}

testSpeeches(
  "The highest priority is next, then the oldest, in any order of arrival",
  ({ speeches, add }) => {
    for (const priority of [5, 10, 1, 5, 10]) add(newSpeech({ priority }));
    assert.deepEqual(spoken(speeches), [2, 5, 1, 4, 3]);
  },
);

testSpeeches("The table keeps any text unchanged", ({ speeches, add }) => {
  for (const text of ["a\u0007b", "עברית ‮ right", "👩‍👩‍👧 <speak>'; DROP TABLE speech;--", "x".repeat(100_000)]) {
    const { id } = add(newSpeech({ text }));
    assert.equal(speeches.find(id)?.text, text);
  }
});

testSpeeches(
  "Over the bound, a comment makes room for a more important text, and is counted",
  ({ speeches, add }) => {
    add(newSpeech({ priority: 3 }));
    add(newSpeech({ priority: 3 }));
    add(newSpeech({ priority: 9 }));
    assert.deepEqual(add(newSpeech({ priority: 3 })), { id: 4, isWaiting: false, evicted: null });
    assert.deepEqual(add(newSpeech({ priority: 4 })), { id: 5, isWaiting: true, evicted: 1 });
    assert.deepEqual(add(paid({ priority: 1 })), { id: 6, isWaiting: true, evicted: 2 });
    assert.deepEqual([1, 2, 4].map((id) => speeches.find(id)?.status), [
      "discarded",
      "discarded",
      "discarded",
    ]);
    assert.equal(speeches.leftOutCount, 3);
    assert.deepEqual(spoken(speeches), [3, 5, 6]);
  },
  { maxWaiting: 3 },
);

testSpeeches(
  "A paid text is never left out: over its own bound it is refused, and its item can come again",
  (opened) => {
    const { speeches, add } = opened;
    for (let count = 0; count < 4; count++) assert.equal(add(paid()).isWaiting, true);
    assert.throws(() => add(paid()), TooManyWaiting);
    assert.equal(add(newSpeech({ priority: 10 })).isWaiting, false);
    assert.equal(speeches.waitingCount, 4);
    speeches.end(1, "spoken");
    assert.equal(add(paid()).isWaiting, true);
  },
  { maxWaiting: 2, maxPaid: 4 },
);

testSpeeches(
  "After a crash, all waiting texts and the current text are there",
  ({ speeches, add, again }) => {
    for (let count = 0; count < 3; count++) add(paid());
    speeches.end(1, "spoken");
    speeches.begin(2);
    assert.deepEqual(spoken(again().speeches), [2, 3]);
  },
);

testSpeeches("An item that comes twice is spoken once", ({ speeches }) => {
  const first = speeches.add(paid(), { item: "12 1700000000000" });
  assert.deepEqual(speeches.add(paid(), { item: "12 1700000000000" }), first);
  assert.deepEqual(spoken(speeches), [1]);
  assert.equal(speeches.add(paid(), { item: "12 1700000000000" }).isWaiting, false);
  assert.equal(speeches.add(paid(), { item: "12 1800000000000" }).id, 2);
});

testSpeeches(
  "A text is a repeat if the same viewer sent the same text a moment ago",
  ({ speeches, database, add }) => {
    add(newSpeech({ text: "hello" }));
    const hello = newSpeech({ text: "hello" });
    assert.equal(speeches.isRepeated(hello, 60_000), true);
    assert.equal(speeches.isRepeated({ ...hello, text: "hello!" }, 60_000), false);
    assert.equal(speeches.isRepeated({ ...hello, viewer: { id: "2", name: "Ben" } }, 60_000), false);
    database.exec("UPDATE speech SET created_at = created_at - 60000");
    assert.equal(speeches.isRepeated(hello, 60_000), false);
  },
);

testSpeeches(
  "A comment that has waited too long is left out; a paid text is not",
  ({ speeches, database, add }) => {
    add(newSpeech());
    add(paid());
    database.exec(`UPDATE speech SET created_at = created_at - ${hourMs + 1}`);
    add(newSpeech());
    assert.deepEqual(spoken(speeches), [2, 3]);
    assert.deepEqual([speeches.find(1)?.status, speeches.leftOutCount], ["discarded", 1]);
  },
);

testSpeeches(
  "The words of a text are kept with their times and places, and deleted with it",
  ({ speeches, database, add }) => {
    const { id } = add(newSpeech({ text: "hello you" }));
    const words = [
      { startMs: 0, endMs: 400, from: 0, to: 5 },
      { startMs: 400, endMs: 700, from: 6, to: 9 },
    ];
    const voice = { engine: "espeak", name: "es", language: "es" };
    const made = { durationMs: 800.4, files: ["a.mp3", "b.mp3"], voice, words };
    speeches.keep(id, made);
    speeches.keep(id, { ...made, durationMs: 1 });
    const found = speeches.find(id);
    assert.deepEqual([found?.durationMs, found?.files, found?.words], [800, ["a.mp3", "b.mp3"], words]);
    assert.deepEqual(found?.voice, voice);
    speeches.end(id, "spoken");
    speeches.forget({ keptMs: -1000, maxRows: 100 });
    assert.equal(speeches.find(id), null);
    assert.deepEqual(database.prepare("SELECT * FROM speech_word").all(), []);
  },
);

testSpeeches(
  "Ended texts are deleted after a time, or when there are too many; waiting texts stay",
  (opened) => {
    const { speeches, database, add } = opened;
    for (let count = 0; count < 10; count++) add(newSpeech());
    for (let id = 1; id <= 6; id++) {
      speeches.end(id, "spoken");
      database.exec(`UPDATE speech SET ended_at = ${Date.now() - (10 - id) * hourMs} WHERE id = ${id}`);
    }
    speeches.forget({ keptMs: 8.5 * hourMs, maxRows: 100 });
    assert.deepEqual(ids(database), [2, 3, 4, 5, 6, 7, 8, 9, 10]);
    speeches.forget({ keptMs: 100 * hourMs, maxRows: 2 });
    assert.deepEqual(ids(database), [5, 6, 7, 8, 9, 10]);
  },
);

function ids(database: DatabaseSync): number[] {
  return database.prepare("SELECT id FROM speech ORDER BY id").all().map(({ id }) => Number(id));
}

testSpeeches(
  "When the database rolls back by itself, as on a full disk, the error has its reason",
  ({ database, add }) => {
    database.exec(
      "CREATE TRIGGER full BEFORE INSERT ON speech BEGIN SELECT RAISE(ROLLBACK, 'the disk is full'); END",
    );
    assert.throws(() => add(newSpeech()), /the disk is full/);
    database.exec("DROP TRIGGER full");
    assert.equal(add(newSpeech()).isWaiting, true);
  },
);
