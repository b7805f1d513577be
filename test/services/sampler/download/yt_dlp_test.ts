import assert from "node:assert/strict";
import { FinalError } from "livecue/service";
import { join } from "node:path";
import { z } from "zod";
import { download } from "../../../../services/sampler/download/download.ts";
import { ytDlpVersion } from "../../../../services/sampler/download/engines/yt_dlp.ts";
import { GuardProxy } from "../../../../services/sampler/download/guard_proxy.ts";
import { Guard } from "../../../../services/sampler/download/guard.ts";
import { downloadOptions } from "../../../../services/sampler/download/options.ts";
import { UserError } from "../../../../src/user_error.ts";
import { FakeVideoHost } from "../../../support/fake_video_host.ts";

const schema = z.strictObject(downloadOptions);
const id = "7301234567890123456";
const page = `https://www.tiktok.com/@ana/video/${id}`;
const { signal } = new AbortController();

/** The program's scripts need a shell. */
const ignore = Deno.build.os === "windows";

interface Scene {
  folder: string;
  program: string;
  get: (url: string, more?: Parameters<typeof download>[2] | object) => ReturnType<typeof download>;
}

/** With a program in place of yt-dlp that runs this script. */
async function withProgram(script: string, run: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const program = join(folder, "fake-yt-dlp");
  await Deno.writeTextFile(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const scratch = join(folder, "scratch");
  await Deno.mkdir(scratch);
  const options = schema.parse({ yt_dlp: { program }, max_seconds: 90, max_mb: 2 });
  const work = { folder: scratch, configFolder: folder, signal };
  try {
    await run({ folder, program, get: (url, more = {}) => download(url, options, { ...work, ...more }) });
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

const metadata = {
  id,
  uploader: "ana",
  uploader_id: "6812",
  channel: "Ana 🌊",
  description: "mi canción #Perreo",
  view_count: 1200,
  like_count: 77,
  duration: 24,
};

Deno.test({
  name: "yt-dlp gets the canonical link alone, and neither its config nor a playlist nor an own network",
  ignore,
  fn: () =>
    withProgram(
      `printf '%s\\n' "$@" > ../../args; echo '${JSON.stringify(metadata)}'; printf ID3x > video.mp3`,
      async ({ folder, get }) => {
        const done = await get(`https://m.tiktok.com/@ana/video/${id}?u_code=$(id)&x=--exec`);
        const args = (await Deno.readTextFile(join(folder, "args"))).trimEnd().split("\n");
        assert.deepEqual(args.slice(-2), ["--", page]);
        for (const arg of ["--ignore-config", "--no-exec", "--no-playlist", "--max-filesize=2000000"]) {
          assert.ok(args.includes(arg), arg);
        }
        assert.ok(args.includes("--match-filters=duration <=? 90"));
        assert.match(
          args.find((arg) => arg.startsWith("--proxy=")) ?? "",
          /^--proxy=socks5:\/\/127\.0\.0\.1:\d+$/,
        );
        assert.equal(done.container, "mp3");
        assert.deepEqual(done.info, {
          url: page,
          videoId: id,
          creator: { id: "ana", name: "Ana 🌊" },
          description: "mi canción #Perreo",
          tags: ["perreo"],
          views: 1200,
          likes: 77,
          seconds: 24,
        });
      },
    ),
});

Deno.test({
  name: "What yt-dlp complains about is told in a sentence, and tells whether a further try helps",
  ignore,
  fn: async () => {
    const finals: Record<string, RegExp> = {
      "ERROR: [TikTok] 1: This video is private": /^The video is private\./,
      "ERROR: [TikTok] 1: Video not available": /not available: it was removed/,
      "ERROR: [TikTok] 1: This post may not be comfortable for some audiences. Log in for access":
        /age limit/,
      "ERROR: [TikTok] 1: You do not have permission to view this post. Log into an account that has access":
        /needs a login/,
      "ERROR: The uploader has not made this video available in your country": /in your region/,
      "ERROR: Unsupported URL: https://a.example/?t=private+login": /does not support this link/,
      "ERROR: HTTP Error 302: The HTTP server returned a redirect error that would lead to an infinite loop.":
        /redirects in a circle/,
      "ERROR: [TikTok] 1: Unable to extract webpage video data; please report this issue on":
        /too old\. Update it/,
      "ERROR: [TikTok] 1: Your IP address is blocked from accessing this post": /blocks your IP address/,
      "ERROR: unable to download video data: HTTP Error 404: Not Found": /was removed, or the link is wrong/,
      "yt-dlp: error: no such option: --match-filters": /yt-dlp is too old for Livecue/,
    };
    for (const [complaint, told] of Object.entries(finals)) {
      await withProgram(`echo '${complaint}' >&2; exit 1`, async ({ get }) => {
        const error = await errorOf(get(page));
        assert.match(error.message, told);
        assert.ok(error instanceof FinalError, complaint);
      });
    }
    const others = ["ERROR: HTTP Error 503: Service Unavailable", "ERROR: The read operation timed out", ""];
    for (const complaint of others) {
      await withProgram(`echo '${complaint}' >&2; exit 1`, async ({ get }) => {
        const error = await errorOf(get(page));
        assert.match(error.message, /^yt-dlp failed: .*Try again later\.$/);
        assert.ok(!(error instanceof FinalError), complaint);
      });
    }
  },
});

Deno.test({
  name: "A video that yt-dlp skips is too long or too large",
  ignore,
  fn: async () => {
    await withProgram("exit 0", async ({ get }) => {
      assert.match((await errorOf(get(page))).message, /longer than 90 s \("max_seconds"\)/);
    });
    await withProgram(`echo '${JSON.stringify(metadata)}'`, async ({ get }) => {
      assert.match((await errorOf(get(page))).message, /larger than 2 MB \("max_mb"\)/);
    });
    const long = JSON.stringify({ ...metadata, duration: 600 });
    await withProgram(`echo '${long}'; printf ID3x > video.mp3`, async ({ get }) => {
      assert.match((await errorOf(get(page))).message, /has 600 s, and "max_seconds" is 90/);
    });
  },
});

Deno.test({
  name: "The signal ends yt-dlp with its children",
  ignore,
  // Its children hold the standard output open: this would never end if one of them went on.
  fn: () =>
    withProgram("sleep 1000 & (sleep 1000) & echo livecue 1 2; wait", async ({ get }) => {
      const stopping = new AbortController();
      const fractions: number[] = [];
      const onProgress = (fraction: number) => {
        fractions.push(fraction);
        stopping.abort(new Error("stopped"));
      };
      await assert.rejects(get(page, { signal: stopping.signal, onProgress }), /stopped/);
      assert.deepEqual(fractions, [0.5]);
    }),
});

Deno.test({
  name: "A missing yt-dlp and another program are told",
  ignore,
  fn: () =>
    withProgram("echo 2026.06.09", async ({ program, folder }) => {
      assert.equal(await ytDlpVersion(program, signal), "2026.06.09");
      assert.match(
        (await errorOf(ytDlpVersion("no-such-yt-dlp", signal))).message,
        /There is no program "no-such/,
      );
      const other = join(folder, "other");
      await Deno.writeTextFile(other, "#!/bin/sh\necho hello\n", { mode: 0o755 });
      assert.match((await errorOf(ytDlpVersion(other, signal))).message, /is not yt-dlp/);
    }),
});

Deno.test("The proxy of yt-dlp connects to checked addresses alone, and stops at the limit", async () => {
  await using host = new FakeVideoHost();
  host.files.set("a", new Uint8Array(1000));
  const guard = new Guard({ hosts: [], media_hosts: [], allow_private: [host.host] });
  const through = async (url: string) => {
    await using proxy = new GuardProxy(guard, { maxBytes: 500_000 });
    using client = Deno.createHttpClient({ proxy: { url: proxy.url }, poolMaxIdlePerHost: 0 });
    try {
      const answer = await fetch(url, { client });
      return { bytes: (await answer.bytes()).length, refusal: proxy.refusal };
    } catch {
      return { bytes: null, refusal: proxy.refusal };
    }
  };
  assert.equal((await through(`${host.origin}/files/a`)).bytes, 1000);
  for (
    const inside of [
      "http://127.0.0.2:80/",
      "http://[::1]:80/",
      "http://169.254.169.254/",
      "http://localhost/",
    ]
  ) {
    const { bytes, refusal } = await through(inside);
    assert.equal(bytes, null, inside);
    assert.match(refusal?.message ?? "", /which is not on the public internet/, inside);
  }
  const endless = await through(`${host.origin}/endless`);
  assert.match(endless.refusal?.message ?? "", /larger than 0\.5 MB/);
});

Deno.test({
  name: "A host that is not found is told as such, and not by what yt-dlp says of its proxy",
  ignore,
  fn: () =>
    withProgram(
      `for arg; do case $arg in --proxy=*) proxy=\${arg#--proxy=};; esac; done
${Deno.execPath()} eval --quiet --no-config "
  const client = Deno.createHttpClient({ proxy: { url: '$proxy' } });
  await fetch('http://nowhere.invalid/', { client }).catch(() => {});
"
echo "ERROR: [TikTok] 1: Unable to download webpage: Socks5Error(2, 'connection not allowed by ruleset')" >&2
exit 1`,
      async ({ get }) => {
        const error = await errorOf(get(page));
        assert.ok(!(error instanceof FinalError));
        assert.equal(error.message, "The host nowhere.invalid was not found. Check the internet connection.");
      },
    ),
});

const hasYtDlp = await ytDlpVersion("yt-dlp", signal).then(() => true, () => false);

Deno.test({
  name: "The real yt-dlp downloads a file, and reaches no private address (skipped without yt-dlp)",
  ignore: !hasYtDlp,
  fn: async () => {
    await using host = new FakeVideoHost();
    await using other = new FakeVideoHost();
    host.files.set("a.mp3", Uint8Array.from({ length: 5000 }, (_, at) => "ID3".charCodeAt(at) || 0));
    const options = schema.parse({ hosts: [host.host], allow_private: [host.host], max_mb: 1 });
    const folder = await Deno.makeTempDir();
    const get = (path: string) =>
      download(host.origin + path, options, { folder, configFolder: folder, signal });
    try {
      const to = encodeURIComponent(`${other.origin}/files/a.mp3`);
      assert.match((await errorOf(get(`/redirect?to=${to}`))).message, /which is not on the public internet/);
      assert.deepEqual(other.requests, []);
      assert.equal((await get("/files/a.mp3")).bytes, 5000);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
