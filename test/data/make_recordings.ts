/**
 * Writes the recordings beside it, and the sums that a replay of each must come to. The sums are of what was
 * decided here, never of what was decoded: deno run -A test/data/make_recordings.ts
 */
import { gifts, nicknames } from "../../src/capture/demo/demo_words.ts";
import { nobody, type User } from "../../src/event.ts";
import { giftOf, person, Recording } from "./recording.ts";
import { makeTogether } from "./together.ts";

/** Three friendly minutes. */
async function makeCalm(): Promise<void> {
  const live = new Recording({ seed: 1, streamer: "quiet_garden", roomId: "7500000000000000001" });
  const { random } = live;
  const anyone = () => person(random.whole(0, nicknames.length - 1));
  const [rose, perfume, doughnut, heartMe, corgi] = [5655, 5658, 5879, 7934, 6267] as const;

  live.say(0, "IntroEvent", { data: { text: "tomatoes today" } });
  live.say(10, "NoticeEvent", { data: { text: "Welcome" }, messageId: null });
  live.say(10, "NoticeEvent", { data: { text: "Welcome" }, messageId: null });
  for (let at = 500; at < 155_000; at += 5_000) {
    live.say(at, "ViewerCountEvent", { data: { viewerCount: random.whole(20, 60), totalUserCount: 300 } });
  }
  const repeated: string[] = [];
  for (let count = 0; count < 120; count++) {
    const at = random.whole(1_000, 150_000);
    const line = random.pick([
      () => live.comment(at, anyone(), random.pick(["hello", "nice 🍅", "سلام", "すごい", "so close!"])),
      () => live.join(at, anyone()),
      () => live.like(at, anyone(), random.whole(1, 15)),
      () => live.like(at, anyone(), 15),
      () => live.follow(at, anyone()),
      () => live.share(at, anyone()),
    ])();
    if (random.isBelow(0.1)) repeated.push(line);
  }
  live.subscribe(60_000, person(3));
  // The same person, gift and moment, told apart by the group alone.
  repeated.push(
    ...live.streak(20_000, {
      user: person(1),
      giftId: rose,
      groupId: "81",
      counts: [1, 3, 7, 10, 11],
      ends: true,
    }),
  );
  live.streak(21_250, { user: person(1), giftId: rose, groupId: "82", counts: [1, 2], ends: true });
  live.streak(22_000, {
    user: person(2),
    giftId: rose,
    groupId: "83",
    counts: [1, 2, 5, 7, 8, 9, 10],
    ends: false,
  });
  live.streak(50_000, { user: person(4), giftId: perfume, groupId: "84", counts: [1], ends: true });
  live.streak(70_000, { user: person(2), giftId: doughnut, groupId: "85", counts: [1, 6], ends: false });
  live.single(40_000, person(5), heartMe);
  repeated.push(live.single(41_000, person(5), heartMe), live.single(90_000, person(6), corgi));
  for (const line of repeated) live.repeat(random.whole(155_000, 156_000), line);
  // After a silence of half a minute.
  live.comment(181_000, person(0), "good night");
  await live.write("calm");
}

const hostileNames = [
  "\x1b[31mred\x1b[0m",
  "\x1b]0;owned\x07title",
  "\x1b]8;;https://example.invalid\x1b\\link\x1b]8;;\x1b\\",
  "\x9b2Jcleared\x9d0;x\x9c",
  "bell\x07\x08\x08\x00nul",
  "two\r\nlines\u2028three",
  "\u202Eexe.txt",
  "a\u2066b\u2067c\u2068d\u2069",
  "ad\u200Bm\u2060in\uFEFF",
  "Z\u0310\u0301\u0316" + "\u0334\u0335\u0336\u0337\u0338\u0300\u0301\u0302\u0303".repeat(12),
  "ก" + "\u0E49".repeat(80),
  "👨‍👩‍👧‍👦 " + "👨\u200D".repeat(60) + "👨",
  "\u3164\u3164\u3164",
  "🏴󠁧󠁢󠁥󠁮󠁧󠁿 می‌خواهم ක්‍ෂ ❤️",
  "<script>alert(1)</script>'\"`;--",
  "\uFFF9over\uFFFAunder\uFFFB",
  "x".repeat(600),
  "=cmd|'/c calc'!A1",
  "",
] as const;

/** Everything that viewers, networks and disks do to a recording. */
async function makeHostile(): Promise<void> {
  const roomId = "7500000000000000002";
  const live = new Recording({ seed: 2, streamer: "stormy_sea", roomId });
  const { random } = live;
  const anyone = () => {
    const index = random.whole(0, hostileNames.length - 1);
    return person(1_000 + index, hostileNames[index]);
  };
  const repeated: string[] = [];

  for (let count = 0; count < 150; count++) {
    const at = random.whole(0, 120_000);
    const line = random.pick([
      () => live.comment(at, anyone(), random.pick(hostileNames)),
      () => live.comment(at, anyone(), hostileNames.join(" ")),
      () => live.join(at, anyone()),
      () => live.like(at, anyone(), random.whole(1, 15)),
      () => live.follow(at, anyone()),
      () => live.share(at, anyone()),
      () => live.subscribe(at, anyone()),
    ])();
    if (random.isBelow(0.2)) repeated.push(line);
  }
  makeHostileStreaks(live, anyone);

  // The same message id in another room is another message.
  const messageId = live.nextMessageId();
  for (const room of [roomId, "7500000000000000003"]) {
    live.sums.comments++;
    live.say(30_000, "CommentEvent", { data: { comment: "who?", language: "", emotes: [] }, roomId: room, messageId });
  }
  // Times that are missing, long gone or still to come.
  for (const createdAt of [null, 1, 4_102_444_800_000]) {
    live.sums.joins++;
    live.say(60_000, "JoinEvent", { user: anyone(), data: { memberCount: 1 }, createdAt });
  }
  live.like(61_000, anyone(), 2_147_483_647);
  for (const method of ["WebcastFutureMessage", "Webcast\x1b[2JMessage", "__proto__", "constructor"]) {
    live.say(62_000, "UnknownEvent", { data: { method } });
  }
  addDamage(live, live.join(63_000, anyone()));
  for (const line of repeated) live.repeat(random.whole(120_000, 130_000), line);
  await live.write("hostile", "\r\n");
}

function makeHostileStreaks(live: Recording, anyone: () => User): void {
  const { random } = live;
  for (let group = 1; group <= 30; group++) {
    const counts = [];
    const total = random.whole(1, 40);
    for (let count = 1; count <= total; count += random.whole(1, 5)) counts.push(count);
    // Any order, some of it twice.
    counts.push(...counts.filter(() => random.isBelow(0.2)));
    const shuffled = counts.map((count) => ({ count, order: random.fraction() }))
      .sort((a, b) => a.order - b.order).map(({ count }) => count);
    const at = random.whole(0, 100_000);
    const giftId = random.pick(gifts.filter(({ isStreakable }) => isStreakable)).id;
    live.streak(at, {
      user: anyone(),
      giftId,
      groupId: String(9_000 + group),
      counts: shuffled,
      ends: random.isBelow(0.5),
    });
  }
  // An end that comes first, frames an eternity after it, and a gift of nobody's.
  const gift = giftOf(5655);
  const user = anyone();
  const late = [[70_000, 4, true], [71_000, 2, false], [119_000, 9, false], [119_500, 9, true]] as const;
  for (const [at, count, isEnd] of late) {
    live.sums.gift_messages++;
    const streak = { kind: "gift", groupId: "9999", count, isEnd } as const;
    live.say(at, "GiftEvent", { user, data: { gift, repeatCount: count, receiver: null }, streak });
  }
  live.sums.gift_streaks++;
  live.sums.gifts += 9;
  live.sums.diamonds += 9 * gift.diamondCount;
  live.streak(75_000, { user: nobody, giftId: 5655, groupId: "10000", counts: [1, 2], ends: true });
}

/** Lines that cannot be read, and messages that are not what they say. */
function addDamage(live: Recording, line: string): void {
  const whole = JSON.parse(line);
  const skipped = [
    line.slice(0, 40),
    "{}",
    "[]",
    "null",
    "-",
    "\x1b[2J",
    JSON.stringify({ ...whole, payload: "%%%" }),
    JSON.stringify({ ...whole, payload: 5 }),
    JSON.stringify({ ...whole, method: "" }),
    JSON.stringify({ ...whole, createTime: "soon" }),
  ];
  for (const text of skipped) {
    live.addLine(live.random.whole(0, 120_000), text);
    live.sums.skipped_lines++;
  }
  live.addLine(64_000, "");
  live.addLine(64_000, "   ");
  const half = Uint8Array.fromBase64(whole.payload).slice(0, 25).toBase64();
  const corrupt = [half, "/////w==", "CgUB"];
  for (const payload of corrupt) {
    live.addLine(live.random.whole(0, 120_000), JSON.stringify({ ...whole, payload }));
    live.sums.corrupt_messages++;
  }
}

await makeCalm();
await makeHostile();
await makeTogether();
