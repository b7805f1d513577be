import assert from "node:assert/strict";
import { FinalError } from "livecue/service";
import { FolderStorage } from "../../../../services/sampler/storage/folder.ts";
import { openStorage } from "../../../../services/sampler/storage/open_storage.ts";
import { storageOptions } from "../../../../services/sampler/storage/options.ts";

const signal = new AbortController().signal;

async function withFolder(run: (folder: string, storage: FolderStorage) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/source.mp3`, "0123456789");
    await run(folder, new FolderStorage(`${folder}/stored`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function file(folder: string, name = "12/audio.mp3") {
  return { path: `${folder}/source.mp3`, name, contentType: "audio/mpeg" };
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("A folder gives back a stored file, and ranges of it", () =>
  withFolder(async (folder, storage) => {
    await storage.check(signal);
    const stored = await storage.put(file(folder), { signal });
    assert.equal(stored.sha256, "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882");
    assert.deepEqual(names(`${folder}/stored/12`), ["audio.mp3"]);
    const ranges = [undefined, { start: 2, end: 4 }, { start: 7 }, { start: 8, end: 99 }, { start: 10 }];
    const texts = await Promise.all(ranges.map(async (range) => {
      const opened = await storage.open("12/audio.mp3", range);
      assert.ok(opened !== null);
      const text = await new Response(opened.body).text();
      assert.deepEqual([opened.bytes, opened.totalBytes], [text.length, 10]);
      return text;
    }));
    assert.deepEqual(texts, ["0123456789", "234", "789", "89", ""]);
    assert.equal(await storage.link("12/audio.mp3", 60), null);
  }));

Deno.test("A second store of the same bytes changes nothing, and one of other bytes replaces the file", () =>
  withFolder(async (folder, storage) => {
    await storage.put(file(folder), { signal });
    const before = await Deno.stat(`${folder}/stored/12/audio.mp3`);
    await storage.put(file(folder), { signal });
    assert.equal((await Deno.stat(`${folder}/stored/12/audio.mp3`)).ino, before.ino);
    await Deno.writeTextFile(`${folder}/source.mp3`, "other");
    await storage.put(file(folder), { signal });
    assert.equal(await Deno.readTextFile(`${folder}/stored/12/audio.mp3`), "other");
  }));

Deno.test("The rest of an interrupted store is overwritten by the next one, and is never opened", () =>
  withFolder(async (folder, storage) => {
    await Deno.mkdir(`${folder}/stored/12`, { recursive: true });
    await Deno.writeTextFile(`${folder}/stored/12/.audio.mp3.part`, "0123456789 and more");
    assert.equal(await storage.open("12/audio.mp3"), null);
    await storage.put(file(folder), { signal });
    assert.deepEqual(names(`${folder}/stored/12`), ["audio.mp3"]);
    assert.equal(await Deno.readTextFile(`${folder}/stored/12/audio.mp3`), "0123456789");
  }));

Deno.test("An aborted store leaves no file under its name", () =>
  withFolder(async (folder, storage) => {
    await assert.rejects(storage.put(file(folder), { signal: AbortSignal.abort() }), { name: "AbortError" });
    assert.equal(await storage.open("12/audio.mp3"), null);
  }));

Deno.test("Deleting a file removes it and its empty folder, and may be repeated", () =>
  withFolder(async (folder, storage) => {
    await storage.put(file(folder), { signal });
    await storage.put(file(folder, "13/audio.mp3"), { signal });
    await storage.delete("12/audio.mp3");
    await storage.delete("12/audio.mp3");
    assert.deepEqual(names(`${folder}/stored`), ["13"]);
    assert.equal(await storage.open("12/audio.mp3"), null);
  }));

Deno.test("No name leads out of the folder", () =>
  withFolder(async (folder, storage) => {
    const outside = [
      "../a",
      "/etc/passwd",
      "a/../../b",
      "a//b",
      "",
      ".",
      "a/.",
      "a\\b",
      "C:/a",
      "a\0b",
      ".a",
      "a/",
    ];
    for (const name of outside) {
      await assert.rejects(storage.put(file(folder, name), { signal }), FinalError, name);
      await assert.rejects(storage.open(name), FinalError, name);
      await assert.rejects(storage.delete(name), FinalError, name);
    }
  }));

Deno.test({
  name: "No symbolic link leads out of the folder",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (folder, storage) => {
      await Deno.mkdir(`${folder}/stored`);
      await Deno.symlink(folder, `${folder}/stored/12`);
      await assert.rejects(storage.put(file(folder), { signal }), { message: /symbolic link/ });
      await assert.rejects(storage.open("12/source.mp3"), { message: /symbolic link/ });
      await assert.rejects(storage.delete("12/source.mp3"), { message: /symbolic link/ });
    }),
});

Deno.test("check says that a path is not a folder", () =>
  withFolder(async (folder) => {
    const storage = new FolderStorage(`${folder}/source.mp3`);
    await assert.rejects(storage.check(signal), {
      name: "UserError",
      message: /source\.mp3 is not writable/,
    });
  }));

Deno.test("Without settings, samples are in the service's own folder", () =>
  withFolder(async (folder) => {
    const storage = await openStorage(storageOptions.parse(undefined), {
      dataFolder: `${folder}/data`,
      configFolder: folder,
    });
    await storage.put(file(folder), { signal });
    assert.equal(await Deno.readTextFile(`${folder}/data/samples/12/audio.mp3`), "0123456789");
  }));
