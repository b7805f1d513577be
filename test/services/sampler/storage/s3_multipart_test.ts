/** Large files in a real S3 server, cut in the middle. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { S3Storage } from "../../../../services/sampler/storage/s3.ts";
import { partBytesFor } from "../../../../services/sampler/storage/s3_multipart.ts";
import { startChild } from "../../../support/child_process.ts";
import { S3Tap } from "../../../support/s3_tap.ts";
import { type Swift, swiftKeys, testWithSwift } from "../../../support/swift.ts";

const megabyte = 1 << 20;
const name = "12/audio.wav";

/** 21 MB, in parts of 8, 8 and 5 MB. The same seed gives the same bytes. */
async function wav(folder: string, seed: number, megabytes = 21): Promise<{ path: string; sha256: string }> {
  const bytes = new Uint8Array(megabytes * megabyte);
  const words = new Uint32Array(bytes.buffer);
  for (let index = 0, word = seed; index < words.length; index++) {
    words[index] = word = Math.imul(word, 69069) + 1;
  }
  const path = `${folder}/${seed}.wav`;
  await Deno.writeFile(path, bytes);
  return { path, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** A storage behind a tap, and a large file. */
async function withTap(
  swift: Swift,
  run: (parts: { tap: S3Tap; storage: S3Storage; folder: string }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const tap = new S3Tap(swift.port);
  try {
    const clock = { now: () => Date.now(), pause: () => Promise.resolve() };
    await run({ tap, folder, storage: new S3Storage(swift.options({ port: tap.port }), swiftKeys, clock) });
  } finally {
    await tap[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  }
}

async function put(storage: S3Storage, path: string, signal = new AbortController().signal) {
  const fractions: number[] = [];
  const onProgress = (fraction: number) => void fractions.push(fraction);
  const stored = await storage.put({ path, name, contentType: "audio/wav" }, { signal, onProgress });
  return { ...stored, fractions };
}

async function storedHash(storage: S3Storage): Promise<string> {
  const opened = await storage.open(name);
  assert.ok(opened !== null);
  const hash = createHash("sha256");
  for await (const chunk of opened.body) hash.update(chunk);
  return hash.digest("hex");
}

/** Runs as soon as the part begins to arrive. */
function atPart(tap: S3Tap, number: number, run: () => ReturnType<S3Tap["onRequest"]>): void {
  tap.onRequest = (line) => {
    if (!line.includes(`partNumber=${number}&`)) return;
    tap.onRequest = () => {};
    return run();
  };
}

/** The part never arrives whole. */
function held(run: () => void): "hold" {
  run();
  return "hold";
}

testWithSwift(
  "After an abort, the parts that the server has are not sent again",
  (swift) =>
    withTap(swift, async ({ tap, storage, folder }) => {
      const { path, sha256 } = await wav(folder, 1);
      const stop = new AbortController();
      atPart(tap, 3, () => held(() => stop.abort()));
      await assert.rejects(put(storage, path, stop.signal), { name: "AbortError" });
      assert.deepEqual(tap.takeParts(), [1, 2, 3]);
      assert.deepEqual(await swift.unfinished(), [`samples/${name}`]);

      const { fractions, ...stored } = await put(storage, path);
      assert.deepEqual(tap.takeParts(), [3]);
      assert.deepEqual(stored, { name, bytes: 21 * megabyte, sha256 });
      assert.deepEqual([fractions[0], fractions.at(-1)], [8 / 21, 1]);
      assert.equal(await storedHash(storage), sha256);
      assert.deepEqual(await swift.unfinished(), []);

      tap.takeParts();
      await put(storage, path);
      assert.deepEqual(tap.requests, [`HEAD /music/samples/${name}`]);
    }),
);

testWithSwift(
  "After a killed process, another one sends only the missing parts",
  (swift) =>
    withTap(swift, async ({ tap, storage, folder }) => {
      const { path, sha256 } = await wav(folder, 2);
      const arrived = Promise.withResolvers<void>();
      atPart(tap, 2, () => held(arrived.resolve));
      const script = new URL("../../../support/upload_to_s3.ts", import.meta.url);
      const child = startChild(script, JSON.stringify(swift.options({ port: tap.port })), path, name);
      await Promise.race([arrived.promise, child.nextLine()]);
      await child.kill();
      assert.deepEqual(tap.takeParts(), [1, 2]);

      assert.equal((await put(storage, path)).sha256, sha256);
      assert.deepEqual(tap.takeParts(), [2, 3]);
      assert.equal(await storedHash(storage), sha256);
    }),
);

testWithSwift(
  "A connection that breaks within a part costs this part alone",
  (swift) =>
    withTap(swift, async ({ tap, storage, folder }) => {
      const { path, sha256 } = await wav(folder, 3, 17);
      atPart(tap, 2, () => "break");
      await put(storage, path);
      assert.deepEqual(tap.takeParts(), [1, 2, 2, 3]);
      assert.equal(await storedHash(storage), sha256);
    }),
);

testWithSwift(
  "A part that arrives damaged is refused and sent again",
  (swift) =>
    withTap(swift, async ({ tap, storage, folder }) => {
      const { path, sha256 } = await wav(folder, 7, 9);
      atPart(tap, 1, () => "spoil");
      await put(storage, path);
      assert.deepEqual(tap.takeParts(), [1, 1, 2]);
      assert.equal(await storedHash(storage), sha256);
    }),
);

testWithSwift(
  "The unfinished upload of an older file of the name is discarded",
  (swift) =>
    withTap(swift, async ({ tap, storage, folder }) => {
      const stop = new AbortController();
      atPart(tap, 2, () => held(() => stop.abort()));
      await assert.rejects(put(storage, (await wav(folder, 4, 9)).path, stop.signal));
      tap.takeParts();
      const newer = await wav(folder, 5, 9);
      await put(storage, newer.path);
      assert.deepEqual(tap.takeParts(), [1, 2]);
      assert.equal(await storedHash(storage), newer.sha256);
      assert.deepEqual(await swift.unfinished(), []);
    }),
);

testWithSwift(
  "A file with the same beginning as an unfinished upload never gets the bytes of the other",
  (swift) =>
    withTap(swift, async ({ tap, storage, folder }) => {
      const stop = new AbortController();
      atPart(tap, 2, () => held(() => stop.abort()));
      await assert.rejects(put(storage, (await wav(folder, 6, 17)).path, stop.signal));
      const longer = await wav(folder, 6, 18);
      await assert.rejects(put(storage, longer.path), { message: /other bytes after its upload.*try again/ });
      await put(storage, longer.path);
      assert.equal(await storedHash(storage), longer.sha256);
    }),
);

testWithSwift(
  "Deleting a name discards its unfinished upload, and only this one",
  (swift) =>
    withTap(swift, async ({ storage }) => {
      for (const key of [name, `${name}x`]) {
        await cancelled(swift.fetch("POST", `/music/samples/${key}?uploads=`));
      }
      await storage.delete(name);
      assert.deepEqual(await swift.unfinished(), [`samples/${name}x`]);
    }),
);

testWithSwift("check leaves uploads that may still be continued", async (swift) => {
  const signal = new AbortController().signal;
  for (const key of ["samples/1/a.wav", "other/1/a.wav"]) {
    await cancelled(swift.fetch("POST", `/music/${key}?uploads=`));
  }
  await new S3Storage(swift.options(), swiftKeys).check(signal);
  assert.deepEqual((await swift.unfinished()).sort(), ["other/1/a.wav", "samples/1/a.wav"]);
});

async function cancelled(answer: Promise<Response>): Promise<void> {
  const { ok, body } = await answer;
  await body?.cancel();
  assert.ok(ok);
}

Deno.test("A file of any size has at most 10,000 parts of at least 8 MB", () => {
  for (const bytes of [8, 80_000, 80_001, 5_000_000].map((megabytes) => megabytes * megabyte)) {
    assert.ok(partBytesFor(bytes) >= 8 * megabyte);
    assert.ok(Math.ceil(bytes / partBytesFor(bytes)) <= 10_000);
  }
});
