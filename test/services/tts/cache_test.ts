/** A text that is spoken again is not synthesized again. The cache has bounds and uses a real disk. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Cache, keyOf } from "../../../services/tts/cache.ts";
import { bytesIn, clipOf, keyOfNumber, openCache } from "../../support/cache_under_test.ts";
import { withFolder } from "../../support/temporary_store.ts";

const clip = clipOf(100);
const mustNotMake = () => Promise.reject(new Error("it was made again"));

/** A clock that the test moves, in milliseconds. */
function steppingClock() {
  let now = 1_700_000_000_000;
  return { now: () => now, step: (ms: number) => now += ms };
}

async function isKept(cache: Cache, number: number): Promise<boolean> {
  return await cache.get(keyOfNumber(number), mustNotMake).then(() => true, () => false);
}

Deno.test("The folder never exceeds its limit, also with a thousand texts at once", async () => {
  await withFolder(async (folder) => {
    const maxBytes = 200_000;
    const { cache, told } = openCache(folder, { maxBytes });
    let most = 0;
    let madeCount = 0;
    const ask = async (number: number) => {
      await cache.get(keyOfNumber(number), async () => {
        await Promise.resolve();
        madeCount++;
        return clip;
      });
      if (number % 20 === 0) most = Math.max(most, bytesIn(folder));
    };
    await Promise.all(Array.from({ length: 1000 }, (_, number) => ask(number)));
    assert.equal(madeCount, 1000);
    assert.ok(most <= maxBytes && bytesIn(folder) <= maxBytes, `${most} and ${bytesIn(folder)} bytes`);
    assert.ok(most > maxBytes / 2, "the bound was never near");
    assert.equal(cache.bytes, bytesIn(folder));
    assert.deepEqual(told, []);
  });
});

Deno.test("The least recently used clip goes first, also after a restart", async () => {
  await withFolder(async (folder) => {
    const clock = steppingClock();
    const options = { maxBytes: 4 * 4096, now: clock.now };
    const { cache } = openCache(folder, options);
    const add = async (cache: Cache, number: number) => {
      await cache.get(keyOfNumber(number), () => Promise.resolve(clip));
      clock.step(1000);
    };
    for (const number of [1, 2, 3, 4, 1]) await add(cache, number);
    await add(cache, 5);
    const { cache: next } = openCache(folder, options);
    assert.equal(next.count, 4);
    assert.equal(await isKept(next, 2), false);
    await add(next, 6);
    const { cache: last } = openCache(folder, options);
    assert.deepEqual(await Promise.all([1, 2, 3, 4, 5, 6].map((number) => isKept(last, number))), [
      true,
      false,
      false,
      true,
      true,
      true,
    ]);
    const { cache: smaller } = openCache(folder, { ...options, maxBytes: 4096 });
    assert.equal(smaller.count, 1);
    assert.equal(bytesIn(folder), 4096);
  });
});

Deno.test("A clip that nobody used for too long is removed", async () => {
  await withFolder(async (folder) => {
    const clock = steppingClock();
    const options = { maxAgeMs: 60_000, now: clock.now };
    const { cache } = openCache(folder, options);
    for (const number of [1, 2]) await cache.get(keyOfNumber(number), () => Promise.resolve(clip));
    clock.step(40_000);
    await cache.get(keyOfNumber(1), mustNotMake);
    clock.step(40_000);
    cache.sweep();
    assert.equal(cache.count, 1);
    clock.step(61_000);
    assert.equal(openCache(folder, options).cache.count, 0);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("Callers who ask for the same text at once share one synthesis, and a caller who leaves does not stop it", async () => {
  await withFolder(async (folder) => {
    const { cache } = openCache(folder);
    const gate = Promise.withResolvers<typeof clip>();
    const signals: AbortSignal[] = [];
    const make = (signal: AbortSignal) => {
      signals.push(signal);
      return gate.promise;
    };
    const first = new AbortController();
    const leaving = cache.get("a".repeat(64), make, first.signal);
    const others = Array.from({ length: 20 }, () => cache.get("a".repeat(64), make));
    first.abort(new Error("skipped"));
    await assert.rejects(leaving, /skipped/);
    gate.resolve(clip);
    assert.ok((await Promise.all(others)).every((found) => found === clip));
    assert.equal(signals.length, 1);
    assert.equal(signals[0]?.aborted, false);

    const alone = new AbortController();
    const left = cache.get("b".repeat(64), (signal) => {
      signals.push(signal);
      return new Promise(() => {});
    }, alone.signal);
    alone.abort(new Error("nobody waits"));
    await assert.rejects(left, /nobody waits/);
    assert.equal(signals[1]?.aborted, true);
    assert.equal(await cache.get("b".repeat(64), () => Promise.resolve(clip)), clip);
  });
});

Deno.test("The next caller tries again after a failure", async () => {
  await withFolder(async (folder) => {
    const { cache } = openCache(folder);
    await assert.rejects(cache.get("a".repeat(64), () => Promise.reject(new Error("no voice"))), /no voice/);
    await assert.rejects(
      cache.get("a".repeat(64), () => {
        throw new Error("no engine");
      }),
      /no engine/,
    );
    assert.equal(await cache.get("a".repeat(64), () => Promise.resolve(clip)), clip);
  });
});

Deno.test("A damaged file is made again, half a file is removed, and other files stay", async () => {
  await withFolder(async (folder) => {
    const [spoilt, cut] = [1, 2].map((number) => join(folder, `${keyOfNumber(number)}.mp3`)) as [
      string,
      string,
    ];
    await Deno.writeTextFile(spoilt, "no sound");
    await Deno.writeFile(cut, clip.file.subarray(0, -30));
    await Deno.writeFile(join(folder, `${keyOfNumber(3)}.part`), clip.file.subarray(0, 900));
    await Deno.writeTextFile(join(folder, "notes.txt"), "mine");
    const { cache, told } = openCache(folder);
    for (const number of [1, 2]) {
      assert.equal(await cache.get(keyOfNumber(number), () => Promise.resolve(clip)), clip);
    }
    const { cache: next } = openCache(folder);
    for (const number of [1, 2]) assert.deepEqual(await next.get(keyOfNumber(number), mustNotMake), clip);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(names, [`${keyOfNumber(1)}.mp3`, `${keyOfNumber(2)}.mp3`, "notes.txt"]);
    assert.deepEqual(told, []);
  });
});

Deno.test("A file that somebody removed is made again", async () => {
  await withFolder(async (folder) => {
    const { cache, told } = openCache(folder);
    await cache.get(keyOfNumber(1), () => Promise.resolve(clip));
    const { cache: next, told: nextTold } = openCache(folder);
    await Deno.remove(folder, { recursive: true });
    assert.equal(await next.get(keyOfNumber(1), () => Promise.resolve(clip)), clip);
    assert.equal(bytesIn(folder), next.bytes);
    assert.deepEqual([...told, ...nextTold], []);
  });
});

Deno.test("The log says once that a folder cannot be used, and once that it works again; speech continues", async () => {
  await withFolder(async (parent) => {
    const folder = join(parent, "speech");
    await Deno.writeTextFile(folder, "this is a file");
    const { cache, told } = openCache(folder);
    for (const number of [1, 2, 3]) {
      assert.equal(await cache.get(keyOfNumber(number), () => Promise.resolve(clip)), clip);
    }
    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", /^speech cannot be stored in .*speech, so each text is made again: /);
    assert.equal(await isKept(cache, 1), true, "what was just made is in memory");
    await Deno.remove(folder);
    await cache.get(keyOfNumber(4), () => Promise.resolve(clip));
    assert.deepEqual(told.slice(1), [`speech is stored in ${folder} again`]);
    assert.equal(openCache(folder).cache.count, 1);
  });
});

const unshare = ["--user", "--map-root-user", "--mount"];
const canMount = Deno.build.os === "linux" &&
  await new Deno.Command("unshare", { args: [...unshare, "mount", "-t", "tmpfs", "tmpfs", "/mnt"] }).output()
    .then(({ success }) => success, () => false);

Deno.test({
  name: `The log says once that the disk is full, and speech continues${
    canMount ? "" : " (no small disk can be made here)"
  }`,
  ignore: !canMount,
  async fn() {
    const program = fileURLToPath(new URL("../../support/cache_under_test.ts", import.meta.url));
    await withFolder(async (folder) => {
      const script =
        `mount -t tmpfs -o size=64k tmpfs "$1" && exec "$2" run -A --quiet --no-prompt "$3" "$1"`;
      const args = [...unshare, "sh", "-c", script, "sh", folder, Deno.execPath(), program];
      const { stdout, stderr } = await new Deno.Command("unshare", { args }).output();
      assert.equal(new TextDecoder().decode(stderr), "");
      const { told, lengths, names } = JSON.parse(new TextDecoder().decode(stdout));
      assert.deepEqual(lengths, Array(40).fill(1000));
      assert.equal(told.length, 1, told.join("\n"));
      assert.match(told[0], /cannot be stored in .*: No space left on device/);
      assert.ok(names.length > 0 && names.every((name: string) => name.endsWith(".mp3")), names.join());
    });
  },
});

Deno.test("A key depends on everything that changes the sound, and is a valid file name", () => {
  const request = { voice: "en-us+f3", rate: 1, pitch: 1, volume: 1, text: "../../hello\0" };
  const keys = [
    keyOf("espeak", request),
    keyOf("edge", request),
    ...[{ voice: "es" }, { rate: 1.1 }, { pitch: 0.9 }, { volume: 2 }, { text: "hello" }].map((other) =>
      keyOf("espeak", { ...request, ...other })
    ),
  ];
  assert.equal(new Set(keys).size, keys.length);
  for (const key of keys) assert.match(key, /^[0-9a-f]{64}$/);
  assert.equal(keyOf("espeak", { ...request }), keys[0]);
});
