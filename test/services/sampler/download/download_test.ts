import assert from "node:assert/strict";
import { FinalError, RetryLaterError } from "livecue/service";
import { join } from "node:path";
import { z } from "zod";
import { containerOf } from "../../../../services/sampler/download/container.ts";
import { download, type DownloadWork } from "../../../../services/sampler/download/download.ts";
import { downloadOptions } from "../../../../services/sampler/download/options.ts";
import { fileSource, videoKey } from "../../../../services/sampler/download/resolve.ts";
import { UserError } from "../../../../src/user_error.ts";
import { FakeVideoHost } from "../../../support/fake_video_host.ts";
import { cert, key } from "../../../support/video_test_certificate.ts";

const schema = z.strictObject(downloadOptions);
const id = "7301234567890123456";
const page = `https://www.tiktok.com/@ana/video/${id}`;

/** An MP3 of this many bytes, as far as its first ones say. */
function mp3(length = 5000): Uint8Array {
  const bytes = new Uint8Array(length).map((_, at) => at % 251);
  bytes.set([0x49, 0x44, 0x33]);
  return bytes;
}

interface Scene {
  host: FakeVideoHost;
  folder: string;
  options: (more?: z.input<typeof schema>) => z.output<typeof schema>;
  work: (more?: Partial<DownloadWork>) => DownloadWork;
  get: (path: string, more?: z.input<typeof schema>) => ReturnType<typeof download>;
}

async function withHost(run: (scene: Scene) => Promise<void>): Promise<void> {
  await using host = new FakeVideoHost();
  const folder = await Deno.makeTempDir();
  const options: Scene["options"] = (more = {}) =>
    schema.parse({ engine: "file", hosts: [host.host], allow_private: [host.host], max_mb: 1, ...more });
  const work: Scene["work"] = (more = {}) => ({
    folder,
    configFolder: folder,
    signal: new AbortController().signal,
    ...more,
  });
  const get: Scene["get"] = (path, more) => download(host.origin + path, options(more), work());
  try {
    await run({ host, folder, options, work, get });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function errorOf(promise: Promise<unknown>): Promise<UserError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error;
  }
  assert.fail("nothing was thrown");
}

Deno.test("A direct address becomes a file that is named after its bytes", () =>
  withHost(async ({ host, folder, get }) => {
    host.files.set("video.mp4", mp3());
    const done = await get("/files/video.mp4");
    assert.deepEqual([done.file, done.container, done.bytes], ["source.mp3", "mp3", 5000]);
    assert.deepEqual(await Deno.readFile(join(folder, done.file)), mp3());
    assert.deepEqual(done.info, {
      url: `${host.origin}/files/video.mp4`,
      videoId: null,
      creator: null,
      description: "",
      tags: [],
      views: null,
      likes: null,
      seconds: null,
    });
  }));

Deno.test("A download that has ended is not made again", () =>
  withHost(async ({ host, get }) => {
    host.files.set("a.mp3", mp3());
    const first = await get("/files/a.mp3");
    assert.deepEqual(await get("/files/a.mp3"), first);
    assert.equal(host.requests.length, 1);
  }));

Deno.test("A cut download goes on where it was cut", () =>
  withHost(async ({ host, folder, options, work, get }) => {
    host.files.set("a.mp3", mp3());
    const firstPart = Promise.withResolvers<void>();
    host.mayCut = firstPart.promise;
    const url = `${host.origin}/cut/2000/1/a.mp3`;
    const error = await errorOf(download(url, options(), work({ onProgress: () => firstPart.resolve() })));
    assert.ok(!(error instanceof FinalError), error.message);
    const done = await get("/cut/2000/1/a.mp3");
    assert.deepEqual(await Deno.readFile(join(folder, done.file)), mp3());
    assert.equal(host.ranges[1], "bytes=2000-");
  }));

Deno.test("A file that changed, or a server without ranges, is downloaded from its beginning", () =>
  withHost(async ({ host, folder, options, work, get }) => {
    host.files.set("a.mp3", mp3());
    const firstPart = Promise.withResolvers<void>();
    host.mayCut = firstPart.promise;
    const url = `${host.origin}/cut/2000/1/a.mp3`;
    await errorOf(download(url, options(), work({ onProgress: () => firstPart.resolve() })));
    host.etag = '"v2"';
    const changed = mp3(3000).fill(7, 100);
    host.files.set("a.mp3", changed);
    const done = await get("/cut/2000/1/a.mp3");
    assert.deepEqual(await Deno.readFile(join(folder, done.file)), changed);

    host.hasRanges = false;
    host.files.set("b.mp3", mp3(4000));
    for (let cut = 0; cut < 2; cut++) await errorOf(get("/cut/1000/2/b.mp3"));
    const other = await get("/cut/1000/2/b.mp3");
    assert.deepEqual(await Deno.readFile(join(folder, other.file)), mp3(4000));
  }));

Deno.test("What is no video is refused with its title or its beginning", () =>
  withHost(async ({ host, get }) => {
    host.files.set("a.mp4", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0));
    host.files.set("b.mp4", new TextEncoder().encode("PK\x03\x04 a zip"));
    const text = (body: string) => `/text?type=video/mp4&body=${encodeURIComponent(body)}`;
    const refusals: Record<string, RegExp> = {
      "/files/a.mp4": /sent an image in place of a video/,
      "/files/b.mp4": /sent a ZIP archive in place/,
      [text("\n<!doctype html><title>Log in\u202e | TikTok</title>")]: /an HTML page \("Log in \| TikTok"\)/,
      [text('{"error":"no \\u001b[31m video"}')]: /JSON \("\{"error":"no/,
      [text("Access denied")]: /text \("Access denied"\)/,
    };
    for (const [path, why] of Object.entries(refusals)) {
      const error = await errorOf(get(path));
      assert.ok(error instanceof FinalError, path);
      assert.match(error.message, why);
      assert.doesNotMatch(error.message, /\p{Cc}|\u202e/u);
    }
    const empty = await errorOf(get("/text?body="));
    assert.match(empty.message, /sent an empty file/);
    assert.ok(!(empty instanceof FinalError));
  }));

Deno.test("The limit on bytes holds while the file comes", () =>
  withHost(async ({ host, folder, get }) => {
    assert.match((await errorOf(get("/endless"))).message, /more than 1 MB \("max_mb"\)/);
    const sizes = await Promise.all(
      [...Deno.readDirSync(folder)].map(({ name }) => Deno.stat(join(folder, name))),
    );
    assert.ok(sizes.every(({ size }) => size <= 1_000_000));
    assert.ok(host.madeBytes < 20_000_000);
  }));

Deno.test("A file of this computer is copied, and the same content has the same key", () =>
  withHost(async ({ folder, options, work }) => {
    const own = work({ mayReadFiles: true });
    await Deno.mkdir(join(folder, "own"));
    for (const name of ["a b#.mp3", "c.mp3"]) await Deno.writeFile(join(folder, "own", name), mp3());
    const source = fileSource("own/a b#.mp3", folder);
    for (const use of [download, videoKey]) {
      assert.match((await errorOf(use(source, options(), work()))).message, /starts with "file:"/);
    }
    const done = await download(source, options(), own);
    assert.deepEqual(await Deno.readFile(join(folder, done.file)), mp3());
    const key = await videoKey(source, options(), own);
    assert.match(key, /^file:[0-9a-f]{32}$/);
    assert.equal(await videoKey(fileSource("own/c.mp3", folder), options(), own), key);
    const missing = await errorOf(download(fileSource("no.mp3", folder), options(), own));
    assert.match(missing.message, /^There is no file .*no\.mp3\.$/);
    assert.match(
      (await errorOf(download(fileSource("own", folder), options(), own))).message,
      /is not a file/,
    );
  }));

Deno.test("A short link has the key of the video to which it leads", async () => {
  await using host = new FakeVideoHost({ cert, key });
  const network = { resolve: () => Promise.resolve(["127.0.0.1"]), ca: cert, port: host.port };
  const options = schema.parse({ allow_private: ["vm.tiktok.com:443", "www.tiktok.com:443"] });
  const work = { signal: new AbortController().signal, network };
  const leadTo = (to: string) => host.redirects.set("/ZMabc12/", to);

  leadTo(`https://m.tiktok.com/v/${id}.html?u_code=1`);
  assert.equal(await videoKey("vm.tiktok.com/ZMabc12", options, work), `tiktok:${id}`);
  assert.deepEqual(host.requests, ["/ZMabc12/"]);
  leadTo(`https://www.tiktok.com/redirect?to=${encodeURIComponent(`${page}?_r=1`)}`);
  assert.equal(await videoKey("https://vm.tiktok.com/ZMabc12/", options, work), `tiktok:${id}`);
  assert.equal(await videoKey(page, options, work), `tiktok:${id}`);

  leadTo("https://www.tiktok.com/text?body=home");
  assert.match(
    (await errorOf(videoKey("vm.tiktok.com/ZMabc12", options, work))).message,
    /leads to no video/,
  );
  leadTo(`https://evil.example/@ana/video/${id}`);
  const away = await errorOf(videoKey("vm.tiktok.com/ZMabc12", options, work));
  assert.match(away.message, /evil\.example:443, which is not in the list/);
  leadTo("http://127.0.0.1/@ana/video/1");
  assert.match(
    (await errorOf(videoKey("vm.tiktok.com/ZMabc12", options, work))).message,
    /127\.0\.0\.1:80, which/,
  );
});

Deno.test("RapidAPI's answer gives the video's address, its sound and what is known about it", () =>
  withHost(async ({ host, options, work, folder }) => {
    host.files.set("v.mp4", mp3(4000));
    host.files.set("s.mp3", mp3(3000));
    const data = {
      id,
      title: "mi canción\u202e #Perreo #verano #perreo",
      play: `${host.origin}/files/v.mp4`,
      music: `${host.origin}/files/s.mp3`,
      duration: 24,
      play_count: 1200,
      digg_count: "77",
      author: { unique_id: "ana", nickname: "Ana 🌊" },
    };
    const rapidapi = (body: unknown) => ({
      host: host.host,
      path: `/text?body=${encodeURIComponent(JSON.stringify(body))}&for={url}`,
      key: "k",
    });
    const hosts = ["tiktok.com", "*.tiktok.com"];
    const settings = options({ engine: "rapidapi", hosts, rapidapi: rapidapi({ data }) });
    const done = await download(page, settings, work());
    assert.equal(done.bytes, 4000);
    assert.deepEqual(done.info, {
      url: page,
      videoId: id,
      creator: { id: "ana", name: "Ana 🌊" },
      description: "mi canción #Perreo #verano #perreo",
      tags: ["perreo", "verano"],
      views: 1200,
      likes: 77,
      seconds: 24,
    });
    assert.ok(host.requests[0]?.includes(encodeURIComponent(page)));

    await Deno.remove(join(folder, "download.json"));
    const sound = options({ engine: "rapidapi", hosts, rapidapi: { ...rapidapi({ data }), take: "sound" } });
    assert.equal((await download(page, sound, work())).bytes, 3000);

    await Deno.remove(join(folder, "download.json"));
    const before = host.count("/files/v.mp4");
    const short = options({ engine: "rapidapi", hosts, max_seconds: 20, rapidapi: rapidapi({ data }) });
    assert.match((await errorOf(download(page, short, work()))).message, /has 24 s, and "max_seconds" is 20/);
    assert.equal(host.count("/files/v.mp4"), before);

    const none = options({
      engine: "rapidapi",
      hosts,
      rapidapi: rapidapi({ code: -1, msg: "Url parsing failed" }),
    });
    const gone = await errorOf(download(page, none, work()));
    assert.ok(gone instanceof FinalError);
    assert.match(gone.message, /found no video for .* \("Url parsing failed"\)\. It may be private/);

    const inside = rapidapi({
      data: { ...data, play: "http://127.0.0.1:1/a.mp4", music: "file:///etc/passwd" },
    });
    const refused = await errorOf(
      download(page, options({ engine: "rapidapi", hosts, rapidapi: inside }), work()),
    );
    assert.match(refused.message, /127\.0\.0\.1:1, which is not in the list "media_hosts"/);
  }));

Deno.test("A wrong key, a missing subscription and a used-up quota are told apart", () =>
  withHost(async ({ host, options, work }) => {
    const told = (status: number, key: string | undefined = "k") =>
      errorOf(download(
        page,
        options({
          engine: "rapidapi",
          hosts: ["*.tiktok.com"],
          rapidapi: { host: host.host, path: `/status/${status}?after=60&for={url}`, key },
        }),
        work(),
      ));
    assert.match((await told(401)).message, /does not accept the key \(401\)\. Copy/);
    assert.match((await told(403)).message, /Subscribe to this API/);
    const quota = await told(429);
    assert.match(quota.message, /quota of your key/);
    assert.ok(quota instanceof RetryLaterError);
    assert.equal(quota.retryAfterMs, 60_000);
    assert.ok(!(await told(500) instanceof FinalError));
    assert.match((await told(200, "")).message, /RapidAPI needs your key: set "key_env"/);
  }));

Deno.test("TikTok's links without an engine for them are refused with what to set", () =>
  withHost(async ({ options, work }) => {
    const settings = options({ hosts: ["*.tiktok.com"] });
    assert.match(
      (await errorOf(download(page, settings, work()))).message,
      /set "engine" to "yt_dlp" or "rapidapi"/,
    );
  }));

Deno.test("Each container is known by its bytes", () => {
  const heads: Record<string, string> = {
    "\0\0\0\x20ftypisom": "mp4",
    "\0\0\0\x20ftypqt  ": "mp4",
    "\0\0\0\x20ftypM4A ": "m4a",
    "\x1a\x45\xdf\xa3": "webm",
    "RIFF\0\0\0\0WAVE": "wav",
    OggS: "ogg",
    fLaC: "flac",
    "ID3\x04": "mp3",
    "\xff\xfb\x90\x00": "mp3",
    "\xff\xf3\x40\x00": "mp3",
  };
  const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  for (const [head, container] of Object.entries(heads)) {
    assert.equal(containerOf(bytes(head)), container, head);
  }
  for (
    const head of [
      "",
      "RIFF\0\0\0\0WEBP",
      "\0\0\0\x20ftypheic",
      "\0\0\0\x20ftypavif",
      "\xff\xd8\xff\xe0",
      "\xff\xff\xff\xff",
      "<html>",
    ]
  ) {
    assert.equal(containerOf(bytes(head)), null, head);
  }
});
