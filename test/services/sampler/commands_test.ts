/** The commands, with the whole program. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { migrations } from "../../../services/sampler/migrations.ts";
import { Samples } from "../../../services/sampler/samples.ts";
import { openDatabase } from "../../../src/kit/database.ts";
import { livecue, startProgramWith, writeConfig } from "../../support/livecue.ts";
import { addDone, samplerModule } from "../../support/sampler_under_test.ts";
import { withFolder } from "../../support/temporary_store.ts";

const link = "https://www.tiktok.com/@ana/video/7301234567890123456";

Deno.test("Samples are added, listed, shown and deleted while Livecue is not running", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {
      services: {
        sampler: { service_class: samplerModule, permissions: { net: ["127.0.0.1"] }, options: { port: 0 } },
      },
    });
    const run = (...args: string[]) => livecue(folder, "sampler", ...args);
    const empty = await run("list");
    assert.match(empty.stdout, /There are no samples yet\. Add the first one with "add URL"\./);
    const added = await run("add", link, link);
    assert.equal(
      added.stdout,
      "Sample 1 is requested. Livecue makes it when it runs.\nSample 1 is the same video: it is requested.\n",
    );
    const own = join(folder, "data", "sampler");
    const database = openDatabase(join(own, "data.db"), migrations);
    addDone(new Samples(database), own, { description: "Night rain", bpm: 88, key: "F#" });
    database.close();
    const found = await run("list", "--search", "RAIN", "--bpm", "80-90", "--key", "gb", "--creator", "@ana");
    assert.equal(found.stdout, "    2  Night rain  88 bpm · F# · 12 s\n");
    const listed = JSON.parse((await run("list", "--json", "--sort", "oldest")).stdout);
    assert.deepEqual(listed.map(({ id, status }: { id: number; status: string }) => [id, status]), [
      [1, "requested"],
      [2, "done"],
    ]);
    assert.equal(JSON.parse((await run("show", "2")).stdout).key, "F#");
    assert.match((await run("delete", "2")).stderr, /To do it, write: delete 2 --yes/);
    assert.equal((await run("delete", "2", "--yes")).stdout, "Sample 2 is deleted.\n");
    assert.deepEqual([...Deno.readDirSync(join(own, "samples"))], []);
  });
});

Deno.test("A wrong command says what to do, with the nearest word", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services: { sampler: { service_class: samplerModule } } });
    const wrong: [string[], RegExp][] = [
      [["list", "--serch", "x"], /There is no option --serch: .*Did you mean --search\?/],
      [["list", "--sort", "newst"], /There is no sort "newst": .*Did you mean newest\?/],
      [["list", "--key", "Amm"], /There is no key "Amm": .*Did you mean Am\?/],
      [["list", "--bpm", "fast"], /--bpm is "fast": write a range such as 90-110/],
      [["show", "99"], /There is no sample 99/],
      [["add", "https://example.com/"], /example\.com is not in the list/],
    ];
    for (const [args, why] of wrong) {
      const { code, stderr } = await livecue(folder, "sampler", ...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, why);
    }
  });
});

Deno.test("A file is added by its path, if the sampler may read its folder", async () => {
  await withFolder(async (folder) => {
    const write = (permissions: Record<string, unknown>) =>
      writeConfig(folder, { services: { sampler: { service_class: samplerModule, permissions } } });
    const path = join(folder, "sounds", "my song.wav");
    Deno.mkdirSync(join(folder, "sounds"));
    Deno.writeTextFileSync(path, "RIFF");
    write({});
    const refused = await livecue(folder, "sampler", "add", path);
    assert.match(refused.stderr, /may not read .*my song\.wav: add the file's folder to "read"/);
    write({ read: [join(folder, "sounds")] });
    const { stdout } = await livecue(folder, "sampler", "add", path);
    assert.match(stdout, /Sample 1 is requested/);
    const { sourceUrl } = JSON.parse((await livecue(folder, "sampler", "show", "1")).stdout);
    assert.equal(sourceUrl, pathToFileURL(path).href);
    const missing = await livecue(folder, "sampler", "add", join(folder, "sounds", "other.wav"));
    assert.match(missing.stderr, /There is no file .*other\.wav/);
  });
});

Deno.test({
  name: "check says whether ffmpeg and yt-dlp are there and may run",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (folder) => {
      const check = (run: string[], options: Record<string, unknown> = {}) => {
        const permissions = { net: ["127.0.0.1"], run };
        writeConfig(folder, {
          services: {
            sampler: { service_class: samplerModule, permissions, options: { port: 0, ...options } },
          },
        });
        const PATH = `${folder}:${Deno.env.get("PATH")}`;
        return startProgramWith({ PATH }, folder, "sampler", "check").ended;
      };
      // The runtime looks for a program before it looks for the permission, so both are there.
      for (const name of ["ffmpeg", "yt-dlp"]) {
        Deno.writeTextFileSync(join(folder, name), "#!/bin/sh\n", { mode: 0o755 });
      }
      const forbidden = await check([]);
      assert.match(forbidden.stderr, /may not run "ffmpeg": .*"run".* Without ffmpeg, .*not TikTok's videos/);
      assert.match(forbidden.stderr, /may not run "yt-dlp": add "yt-dlp" to the list "run"/);
      assert.equal(forbidden.code, 2);

      const programs = { ffmpeg: join(folder, "my-ffmpeg"), yt_dlp: { program: join(folder, "my-yt-dlp") } };
      const paths = [programs.ffmpeg, programs.yt_dlp.program];
      const missing = await check(paths, programs);
      assert.match(missing.stderr, /There is no program ".*my-ffmpeg"\. .* Without ffmpeg/);
      assert.match(missing.stderr, /There is no program ".*my-yt-dlp"/);

      Deno.writeTextFileSync(programs.ffmpeg, "#!/bin/sh\necho ffmpeg version 7.1 by me\n", { mode: 0o755 });
      Deno.writeTextFileSync(programs.yt_dlp.program, "#!/bin/sh\necho 2026.06.09\n", { mode: 0o755 });
      const there = await check(paths, programs);
      assert.match(
        there.stdout,
        /Files can be stored\.\nffmpeg 7\.1 converts the sound\.\nyt-dlp 2026\.06\.09 downloads the videos\.\n$/,
      );
      assert.equal(there.code, 0);
    }),
});
