/** The whole program with a fake TikTok, through `tiktok.endpoints`. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { CapturedEvent } from "../../src/source.ts";
import { ben, commentOf, sampleOf, streamEnd } from "../support/captured_events.ts";
import { FakeTikTok } from "../support/fake_tiktok.ts";
import { livecue, query, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

/** Runs `use` in a folder whose config points at a TikTok. */
async function onTikTok(use: (folder: string, tiktok: FakeTikTok) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const tiktok = new FakeTikTok();
    writeConfig(folder, { tiktok: { user: tiktok.username, endpoints: tiktok.endpoints } });
    try {
      await use(folder, tiktok);
    } finally {
      await tiktok.close();
    }
  });
}

/** Control characters except the line break, bidi controls, line separators, and more marks than a letter has. */
const hostile = /(?!\n)\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Mn}{9}/u;

Deno.test("Hostile names and texts reach neither terminal nor log nor database raw", async () => {
  await onTikTok(async (folder, tiktok) => {
    const texts = [
      "\x1b[2J\x1b]0;mine\x07cleared",
      "\x9b31mred",
      "one\r\ntwo\u2028three\0four",
      "abc\u202Edcba\u2066",
      `z${"\u0300".repeat(500)}`,
      "long ".repeat(20_000),
    ];
    const events = texts.flatMap((text): CapturedEvent[] => {
      const user = { ...ben, uniqueId: text, nickname: text };
      const gift = sampleOf("GiftEvent");
      if (gift.type === "GiftEvent") gift.data.gift.name = text;
      return [{ ...commentOf(text), user }, { ...gift, user }, { ...sampleOf("JoinEvent"), user }];
    });
    tiktok.title = texts.join("");
    const running = startLivecue(folder, "start", "--plain", "--verbose");
    const connection = await tiktok.nextConnection();
    connection.send(events);
    connection.send([{ method: `Webcast${texts.join("")}`, payload: new Uint8Array(0) }, streamEnd()]);
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0);
    const rows = query(folder, "SELECT * FROM live_event").flatMap((row) =>
      // JSON writes control characters as codes, of which a reader makes the characters again.
      Object.values(row).map((value) =>
        String(value).replace(/\\u([0-9a-f]{4})/g, (_, code) => String.fromCharCode(parseInt(code, 16)))
      )
    );
    const logged = await Deno.readTextFile(join(folder, "livecue.log"));
    const written = [
      ...`${stdout}\n${stderr}\n${logged}`.split("\n"),
      ...rows.map((row) => row.replaceAll("\n", "\0")),
    ];
    assert.deepEqual(written.filter((each) => hostile.test(each)), []);
    assert.ok(Math.max(...written.map((each) => each.length)) < 5_000);
    assert.match(stdout, /cleared: cleared/);
  });
});

Deno.test("A user whom TikTok does not know ends the program with a sentence and exit code 2", async () => {
  await onTikTok(async (folder, tiktok) => {
    tiktok.isKnown = false;
    const { code, stderr } = await livecue(folder, "start", "--plain");
    assert.equal(code, 2);
    assert.match(
      stderr,
      /TikTok has no user @ana\.live\. Check the spelling of tiktok\.user or --username\./,
    );
  });
});

Deno.test("Ctrl-C during a live stops at once, with the session completed", async () => {
  await onTikTok(async (folder, tiktok) => {
    const running = startLivecue(folder, "capture");
    await running.line(/is live/);
    (await tiktok.nextConnection()).send([commentOf("hello there")]);
    await running.line(/hello there/);
    running.kill("SIGINT");
    assert.equal((await running.ended).code, 0);
    assert.deepEqual(
      query(folder, "SELECT status, end_reason FROM live_session").map((row) => ({ ...row })),
      [{ status: "completed", end_reason: "Stopped by the user." }],
    );
  });
});
