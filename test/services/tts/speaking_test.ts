/** The order of texts and how they end. */
import assert from "node:assert/strict";
import type { Messages } from "../../../services/tts/messages.ts";
import type { Pane } from "../../../src/pane.ts";
import { makeGift } from "../../support/events.ts";
import { commentBy, donation, viewer } from "../../support/overlay_events.ts";
import { get, PageStream, post } from "../../support/page_stream.ts";
import { startTts, testTts, type TtsUnderTest, untilPages } from "../../support/tts_under_test.ts";

const done = { kind: "completed" };
const moderator = viewer("Ana", { roles: ["moderator"] });

/** A page whose reports the test controls. */
class SpeakingPage {
  readonly stream: PageStream<Messages>;
  readonly #url: string;

  private constructor(url: string, stream: PageStream<Messages>) {
    this.#url = url;
    this.stream = stream;
  }

  static async open(url: string): Promise<SpeakingPage> {
    return new SpeakingPage(url, await PageStream.connect<Messages>(url, "?wants=speech"));
  }

  /** Resolves when the service sends this text to the page. */
  async told(text: string): Promise<Messages["speak"]> {
    return await this.stream.heard("speak", (told) => told.text === text);
  }

  async finish({ id }: { id: number }): Promise<void> {
    assert.equal((await post(`${this.#url}/heard`, { id, segment: 0 })).status, 204);
    assert.equal((await post(`${this.#url}/finished`, { id })).status, 204);
  }

  async speak(text: string): Promise<void> {
    await this.finish(await this.told(text));
  }

  get texts(): string[] {
    return this.stream.messages.flatMap(({ name, data }) =>
      name === "speak" ? [(data as Messages["speak"]).text] : []
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stream[Symbol.asyncDispose]();
  }
}

function statuses({ rows }: TtsUnderTest): unknown[] {
  return rows("SELECT text, status FROM speech ORDER BY id").map(({ text, status }) => [text, status]);
}

async function untilStatuses(tts: TtsUnderTest, expected: unknown[]): Promise<void> {
  while (JSON.stringify(statuses(tts)) !== JSON.stringify(expected)) await get(`${tts.url}/health`);
}

testTts(
  "One text is spoken at a time: paid texts come before waiting chat, and never interrupt",
  async (tts) => {
    const { feed } = tts.tested;
    await using page = await SpeakingPage.open(tts.url);
    assert.deepEqual(await feed.add(1, commentBy(moderator, "one")), done);
    const one = await page.told("one");
    for (const [id, comment] of [[2, "two"], [3, "three"]] as const) {
      await feed.add(
        id,
        commentBy(moderator, comment),
      );
    }
    await feed.add(4, donation("Ben", { message: "thanks" }), { priority: 10 });
    assert.deepEqual(page.texts, ["one"]);
    await page.finish(one);
    await page.speak("Ben donated 5.00 EUR. thanks");
    await page.speak("two");
    await page.speak("three");
    await untilStatuses(tts, [
      ["one", "spoken"],
      ["two", "spoken"],
      ["three", "spoken"],
      ["Ben donated 5.00 EUR. thanks", "spoken"],
    ]);
  },
);

testTts("When no page is open, a text ends as not heard, paid or not", async (tts) => {
  await tts.tested.feed.add(1, commentBy(moderator, "hello"));
  await tts.tested.feed.add(2, makeGift());
  await untilStatuses(tts, [["hello", "not heard"], ["Ana sent Rose", "not heard"]]);
  await using captions = await PageStream.connect<Messages>(tts.url, "?wants=captions");
  await tts.tested.feed.add(3, commentBy(moderator, "again"));
  assert.deepEqual((await captions.heard("end", ({ id }) => id === 3)).status, "not heard");
}, { reconnect_seconds: 0 });

testTts("After the start texts wait for the page to come back", async (tts) => {
  await tts.tested.feed.add(1, commentBy(moderator, "hello"));
  await using page = await SpeakingPage.open(tts.url);
  await page.speak("hello");
  await untilStatuses(tts, [["hello", "spoken"]]);
}, { reconnect_seconds: 60 });

testTts(
  "A reloaded page continues with the current text, and a second page does not join in",
  async (tts) => {
    const page = await SpeakingPage.open(tts.url);
    await tts.tested.feed.add(1, commentBy(moderator, "hello"));
    const told = await page.told("hello");
    assert.deepEqual(told, { id: 1, text: "hello", segmentCount: 1, segment: 0 });
    const second = await SpeakingPage.open(tts.url);
    assert.equal(second.stream.hello.interrupted, null);
    await page[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
    await untilPages(tts.url, 0);
    await using back = await SpeakingPage.open(tts.url);
    assert.deepEqual(back.stream.hello.interrupted, told);
    await back.finish(told);
    await untilStatuses(tts, [["hello", "spoken"]]);
  },
  { reconnect_seconds: 60 },
);

testTts("When a page closes and does not return, its text ends as not heard", async (tts) => {
  const page = await SpeakingPage.open(tts.url);
  await tts.tested.feed.add(1, commentBy(moderator, "hello"));
  await page.told("hello");
  await page[Symbol.asyncDispose]();
  await untilStatuses(tts, [["hello", "not heard"]]);
}, { reconnect_seconds: 0 });

testTts("!skip of a moderator, and a page's button, end what is being said as skipped", async (tts) => {
  const { feed } = tts.tested;
  await using page = await SpeakingPage.open(tts.url);
  for (const [id, text] of [[1, "one"], [2, "two"], [3, "three"]] as const) {
    await feed.add(id, commentBy(moderator, text));
  }
  await page.told("one");
  await feed.add(4, commentBy(viewer("Ben"), "!skip"));
  await feed.add(5, commentBy(moderator, "!skip"));
  assert.deepEqual(await page.stream.heard("end"), { id: 1, status: "skipped" });
  const two = await page.told("two");
  assert.equal((await post(`${tts.url}/skip`, { id: 1 })).status, 204);
  assert.equal((await post(`${tts.url}/skip`, { id: two.id })).status, 204);
  await page.speak("three");
  await untilStatuses(tts, [["one", "skipped"], ["two", "skipped"], ["three", "spoken"]]);
});

testTts("Pages get the volume and whether speech is muted, and both stay after a restart", async (tts) => {
  await using page = await SpeakingPage.open(tts.url);
  const { volume, isMuted } = page.stream.hello;
  assert.deepEqual([volume, isMuted], [1, false]);
  await post(`${tts.url}/volume`, { volume: 0.5 });
  await page.stream.heard("status", (status) => status.volume === 0.5);
  await post(`${tts.url}/mute`, { isMuted: true });
  await page.stream.heard("status", (status) => status.isMuted);
  assert.equal((await post(`${tts.url}/volume`, { volume: 2 })).status, 400);
  await tts[Symbol.asyncDispose]();
  await using again = await startTts({ before: tts, folder: tts.folder });
  await using later = await SpeakingPage.open(again.url);
  assert.deepEqual([later.stream.hello.volume, later.stream.hello.isMuted], [0.5, true]);
});

testTts("The same comment of the same viewer is read once a minute, and a gift each time", async (tts) => {
  const { feed } = tts.tested;
  await using page = await SpeakingPage.open(tts.url);
  const comments = [
    commentBy(moderator, "hello"),
    commentBy(moderator, "hello"),
    commentBy(viewer("Ben"), "!say hello"),
  ];
  for (const [index, comment] of comments.entries()) {
    assert.deepEqual(await feed.add(index + 1, comment), done);
  }
  for (const id of [4, 5]) assert.deepEqual(await feed.add(id, makeGift({ id })), done);
  assert.deepEqual(statuses(tts).map((row) => (row as unknown[])[0]), [
    "hello",
    "hello",
    "Ana sent Rose",
    "Ana sent Rose",
  ]);
  await page.told("hello");
});

testTts(
  "The screen shows the current text and word and the waiting viewers, and its keys skip and mute",
  async (tts) => {
    const { feed, runner } = tts.tested;
    await using page = await SpeakingPage.open(tts.url);
    await feed.add(1, commentBy(moderator, "Good evening, everybody"));
    const told = await page.told("Good evening, everybody");
    for (const [id, name] of [[2, "Ben"], [3, "Ben"], [4, "Cleo"]] as const) {
      await feed.add(id, commentBy(viewer(name), `!say text ${id}`));
    }
    await post(`${tts.url}/heard`, { id: told.id, segment: 0 });
    const shown = await untilPane(tts, ({ lines }) => /\[\w+\]/.test(lines[0]?.value ?? ""));
    assert.equal(shown.lines[0]?.label, "Ana");
    assert.match(
      shown.lines[0]?.value ?? "",
      /^(\[Good\] evening|Good \[evening\]|Good evening, \[everybody\])/,
    );
    const waiting = shown.lines.filter(({ label }) => /^(waiting| {2}\w+)$/.test(label));
    assert.deepEqual(waiting.map(({ label, value }) => `${label}: ${value}`), [
      "waiting: 3",
      "  Ben: 2",
      "  Cleo: 1",
    ]);
    assert.deepEqual(shown.keys, [{ key: "s", does: "skip" }, { key: "m", does: "mute" }]);
    runner.press({ pane: "Speech", key: "m" });
    await page.stream.heard("status", ({ isMuted }) => isMuted);
    runner.press({ pane: "Speech", key: "s" });
    assert.equal((await page.stream.heard("end")).status, "skipped");
    await page.told("text 2");
    await untilPane(
      tts,
      ({ lines, keys }) => keys?.[1]?.does === "unmute" && lines.at(-1)?.value === "muted",
    );
  },
);

/** Resolves to the pane when `isRight` accepts it. */
async function untilPane(tts: TtsUnderTest, isRight: (pane: Pane) => boolean): Promise<Pane> {
  while (true) {
    const pane = tts.tested.feed.panes.at(-1);
    if (pane !== undefined && isRight(pane)) return pane;
    await get(`${tts.url}/health`);
    tts.tested.clock.advance(100);
  }
}

testTts("The same comment is read once even when it arrives several times at once", async (tts) => {
  const ends = [1, 2, 3, 4].map((id) => tts.tested.feed.add(id, commentBy(moderator, "hello")));
  for (const end of ends) assert.deepEqual(await end, done);
  assert.equal(statuses(tts).length, 1);
});

testTts("An item that comes again after a crash is spoken once", async (tts) => {
  await using page = await SpeakingPage.open(tts.url);
  const gift = makeGift({ id: 9 });
  await tts.tested.feed.add(1, gift);
  await tts.tested.feed.add(1, gift, { attempt: 2 });
  await page.speak("Ana sent Rose");
  await untilStatuses(tts, [["Ana sent Rose", "spoken"]]);
});
