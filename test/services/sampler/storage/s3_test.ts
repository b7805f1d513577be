/** The storage against a real S3 server. */
import assert from "node:assert/strict";
import { FinalError } from "livecue/service";
import { S3Storage } from "../../../../services/sampler/storage/s3.ts";
import { swiftKeys, testWithSwift } from "../../../support/swift.ts";

const signal = new AbortController().signal;

async function withFile(text: string, run: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, text);
    await run(path);
  } finally {
    await Deno.remove(path);
  }
}

testWithSwift(
  "A bucket gives back a stored file, ranges of it, and a link for everybody",
  (swift) =>
    withFile("0123456789", async (path) => {
      const name = "12/a b_é.mp3";
      const storage = new S3Storage(swift.options(), swiftKeys);
      await storage.check(signal);
      const stored = await storage.put({ path, name, contentType: "audio/mpeg" }, { signal });
      assert.equal(stored.bytes, 10);
      const ranges = [undefined, { start: 2, end: 4 }, { start: 7 }, { start: 8, end: 99 }, { start: 10 }];
      const texts: string[] = [];
      for (const range of ranges) {
        const opened = await storage.open(name, range);
        assert.ok(opened !== null);
        texts.push(await new Response(opened.body).text());
        assert.deepEqual([opened.bytes, opened.totalBytes], [texts.at(-1)?.length, 10]);
      }
      assert.deepEqual(texts, ["0123456789", "234", "789", "89", ""]);

      const response = await fetch(await storage.link(name, 60));
      assert.equal(response.headers.get("content-type"), "audio/mpeg");
      assert.equal(await response.text(), "0123456789");
      const expired = new S3Storage(swift.options(), swiftKeys, {
        now: () => Date.now() - 120_000,
        pause: () => Promise.resolve(),
      });
      const late = await fetch(await expired.link(name, 60));
      await late.body?.cancel();
      assert.equal(late.status, 403);

      await storage.delete(name);
      await storage.delete(name);
      assert.equal(await storage.open(name), null);
    }),
);

testWithSwift("check names a wrong secret, key, bucket, region and clock of a real server", async (swift) => {
  const pause = () => Promise.resolve();
  const check = (given: { options?: object; keys?: object; hours?: number }) => {
    const now = () => Date.now() + (given.hours ?? 0) * 3600_000;
    const keys = { ...swiftKeys, ...given.keys };
    return new S3Storage(swift.options(given.options), keys, { now, pause }).check(signal);
  };
  const mistakes: [Parameters<typeof check>[0], RegExp][] = [
    [{ keys: { secretAccessKey: "wrong" } }, /"secret_access_key" does not belong/],
    [{ keys: { accessKeyId: "nobody:here" } }, /does not belong to "access_key_id"/],
    [{ options: { bucket: "nowhere" } }, /There is no bucket nowhere/],
    [{ options: { region: "eu-west-3" } }, /set "region" to "us-east-1"/],
    [{ hours: -2 }, /clock of this computer is 2 hours behind/],
  ];
  for (const [given, sentence] of mistakes) {
    await assert.rejects(check(given), (error: Error) => {
      assert.match(error.message, sentence);
      return error instanceof FinalError;
    });
  }
});
