import assert from "node:assert/strict";
import { join } from "node:path";
import { migrations } from "../../../services/sampler/migrations.ts";
import { keyNames, readKey } from "../../../services/sampler/music_key.ts";
import { maxWaiting, type Result, Samples } from "../../../services/sampler/samples.ts";
import type { Search, Sort } from "../../../services/sampler/search.ts";
import { openDatabase } from "../../../src/kit/database.ts";
import { withFolder } from "../../support/temporary_store.ts";

interface Library {
  samples: Samples;
  /** The time that the library sees. */
  clock: { now: number };
  /** Adds a sample that is done. Returns its id. */
  add(
    given?: Partial<Result> & { description?: string; tags?: string[]; creator?: [string, string] },
  ): number;
  find(search: Search): number[];
}

function testLibrary(name: string, use: (library: Library) => void | Promise<void>): void {
  Deno.test(name, () =>
    withFolder(async (folder) => {
      using database = openDatabase(join(folder, "data.db"), migrations);
      const clock = { now: 1_000_000 };
      const samples = new Samples(database, { now: () => clock.now });
      let count = 0;
      const ana: [string, string] = ["ana", "Ana"];
      const add: Library["add"] = (
        { description = "", tags = [], creator = ana, ...given } = {},
      ) => {
        const url = `https://www.tiktok.com/@ana/video/${++count}`;
        const { id } = samples.request({ url, videoKey: `tiktok:${count}`, requestedBy: "test" }).sample;
        samples.begin(id);
        const [creatorId, creatorName] = creator;
        samples.describe(id, {
          creator: { id: creatorId, name: creatorName },
          description,
          tags,
          views: 1,
          likes: 1,
          seconds: 5,
        });
        samples.finish(id, {
          seconds: 5,
          bpm: 100,
          halfBpm: 50,
          doubleBpm: 200,
          key: "Am",
          keyStrength: 0.9,
          loudnessLufs: -14,
          files: {},
          ...given,
        });
        return id;
      };
      const find = (search: Search) => samples.list(search).samples.map(({ id }) => id).sort((a, b) => a - b);
      await use({ samples, clock, add, find });
    }));
}

const link = { url: "https://www.tiktok.com/@ana/video/7", videoKey: "tiktok:7", requestedBy: "command" };

testLibrary("The same video is one sample, and only a failed one can be requested again", ({ samples }) => {
  const first = samples.request(link);
  assert.equal(first.isNew, true);
  const { id } = first.sample;
  const other = { ...link, url: "https://www.tiktok.com/@ben/video/7" };
  for (const isDone of [false, true]) {
    if (isDone) samples.finish(id, { ...samples.get(id) as unknown as Result, files: {} });
    assert.deepEqual([samples.request(other).sample.id, samples.request(link).isNew], [id, false]);
  }
  samples.fail(id, { step: "download", error: "The video is gone." });
  const again = samples.request(other);
  assert.deepEqual([again.isNew, again.sample.id, again.sample.status], [true, id, "requested"]);
  assert.deepEqual([again.sample.error, again.sample.step], [null, null]);
});

testLibrary("A short link that turns out to be a known video gives way to its sample", ({ samples }) => {
  const { id } = samples.request(link).sample;
  const short =
    samples.request({ url: "https://vm.tiktok.com/ZM1", videoKey: null, requestedBy: "Ben" }).sample;
  assert.equal(samples.identify(short.id, "tiktok:7")?.id, id);
  assert.equal(samples.get(short.id), null);
  assert.equal(samples.find(short.id)?.id, id);
  const same = samples.request({ url: "https://vm.tiktok.com/ZM1", videoKey: null, requestedBy: "Cem" });
  assert.deepEqual([same.sample.id, same.isNew], [id, false]);
  const other =
    samples.request({ url: "https://vm.tiktok.com/ZM2", videoKey: null, requestedBy: "Ben" }).sample;
  assert.equal(samples.identify(other.id, "tiktok:8"), null);
  assert.equal(samples.get(other.id)?.videoKey, "tiktok:8");
  samples.hide(id);
  samples.remove(id);
  assert.equal(samples.find(short.id), null);
});

testLibrary(
  "A sample whose work does not go on can be requested again, and a done one cannot",
  ({ samples, add }) => {
    const { id } = samples.request(link).sample;
    for (const status of ["requested", "running"]) {
      if (status === "running") samples.begin(id);
      const [first] = samples.unannounced();
      assert.ok(first);
      samples.announce(id);
      assert.deepEqual([samples.unannounced(), samples.isLatest(first)], [[], true]);
      assert.equal(samples.retry(id).status, status);
      assert.deepEqual(samples.unannounced(), [{ id, request: first.request + 1 }]);
      assert.equal(samples.isLatest(first), false);
    }
    assert.throws(() => samples.retry(add()), /Sample 2 is done/);
    assert.throws(() => samples.retry(99), /There is no sample 99/);
  },
);

testLibrary(
  "Requests become events in their order, a few at a time, and a retry is a new request",
  ({ samples }) => {
    const requests = Array.from(
      { length: 30 },
      (_, index) => ({ ...link, url: `u${index}`, videoKey: `k${index}` }),
    );
    for (const request of requests) samples.request(request);
    const due = samples.unannounced();
    assert.deepEqual(due.map(({ id }) => id), Array.from({ length: 20 }, (_, index) => index + 1));
    for (const { id } of due) samples.announce(id);
    assert.deepEqual(samples.unannounced(), []);
    samples.begin(1);
    assert.deepEqual(samples.unannounced(), [{ id: 21, request: 1 }]);
    samples.fail(1, { step: "mark", error: "…" });
    samples.retry(1);
    assert.deepEqual(samples.unannounced()[0], { id: 1, request: 2 });
  },
);

testLibrary("At most a thousand requests wait, and one more is refused with a sentence", ({ samples }) => {
  for (let index = 0; index < maxWaiting; index++) {
    samples.request({ url: `u${index}`, videoKey: null, requestedBy: "x" });
  }
  assert.throws(
    () => samples.request(link),
    /1000 requested samples are waiting: try again when some are done/,
  );
  assert.equal(samples.counts().requested, maxWaiting);
});

testLibrary("The search finds beginnings of words, whatever their case and accents", ({ add, find }) => {
  const song = add({
    description: "Canción de CUNA, Straße",
    tags: ["Piano", "lo-fi"],
    creator: ["dj.zoë", "Zoë Ñandú"],
  });
  const other = add({ description: "東京の夜 드럼", tags: ["drums"] });
  for (
    const text of [
      "cancion",
      "CANC cuna",
      "pia",
      "nandu",
      "zoe",
      "ÑAN",
      "lo-fi",
      "fi",
      "dj.zoe",
      "cuna strasse",
    ]
  ) {
    const expected = text === "cuna strasse" ? [] : [song];
    assert.deepEqual(find({ text }), expected, text);
  }
  for (const text of ["京", "夜", "東京", "드럼", "ana drum"]) {
    assert.deepEqual(find({ text }), [other], text);
  }
  assert.deepEqual(find({ text: "cancion drums" }), []);
  assert.deepEqual(find({ text: "  " }), [song, other]);
});

testLibrary("Quotes and operators in a search are harmless", ({ add, find }) => {
  const id = add({ description: "rock and roll" });
  for (const text of ['"rock', "rock*", "rock AND roll", "^rock", "(rock", "{rock}", "rock'; --", "rock\0"]) {
    assert.deepEqual(find({ text }), [id], text);
  }
  for (
    const text of ["description:jazz", "NOT rock", "rock NEAR roll", '"""', "*", "🎉", "a".repeat(10_000)]
  ) {
    assert.deepEqual(find({ text }), [], text);
  }
});

testLibrary("A creator's new name is found, and the old one is not", ({ samples, add, find }) => {
  const id = add({ creator: ["ana", "Old Name"] });
  samples.describe(id, {
    creator: { id: "ana", name: "Fresh" },
    description: "",
    tags: [],
    views: null,
    likes: null,
    seconds: null,
  });
  assert.deepEqual([find({ text: "fresh" }), find({ text: "old" })], [[id], []]);
});

testLibrary("Filters: tempo with half and double, key, creator, status", ({ samples, add, find }) => {
  const slow = add({ bpm: 70, halfBpm: 35, doubleBpm: 140, key: "F#" });
  const fast = add({ bpm: 174, halfBpm: 87, doubleBpm: 348, creator: ["ben_1", "Bén"] });
  const none = add({ bpm: null, halfBpm: null, doubleBpm: null, key: null });
  assert.deepEqual(find({ bpm: { from: 139, to: 141 } }), [slow]);
  assert.deepEqual(find({ bpm: { from: 85, to: 90 } }), [fast]);
  assert.deepEqual(find({ bpm: { from: 1, to: 400 } }), [slow, fast]);
  assert.deepEqual([find({ key: "F#" }), find({ key: "Am" })], [[slow], [fast]]);
  assert.deepEqual([find({ creator: "@Ben_1" }), find({ creator: "ben" }), find({ creator: "be" })], [
    [fast],
    [fast],
    [],
  ]);
  samples.request(link);
  assert.deepEqual(find({ status: "done" }), [slow, fast, none]);
  assert.equal(find({ status: "requested" }).length, 1);
});

testLibrary("Pages by cursor have each sample once, while others are added", ({ samples, add }) => {
  const ids: number[] = [];
  for (let index = 0; index < 23; index++) {
    const bpm = index % 4 === 0 ? null : 80 + index % 3;
    const id = add({ bpm, seconds: index % 5 });
    for (let count = 0; count < index % 3; count++) samples.countDownload(id);
    ids.push(id);
  }
  const wanted: Record<Sort, (id: number) => number> = {
    newest: (id) => -id,
    oldest: (id) => id,
    bpm: (id) => samples.get(id)?.bpm ?? 1000,
    downloads: (id) => -(samples.get(id)?.downloads ?? 0),
    duration: (id) => samples.get(id)?.seconds ?? 1000,
  };
  for (const [sort, valueOf] of Object.entries(wanted) as [Sort, (id: number) => number][]) {
    const found: number[] = [];
    let cursor: string | null = null;
    let isFirst = true;
    do {
      const page = samples.list({ sort, limit: 5, ...(cursor === null ? {} : { cursor }) });
      found.push(...page.samples.map(({ id }) => id));
      cursor = page.nextCursor;
      if (isFirst) add({ bpm: 1, seconds: 0 });
      isFirst = false;
    } while (cursor !== null);
    const old = found.filter((id) => ids.includes(id));
    assert.deepEqual([...old].sort((a, b) => a - b), ids, sort);
    assert.equal(new Set(found).size, found.length, sort);
    assert.deepEqual(old.map(valueOf), old.map(valueOf).sort((a, b) => a - b), sort);
  }
});

testLibrary("A cursor that is none, or of another order, is refused with a sentence", ({ samples, add }) => {
  for (let index = 0; index < 3; index++) add();
  const cursor = samples.list({ limit: 2, sort: "bpm" }).nextCursor as string;
  assert.throws(() => samples.list({ cursor, sort: "newest" }), /one for the order "bpm"/);
  for (const wrong of ["x", "", "bnVsbA", "W10"]) {
    assert.throws(() => samples.list({ cursor: wrong }), /not valid/);
  }
});

testLibrary(
  "A hidden sample is gone at once, and its video can be requested again",
  ({ samples, add, find }) => {
    const id = add({ description: "gone" });
    samples.hide(id);
    assert.deepEqual([samples.get(id), find({ text: "gone" }), samples.counts().done], [null, [], 0]);
    const again = samples.request({
      url: "https://www.tiktok.com/@ana/video/1",
      videoKey: "tiktok:1",
      requestedBy: "x",
    });
    assert.equal(again.isNew, true);
    assert.deepEqual(samples.hidden().map((sample) => sample.id), [id]);
    samples.remove(id);
    assert.deepEqual(samples.hidden(), []);
    assert.notEqual(again.sample.id, id);
  },
);

Deno.test("Keys are read as musicians write them", () => {
  const wanted: Record<string, string | null> = {
    Am: "Am",
    "A minor": "Am",
    "a-moll": "Am",
    "a moll": "Am",
    amin: "Am",
    "A-": "Am",
    "F#": "F#",
    "f#": "F#",
    Gb: "F#",
    "G♭ major": "F#",
    "G flat major": "F#",
    "F♯m": "F#m",
    "fis-Moll": "F#m",
    "F sharp minor": "F#m",
    "Bb minor": "A#m",
    es: "D#",
    "Es-Dur": "D#",
    "as-moll": "G#m",
    H: "B",
    Cb: "B",
    "B#": "C",
    CM: "C",
    cm: "Cm",
    "C maj": "C",
    bb: "A#",
    X: null,
    "": null,
    "Am7": null,
    "A minorr": null,
    "I": null,
  };
  for (const [text, key] of Object.entries(wanted)) assert.equal(readKey(text), key, text);
  for (const name of keyNames) assert.equal(readKey(name), name);
});
