import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { Speaker, type SpeakerOptions } from "../../../services/tts/speaker.ts";
import type { Speech } from "../../../services/tts/speech.ts";
import { migrations, Speeches } from "../../../services/tts/speeches.ts";
import type { MadeSegment } from "../../../services/tts/synthesis.ts";
import { openDatabase } from "../../../src/kit/database.ts";
import { heardLog } from "../../support/heard_log.ts";
import { withFolder } from "../../support/temporary_store.ts";

const voice = { engine: "espeak", name: "en-us", language: "en-US" };

function segment(durationMs: number): MadeSegment {
  const sound = { file: new Uint8Array(), frames: [], words: [], durationMs };
  return { ...sound, from: 0, to: 1, voice, name: "none.mp3" };
}

interface Opened {
  speaker: Speaker;
  speeches: Speeches;
  database: DatabaseSync;
  log: ReturnType<typeof heardLog>;
  add(text: string): number;
  /** Resolves to the end of the next text. */
  nextEnd(): Promise<string>;
}

async function withSpeaker(
  use: (opened: Opened) => Promise<void>,
  options: Partial<SpeakerOptions> = {},
): Promise<void> {
  await withFolder(async (folder) => {
    using database = openDatabase(join(folder, "data.db"), migrations);
    const speeches = new Speeches(database, { maxWaiting: 100, maxPaid: 100, staleMs: 60_000 });
    const log = heardLog();
    let tell: (end: string) => void = () => {};
    const speaker = new Speaker({
      speeches,
      make: () => Promise.resolve([Promise.resolve(segment(1))]),
      isStreamHeard: () => true,
      reconnectMs: 0,
      retryMs: 1,
      log,
      onBegin: () => {},
      onSegment: () => {},
      onEnd: ({ text }: Speech, status) => tell(`${text} ${status}`),
      ...options,
    });
    const add = (text: string) => {
      const { id } = speeches.add({
        text,
        voice,
        delivery: { rate: 1, pitch: 1, volume: 1 },
        priority: 5,
        isDiscardable: false,
        viewer: { id: "1", name: "Ana" },
        liveEventId: null,
      }, { item: null });
      speaker.wake();
      return id;
    };
    const nextEnd = () => new Promise<string>((resolve) => tell = resolve);
    speaker.start();
    await use({ speaker, speeches, database, log, add, nextEnd });
    await speaker.stop();
  });
}

Deno.test("Without a page, the clock moves a text from segment to segment for listeners of the stream", async () => {
  const heard: string[] = [];
  await withSpeaker(async ({ add, nextEnd }) => {
    const end = nextEnd();
    add("hello");
    assert.equal(await end, "hello spoken");
    assert.deepEqual(heard, ["hello 0", "hello 1"]);
  }, {
    make: () => Promise.resolve([0, 1].map((from) => Promise.resolve({ ...segment(50), from }))),
    onSegment: ({ speech, from }) => heard.push(`${speech.text} ${from}`),
  });
});

Deno.test("A text that cannot be synthesized fails with the reason in the log, and the next text is spoken", async () => {
  const make = ({ text }: Speech): Promise<Promise<MadeSegment>[]> => {
    if (text === "throws") return Promise.reject(new Error("no such voice"));
    if (text === "empty") return Promise.resolve([]);
    if (text === "first") return Promise.resolve([Promise.reject(new Error("no sound"))]);
    const rest = text === "rest" ? [Promise.reject(new Error("no more sound"))] : [];
    for (const promise of rest) promise.catch(() => {});
    return Promise.resolve([Promise.resolve(segment(1)), ...rest]);
  };
  await withSpeaker(async ({ add, nextEnd, log }) => {
    for (const text of ["throws", "empty", "first", "rest"]) {
      const end = nextEnd();
      add(text);
      assert.equal(await end, `${text} failed`);
    }
    const end = nextEnd();
    add("hello");
    assert.equal(await end, "hello spoken");
    for (const why of [/no such voice/, /nothing that a voice can say/, /no sound/, /no more sound/]) {
      await log.heard(why);
    }
  }, { make });
});

Deno.test("Texts wait while the database cannot be written, and are spoken later; the log says so once", async () => {
  await withSpeaker(async ({ add, nextEnd, log, database }) => {
    database.exec(
      "CREATE TRIGGER full BEFORE UPDATE ON speech BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    );
    const end = nextEnd();
    add("hello");
    assert.match(
      (await log.heard(/nothing can be spoken/)).text,
      /the disk is full; Livecue tries again every 0\.001 s/,
    );
    database.exec("DROP TRIGGER full");
    assert.equal(await end, "hello spoken");
    assert.equal(log.entries.length, 1);
  });
});

Deno.test("A text that ended while the database could not be written is not spoken again", async () => {
  const begun = Promise.withResolvers<void>();
  const make = ({ text }: Speech) =>
    Promise.resolve([Promise.resolve(segment(text === "long" ? 60_000 : 1))]);
  await withSpeaker(async ({ speaker, speeches, add, nextEnd, log, database }) => {
    const ofLong = nextEnd();
    const id = add("long");
    await begun.promise;
    database.exec(
      "CREATE TRIGGER full BEFORE UPDATE ON speech BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    );
    speaker.skip();
    await log.heard(/nothing can be spoken/);
    assert.equal(await ofLong, "long skipped");
    database.exec("DROP TRIGGER full");
    const ofNext = nextEnd();
    add("next");
    assert.equal(await ofNext, "next spoken");
    assert.equal(speeches.find(id)?.status, "skipped");
  }, { make, onBegin: () => begun.resolve() });
});

Deno.test("The current text at a stop is spoken at the next start", async () => {
  const begun = Promise.withResolvers<void>();
  await withSpeaker(async ({ speaker, speeches, add }) => {
    const id = add("hello");
    await begun.promise;
    await speaker.stop();
    assert.equal(speeches.find(id)?.status, "speaking");
  }, { make: () => Promise.resolve([Promise.resolve(segment(60_000))]), onBegin: () => begun.resolve() });
});
