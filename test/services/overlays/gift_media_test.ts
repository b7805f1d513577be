/// <reference lib="dom" />
/** The media of gifts, made by ffmpeg, in each engine of OBS's browser source. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { withPage } from "../../support/browser.ts";
import { makeGift } from "../../support/events.ts";
import type { LiveEvent } from "../../../src/event.ts";
import { heardSound, recordSound, soundArgs } from "../../support/heard_sound.ts";
import { lacksFfmpeg } from "../../support/ffmpeg.ts";
import { type Engine, obsEngines } from "../../support/obs_engines.ts";
import { viewer } from "../../support/overlay_events.ts";
import { openPage, type OverlaysUnderTest, startOverlays } from "../../support/overlays_under_test.ts";
import { withFolder } from "../../support/temporary_store.ts";

/** A square in the middle of nothing: in the first color for a second, then in the other one. */
function squares(first: string, second: string): string {
  const square = (color: string) =>
    `color=${color}:s=64x64:r=10:d=1,format=rgba,pad=192:192:64:64:color=black@0`;
  return `${square(first)}[a];${square(second)}[b];[a][b]concat=n=2`;
}

async function ffmpeg(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-v", "error", "-y", ...args],
    stdin: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}

/** What the theme folder of a streamer has for gifts. */
async function makeFiles(folder: string): Promise<void> {
  const at = (name: string) => `${folder}/${name}`;
  const video = ["-f", "lavfi", "-i", squares("red", "blue")];
  const alpha = ["-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-deadline", "realtime", "-cpu-used", "8"];
  await ffmpeg(...video, ...alpha, at("lion.webm"));
  const palette = "split[x][y];[x]palettegen=reserve_transparent=1[p];[y][p]paletteuse";
  await ffmpeg("-f", "lavfi", "-i", `${squares("lime", "blue")},${palette}`, "-loop", "0", at("whale.gif"));
  await ffmpeg("-f", "lavfi", "-i", "sine=frequency=440:duration=1", at("lion.mp3"));
  await Deno.writeTextFile(at("broken.webm"), "This is no video.");
  await Deno.writeTextFile(at("broken.gif"), "This is no picture.");
  await Deno.writeTextFile(at("broken.json"), "{ this is no animation");
  await Deno.writeTextFile(at("broken.mp3"), "This is no sound.");
  for (const name of ["huge.webm", "huge.json"]) {
    using huge = await Deno.open(at(name), { write: true, create: true });
    await huge.truncate(500 * 2 ** 20);
  }
}

/** What the theme folder lacks, or has in a bad state. */
const spoilt = [
  ...["broken.webm", "broken.gif", "broken.json", "gone.webm", "gone.json"],
  ...["huge.webm", "huge.json"],
];
const rules = [
  ...spoilt.map((file) => ({ when: "GiftEvent", if: { gift: file }, do: { media: file } })),
  { when: "GiftEvent", if: { gift: "bad sound" }, do: { sound: "broken.mp3" } },
  { when: "GiftEvent", do: {} },
];

let lastId = 0;

function gift(name: string): LiveEvent {
  const id = ++lastId;
  return makeGift({
    user: viewer(`Viewer ${id}`),
    data: {
      gift: { id, name, diamondCount: 1, isStreakable: false, imageUrl: "" },
      repeatCount: 1,
      receiver: null,
    },
    streak: { id: `${id}`, count: 1, delta: 1, hasEnded: true },
  });
}

interface SeenVideo {
  /** Red, green, blue and alpha in the middle of each frame that was drawn. */
  middles: number[][];
  corners: number[][];
  hasEnded: boolean;
}

/** In the page: looks at each frame of the videos from now on. */
function watchVideo(): void {
  const seen: SeenVideo = { middles: [], corners: [], hasEnded: false };
  Object.assign(globalThis, { seen });
  document.addEventListener("ended", () => seen.hasEnded = true, true);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 3;
  const context = canvas.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
  const look = () => {
    const video = document.querySelector("video");
    if (video !== null && video.currentTime > 0) {
      context.clearRect(0, 0, 3, 3);
      context.drawImage(video, 0, 0, 3, 3);
      seen.middles.push([...context.getImageData(1, 1, 1, 1).data]);
      seen.corners.push([...context.getImageData(0, 0, 1, 1).data]);
    }
    requestAnimationFrame(look);
  };
  look();
}

/** Far more than there are in the two seconds of a GIF. */
const mostLooks = 300;

const isNear = (color: readonly number[], wanted: readonly number[]) =>
  color.every((value, index) => Math.abs(value - (wanted[index] as number)) < 60);

const [red, blue, lime] = [[255, 0, 0, 255], [0, 0, 255, 255], [0, 255, 0, 255]];

/** The color in the middle of the picture of the gift, as viewers see it. */
async function middleOf(page: Page): Promise<number[]> {
  const picture = await page.waitForSelector("#media img");
  const png = await picture?.screenshot({ omitBackground: true, encoding: "base64" }) ?? "";
  return await page.evaluate(async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const context = new OffscreenCanvas(1, 1).getContext("2d") as OffscreenCanvasRenderingContext2D;
    context.drawImage(image, -image.width / 2, -image.height / 2);
    return [...context.getImageData(0, 0, 1, 1).data];
  }, png);
}

/** A test in one engine, with the files of a streamer, and alerts of so many seconds if their media is not longer. */
function testMedia(
  engine: Engine,
  { name, seconds }: { name: string; seconds: number },
  use: (parts: { page: Page; overlays: OverlaysUnderTest }) => Promise<void>,
): void {
  const lack = engine.lack || (lacksFfmpeg ? "there is no ffmpeg" : "");
  Deno.test({
    name: `${name} in ${engine.name}${lack && ` (${lack})`}`,
    ignore: lack !== "",
    fn: () =>
      withFolder(async (folder) => {
        await makeFiles(folder);
        await using overlays = await startOverlays({
          options: { theme_folder: folder, rules },
          read: [folder],
        });
        await withPage(async (page) => {
          await page.setViewport({ width: 540, height: 960 });
          await recordSound(page);
          await openPage(page, overlays.url, `/alerts?duration=${seconds}&position=bottom`);
          await use({ page, overlays });
        }, { path: engine.path, args: soundArgs });
      }),
  });
}

for (const engine of await obsEngines()) {
  testMedia(
    engine,
    { name: "A gift's video is seen through, plays to its end, and has a sound", seconds: 1.5 },
    async ({ page, overlays }) => {
      await page.evaluate(watchVideo);
      await overlays.tested.feed.add(1, gift("Lion"));
      const { middles, corners, hasEnded } = await page.evaluate("seen") as SeenVideo;
      for (const color of [red, blue]) assert(middles.some((one) => isNear(one, color)), `no ${color}`);
      assert.deepEqual(new Set(corners.map((corner) => corner[3])), new Set([0]));
      assert.equal(hasEnded, true);
      const { seconds, loudest } = await heardSound(page);
      assert(seconds > 0.5 && loudest > 0.01, `${seconds} s, ${loudest}`);
    },
  );

  testMedia(
    engine,
    { name: "A gift's GIF moves", seconds: 60 },
    async ({ page, overlays }) => {
      const { feed } = overlays.tested;
      void feed.add(1, gift("Whale"));
      for (const color of [lime, blue]) {
        let seen = await middleOf(page);
        for (let look = 0; look < mostLooks && !isNear(seen, color); look++) seen = await middleOf(page);
        assert(isNear(seen, color), `${seen} in place of ${color}`);
      }
    },
  );

  testMedia(
    engine,
    { name: "Files that are broken, huge or missing are told, and the alerts end", seconds: 0.5 },
    async ({ page, overlays }) => {
      const { feed, log } = overlays.tested;
      for (const [index, file] of spoilt.entries()) {
        assert.equal((await feed.add(index + 1, gift(file))).kind, "completed");
        const { text } = await log.heard(new RegExp(`Alerts are shown without the file "${file}"`));
        assert.match(text, file.startsWith("huge") ? /larger than 100 MB/ : /missing|is not/);
      }
      await feed.add(50, gift("bad sound"));
      await log.heard(/Alerts are shown without the file "broken.mp3", because it is not a sound/);
      assert.equal(await page.evaluate(() => document.querySelectorAll("#media > *").length), 0);
    },
  );
}
