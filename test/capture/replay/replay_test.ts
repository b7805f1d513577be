import assert from "node:assert/strict";
import { createReplaySource, type ReplayOptions } from "../../../src/capture/replay/replay.ts";
import type { Playback } from "../../../src/playback.ts";
import type { CapturedEvent, SourceItem } from "../../../src/source.ts";
import { encodeEvent } from "../../../src/capture/tiktok/encode.ts";
import { nobody } from "../../../src/event.ts";
import { UserError } from "../../../src/user_error.ts";
import { collect, only } from "../../support/collect.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const startMs = 1_700_000_000_000;

function comment(given: { comment?: string; atSeconds?: number; roomId?: string } = {}): CapturedEvent {
  const { comment = "hello", atSeconds = 0, roomId = "700" } = given;
  return {
    type: "CommentEvent",
    roomId,
    messageId: "1",
    createdAt: startMs + atSeconds * 1000,
    user: { ...nobody, id: "42", uniqueId: "ana", nickname: "Ana" },
    data: { comment, language: "en", emotes: [] },
    streak: null,
  };
}

function line(event: CapturedEvent, streamer = "host"): string {
  const raw = encodeEvent(event, streamer);
  return JSON.stringify({ ...raw, payload: raw.payload.toBase64() });
}

type Given = Partial<Omit<ReplayOptions, "path" | "clock">> & { clock?: FakeClock };

/** Replays a file of this content to its end, at the highest speed unless told otherwise. */
async function replay(content: string | Uint8Array<ArrayBuffer>, given: Given = {}): Promise<SourceItem[]> {
  const path = await Deno.makeTempFile({ suffix: ".jsonl" });
  const { clock = new FakeClock(), speed = "max", keepGaps = false } = given;
  try {
    await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
    const source = createReplaySource({ path, speed, keepGaps, clock });
    return (await collect(source.open(new AbortController().signal), clock))
      .map((item) => item.kind === "notice" ? { ...item, text: item.text.replaceAll(path, "FILE") } : item);
  } finally {
    await Deno.remove(path);
  }
}

const comments = (items: SourceItem[]) =>
  only(items, "event").map(({ event }) => event.type === "CommentEvent" ? event.data.comment : event.type);
const notices = (items: SourceItem[]) => only(items, "notice").map(({ text }) => text);

Deno.test("A replay opens one session, whatever rooms and hosts the recording holds", async () => {
  const items = await replay(
    [line(comment({ roomId: "700" }), "ana"), line(comment({ roomId: "701" }), "bob")].join("\n"),
  );
  assert.deepEqual(items.map(({ kind }) => kind), ["state", "session", "event", "event", "end", "state"]);
  assert.deepEqual(items[1], { kind: "session", username: "ana", roomId: "700" });
  assert.deepEqual(only(items, "event").map(({ event }) => event.roomId), ["700", "701"]);
  assert.deepEqual(items[4], { kind: "end", status: "completed", reason: "The recording ended." });
});

Deno.test("A replay hands on each message as it was recorded, to be recorded again", async () => {
  const event = comment();
  const [item] = only(await replay(line(event)), "event");
  assert.deepEqual(item?.raw, { ...encodeEvent(event, "host"), payload: item?.raw?.payload });
  assert.deepEqual([...item?.raw?.payload ?? []], [...encodeEvent(event, "host").payload]);
});

Deno.test("A replay takes a byte order mark, CRLF, blank lines and a last line without an end", async () => {
  const content = `\uFEFF${line(comment({ comment: "a" }))}\r\n\r\n   \n${line(comment({ comment: "b" }))}`;
  assert.deepEqual(comments(await replay(content)), ["a", "b"]);
});

Deno.test("A replay skips what it cannot read, and says which lines", async () => {
  const items = await replay([
    "not json",
    line(comment({ comment: "a" })),
    "[1]",
    `{"method":"WebcastChatMessage","createTime":"yesterday","payload":""}`,
    `{"method":"WebcastChatMessage","createTime":null}`,
    `{"method":"WebcastChatMessage","createTime":null,"payload":"%%%"}`,
    `{"createTime":null,"payload":""}`,
    "null",
    line(comment({ comment: "b" })),
  ].join("\n"));
  assert.deepEqual(comments(items), ["a", "b"]);
  assert.deepEqual(notices(items), [
    "Line 1 of FILE was skipped: it is not JSON.",
    `Line 3 of FILE was skipped: its "method" is missing or not a name.`,
    `Line 4 of FILE was skipped: its "createTime" is neither a number nor null.`,
    `Line 5 of FILE was skipped: its "payload" is missing or not a text.`,
    `Line 6 of FILE was skipped: its "payload" is not base64.`,
    "2 more lines of FILE were skipped.",
  ]);
});

Deno.test("A replay tells of messages whose payload is not what they say", async () => {
  const items = await replay(
    `${line(comment())}\n{"method":"WebcastGiftMessage\\u001b[2J","createTime":1,"payload":"/////w=="}`,
  );
  assert.deepEqual(only(items, "corrupt"), [{ kind: "corrupt", method: "WebcastGiftMessage" }]);
});

Deno.test("A replay skips a line of endless length and goes on after it", async () => {
  const content = [line(comment({ comment: "a" })), "x".repeat(9_000_000), line(comment({ comment: "b" }))]
    .join("\n");
  const items = await replay(content);
  assert.deepEqual(comments(items), ["a", "b"]);
  assert.deepEqual(notices(items), ["Line 2 of FILE was skipped: it is longer than 8 MB."]);
});

Deno.test("A replay of lines longer than one read comes out whole", async () => {
  const texts = Array.from({ length: 50 }, (_, index) => `${index}:${"é".repeat(index * 10)}`);
  const padded = texts.map((text) => line(comment({ comment: text })) + " ".repeat(7_001));
  assert.deepEqual(
    comments(await replay(padded.join("\n"))),
    texts.map((text) => text.slice(0, 500)),
  );
});

Deno.test("A replay of no file, a folder, an empty file or nothing readable is a user's mistake", async () => {
  const open = (path: string) =>
    createReplaySource({ path, speed: "max", keepGaps: false, clock: new FakeClock() });
  const folder = await Deno.makeTempDir();
  try {
    assert.throws(() => open(`${folder}/none.jsonl`), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /none\.jsonl: there is no such file/);
      return true;
    });
    assert.throws(() => open(folder), /it is a folder/);
    await Deno.writeTextFile(`${folder}/empty.jsonl`, "");
    assert.throws(() => open(`${folder}/empty.jsonl`), /the file is empty/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  await assert.rejects(replay("# Read me\n\nnothing here\n"), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /none of its 3 lines is from a recording/);
    return true;
  });
});

/** The seconds after its start at which a replay gave each event. */
async function momentsOf(
  atSeconds: number[],
  given: Given,
  shiftWallMs = 0,
): Promise<{ moments: number[]; items: SourceItem[] }> {
  const clock = new FakeClock();
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, atSeconds.map((at) => line(comment({ atSeconds: at }))).join("\n"));
  const moments: number[] = [];
  const source = createReplaySource({ path, speed: 1, keepGaps: false, ...given, clock });
  async function* watched() {
    for await (const item of source.open(new AbortController().signal)) {
      if (item.kind === "event") {
        moments.push(clock.monotonic() / 1000);
        clock.shiftWall(shiftWallMs);
      }
      yield item;
    }
  }
  const items = await collect(watched(), clock);
  await Deno.remove(path);
  return { moments, items };
}

Deno.test("A replay at speed 1 keeps the recorded distances, and does not wait for what comes out of order", async () => {
  const { moments, items } = await momentsOf([0, 0.25, 2, 1.5, 2.5], { speed: 1 });
  assert.deepEqual(moments, [0, 0.25, 2, 2, 2.5]);
  assert.deepEqual(notices(items), []);
});

Deno.test("A replay at speed 4 takes a quarter of the time, at the highest none", async () => {
  assert.deepEqual((await momentsOf([0, 2, 6], { speed: 4 })).moments, [0, 0.5, 1.5]);
  assert.deepEqual((await momentsOf([0, 2, 6, 6000], { speed: "max" })).moments, [0, 0, 0, 0]);
});

Deno.test("A replay keeps the recorded distances whatever is done to the wall clock", async () => {
  for (const shiftWallMs of [-3_600_000, 3_600_000]) {
    assert.deepEqual((await momentsOf([0, 2, 6], { speed: 1 }, shiftWallMs)).moments, [0, 2, 6]);
  }
});

Deno.test("A replay shortens a gap of over 10 s to 10 s and says so, unless told to keep it", async () => {
  const shortened = await momentsOf([0, 10, 3140, 3141], { speed: 1 });
  assert.deepEqual(shortened.moments, [0, 10, 20, 21]);
  assert.deepEqual(notices(shortened.items), [
    "A gap of 52 min 10 s in the recording is shortened to 10 s. --exact-gaps keeps it.",
  ]);
  const exact = await momentsOf([0, 10, 100], { speed: 1, keepGaps: true });
  assert.deepEqual(exact.moments, [0, 10, 100]);
  assert.deepEqual(notices(exact.items), []);
});

Deno.test("A replay goes on at its pace after a time far in the future", async () => {
  assert.deepEqual((await momentsOf([0, 9e7, 1, 2, 3], { speed: 1 })).moments, [0, 10, 10, 11, 12]);
});

Deno.test("A replay does not wait for old messages that come once more, nor after them", async () => {
  assert.deepEqual((await momentsOf([0, 8, 16, 24, 2, 25, 3, 26], { speed: 1 })).moments, [
    0,
    8,
    16,
    24,
    24,
    25,
    25,
    26,
  ]);
});

Deno.test("A replay tells the recorded time each second while it waits, so that streaks can idle out", async () => {
  const { items } = await momentsOf([0, 2.5, 60], { speed: 2 });
  const seconds = only(items, "time").map(({ at }) => (at - startMs) / 1000);
  assert.deepEqual(seconds, [1, 2, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 11.5, 12.5]);
});

Deno.test("A replay that is aborted while it waits ends without an end", async () => {
  const clock = new FakeClock();
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, [line(comment()), line(comment({ atSeconds: 5 }))].join("\n"));
  const controller = new AbortController();
  const items: SourceItem[] = [];
  const source = createReplaySource({ path, speed: 1, keepGaps: false, clock });
  for await (const item of source.open(controller.signal)) {
    items.push(item);
    if (item.kind === "event") queueMicrotask(() => controller.abort());
  }
  await Deno.remove(path);
  assert.deepEqual(items.map(({ kind }) => kind), ["state", "session", "event"]);
  assert.equal(clock.timerCount, 0);
});

Deno.test("A replay lets timers in between however fast it goes", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, `${line(comment())}\n`.repeat(200_000));
  const controller = new AbortController();
  const source = createReplaySource({ path, speed: "max", keepGaps: false, clock: new FakeClock() });
  setImmediate(() => controller.abort());
  let count = 0;
  for await (const item of source.open(controller.signal)) count += item.kind === "event" ? 1 : 0;
  await Deno.remove(path);
  assert.ok(count < 200_000, `${count} events came before the abort`);
});

Deno.test("A replay can be paused, stepped, sped up and jumped forward, and says where it is", async () => {
  const path = await Deno.makeTempFile({ suffix: ".jsonl" });
  const lines = ["a", "b", "c", "d", "e"].map((text, index) =>
    line({ ...comment({ comment: text, atSeconds: index * 10 }), messageId: String(index) })
  );
  await Deno.writeTextFile(path, lines.join("\n"));
  const source = createReplaySource({ path, speed: "max", keepGaps: false, clock: new FakeClock() });
  const { playback } = source;
  assert.ok(playback);
  const items = source.open(new AbortController().signal)[Symbol.asyncIterator]();
  const nextComment = async () => {
    for (let { value, done } = await items.next(); !done; { value, done } = await items.next()) {
      if (value.kind === "event") return comments([value])[0];
    }
    return "the end";
  };
  try {
    assert.match(playback.perform({ kind: "pause" }), /paused/);
    const first = nextComment();
    playback.perform({ kind: "step" });
    assert.equal(await first, "a");
    const second = nextComment();
    assert.deepEqual([playback.view().isPaused, playback.view().positionMs, playback.view().lengthMs], [
      true,
      0,
      40_000,
    ]);
    assert.match(playback.perform({ kind: "jump", ms: 30_000, isRelative: false }), /leaves out/);
    assert.equal(await second, "d");
    assert.equal(playback.view().positionMs, 30_000);
    assert.match(playback.perform({ kind: "slower" }), /128 times/);
    playback.perform({ kind: "faster" });
    assert.match(playback.perform({ kind: "pause" }), /goes on/);
    assert.equal(await nextComment(), "e");
    assert.equal(await nextComment(), "the end");
    assert.deepEqual([playback.view().hasEnded, playback.view().positionMs], [true, 40_000]);
    assert.match(playback.perform({ kind: "pause" }), /has ended/);
  } finally {
    await Deno.remove(path);
  }
});

/** A recording that is open, with what it gives one by one. */
async function withOpen(
  atSeconds: readonly number[],
  use: (parts: {
    playback: Playback;
    /** The next item but times and notices: a comment as its text, others as their kind. */
    next: () => Promise<string>;
  }) => Promise<void>,
  given: Given = {},
): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".jsonl" });
  const lines = atSeconds.map((at, index) =>
    line({ ...comment({ comment: `at ${at}`, atSeconds: at }), messageId: String(index) })
  );
  await Deno.writeTextFile(path, lines.join("\n"));
  const source = createReplaySource({
    path,
    speed: "max",
    keepGaps: false,
    clock: new FakeClock(),
    ...given,
  });
  const items = source.open(new AbortController().signal)[Symbol.asyncIterator]();
  const next = async () => {
    for (let { value, done } = await items.next(); !done; { value, done } = await items.next()) {
      if (value.kind === "event") return comments([value])[0] as string;
      if (value.kind !== "time" && value.kind !== "notice") return value.kind;
    }
    return "done";
  };
  try {
    assert.ok(source.playback);
    await use({ playback: source.playback, next });
  } finally {
    await items.return?.();
    await Deno.remove(path);
  }
}

Deno.test("A jump back ends the session, and plays again from that time on in a new one", async () => {
  await withOpen([0, 4, 8, 12, 16], async ({ playback, next }) => {
    const seen = async (count: number) => {
      const items = [];
      for (let index = 0; index < count; index++) items.push(await next());
      return items;
    };
    assert.deepEqual(await seen(6), ["state", "session", "at 0", "at 4", "at 8", "at 12"]);
    assert.match(
      playback.perform({ kind: "jump", ms: 3_000, isRelative: false }),
      /goes back.*services act again/,
    );
    assert.deepEqual(await seen(5), ["end", "state", "session", "at 4", "at 8"]);
    assert.equal(playback.view().positionMs, 8_000);
    playback.perform({ kind: "jump", ms: -8_000, isRelative: true });
    assert.deepEqual(await seen(4), ["end", "state", "session", "at 0"]);
    assert.deepEqual(await seen(7), ["at 4", "at 8", "at 12", "at 16", "end", "state", "done"]);
    assert.equal(playback.view().hasEnded, true);
  });
});

Deno.test("The length counts a shortened gap as long as it is played, as that after an old first message", async () => {
  const hour = 3_600;
  await withOpen([0, hour, hour + 5, 3 * hour, 3 * hour + 5], async ({ playback, next }) => {
    while (await next() !== "at 0");
    assert.deepEqual([playback.view().positionMs, playback.view().lengthMs], [0, 30_000]);
    assert.equal(await next(), `at ${hour}`);
    assert.equal(playback.view().positionMs, 10_000);
    playback.perform({ kind: "jump", ms: 27_000, isRelative: false });
    assert.equal(await next(), `at ${3 * hour + 5}`);
    assert.equal(playback.view().positionMs, 30_000);
  });
  await withOpen([0, hour], async ({ playback, next }) => {
    while (await next() !== "at 0");
    assert.equal(playback.view().lengthMs, hour * 1_000);
  }, { keepGaps: true });
});

Deno.test("A time far in the future does not make the recording longer", async () => {
  await withOpen([0, 9e7, 1, 2, 3], async ({ playback, next }) => {
    while (await next() !== "at 0");
    assert.equal(playback.view().lengthMs, 3_000);
  });
});
