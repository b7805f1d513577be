/** Requests of other programs. */
import assert from "node:assert/strict";
import type { Messages } from "../../../services/tts/messages.ts";
import { commentBy, donation, viewer } from "../../support/overlay_events.ts";
import { get, PageStream, post } from "../../support/page_stream.ts";
import { testTts, type TtsUnderTest } from "../../support/tts_under_test.ts";

const moderator = viewer("Ana", { roles: ["moderator"] });
const all = { rules: [{ when: "CommentEvent", do: { say: "{comment}" } }] };

/** Sends a request with the token. Returns the id of the accepted text. */
async function ask(tts: TtsUnderTest, body: unknown): Promise<{ status: number; text: string; id: number }> {
  const response = await fetch(`${tts.url}/speak`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${tokenOf(tts)}` },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, id: response.ok ? JSON.parse(text).id : 0 };
}

function tokenOf({ tested }: TtsUnderTest): string {
  return String(tested.feed.state.get("service token"));
}

async function speech(tts: TtsUnderTest, id: number) {
  return JSON.parse((await get(`${tts.url}/speech/${id}`)).text);
}

/** The state of a text after its synthesis. */
async function untilMade(tts: TtsUnderTest, id: number) {
  while (true) {
    const found = await speech(tts, id);
    if (found.durationMs !== null) return found;
  }
}

testTts("A part without spaces is one word, for the time of its whole sound", async (tts) => {
  await using _page = await PageStream.connect<Messages>(tts.url, "?wants=speech");
  const text = "Anna gave $12.50 🎉 today";
  const { id } = await ask(tts, { text });
  const { words } = await untilMade(tts, id);
  const written = words.map(({ from, to }: { from: number; to: number }) => text.slice(from, to));
  assert.deepEqual(written, ["Anna", "gave", "$12.50", "🎉", "today"]);
  const [, , amount, , today] = words;
  assert(amount.endMs - amount.startMs > 2 * (today.endMs - today.startMs), JSON.stringify(words));
});

testTts(
  "A program with the token can have a text spoken, and read its state, words and files",
  async (tts) => {
    await using page = await PageStream.connect<Messages>(tts.url, "?wants=speech");
    const text = "Hello, my friends! 🌹 See www.example.com";
    assert.equal((await post(`${tts.url}/speak`, { text })).status, 401);
    assert.equal((await post(`${tts.url}/speak?token=wrong`, { text })).status, 401);
    const { status, id } = await ask(tts, { text, priority: 8 });
    assert.equal(status, 202);
    assert.equal((await page.heard("speak")).id, id);
    const made = await untilMade(tts, id);
    assert.equal(made.state, "speaking");
    assert.equal(made.priority, 8);
    const words = made.words.map(({ from, to }: { from: number; to: number }) => text.slice(from, to));
    assert.deepEqual(words.slice(0, 3), ["Hello", "my", "friends"]);
    assert(words.includes("🌹"), words.join(" "));
    const [file] = made.files;
    const sound = await fetch(`${tts.url}${file}`);
    assert.equal(sound.status, 200);
    assert((await sound.arrayBuffer()).byteLength > 10_000);
    await post(`${tts.url}/heard`, { id, segment: 0 });
    await post(`${tts.url}/finished`, { id });
    await page.heard("end");
    assert.equal((await speech(tts, id)).state, "spoken");
  },
);

testTts("A wrong request is refused with a sentence", async (tts) => {
  for (const path of ["/speech/999", "/speech/x", "/speech/", "/sound/1/0.mp3", "/sound/1/../2.mp3"]) {
    assert.equal((await get(tts.url + path)).status, 404, path);
  }
  await post(`${tts.url}/speak`, { text: "hello" });
  for (const wrong of [{}, { text: "" }, { text: 1 }, { text: "x", priority: 11 }, { text: "x", more: 1 }]) {
    assert.equal((await ask(tts, wrong)).status, 400, JSON.stringify(wrong));
  }
  for (const silent of ["?!", " \n", "\u0000", "…"]) {
    const refused = await ask(tts, { text: silent });
    assert.deepEqual(
      [refused.status, refused.text],
      [400, "The text has nothing that a voice can say.\n"],
      silent,
    );
  }
  assert.equal((await ask(tts, { text: "x".repeat(1_000_000) })).status, 413);
  assert.equal((await get(`${tts.url}/speak`, {})).status, 200);
  assert.equal((await get(`${tts.url}/health`)).status, 200);
});

testTts("Hostile texts are read as text or refused", async (tts) => {
  const { feed } = tts.tested;
  await using _page = await PageStream.connect<Messages>(tts.url, "?wants=speech");
  const hostile = [
    '<speak><mark name="0"/><break time="60s"/><audio src="file:///etc/passwd"/>hi</speak>',
    "[[h@'loU]] &lt;b&gt; &#x41; ]]> <!-- hi",
    "\u001b]0;title\u0007\u001b[2J hi",
    "\u202ehi there\u202c שלום עולם مرحبا",
    `hi e${"\u0301".repeat(2000)}`,
    `hi ${"\ud800".repeat(100)}`,
    "a".repeat(100_000),
    "hahahahahahahahaha jajajajaja",
    "'); DROP TABLE speech;--",
  ];
  for (const [index, text] of hostile.entries()) {
    assert.deepEqual(await feed.add(index + 1, commentBy(viewer(`V${index}`), text)), { kind: "completed" });
    const { durationMs, state } = await untilMade(tts, index + 1);
    assert(["waiting", "speaking"].includes(state), `${text.slice(0, 60)}: ${state}`);
    // If the engine obeyed the break, it would take a minute. Spelling out numbers or characters takes seconds.
    assert(durationMs > 50 && durationMs < 45_000, `${text.slice(0, 60)}: ${durationMs} ms`);
  }
  for (const silent of ["!!!???", "\u200b\u200b", "☐☐☐", "(╯°□°)╯"]) {
    assert.deepEqual(await feed.add(100, commentBy(viewer("silent"), silent)), { kind: "completed" });
  }
  assert.equal(tts.tested.log.entries.filter(({ level }) => level === "error").length, 0);
}, all);

testTts(
  "A flood stays within its bound: left-out texts are counted and logged, and paid texts are never left out",
  async (tts) => {
    const { feed } = tts.tested;
    await using _page = await PageStream.connect<Messages>(tts.url, "?wants=speech");
    const ends = Array.from(
      { length: 200 },
      (_, index) => feed.add(index + 1, commentBy(moderator, `no ${index}`)),
    );
    assert((await Promise.all(ends)).every(({ kind }) => kind === "completed"));
    const [waiting] = tts.rows(
      "SELECT count(*) AS count FROM speech WHERE status IN ('waiting', 'speaking')",
    );
    assert(Number(waiting?.["count"]) <= 21, JSON.stringify(waiting));
    assert.equal(tts.rows("SELECT 1 FROM speech").length, 200);
    await post(`${tts.url}/speak`, { text: "hello" });
    // The current text may end between two of these, which leaves room for one more.
    const more = [];
    for (const text of ["one", "two", "three", "four", "five"]) more.push(await ask(tts, { text }));
    const refused = more.find(({ status }) => status !== 202);
    assert.deepEqual([refused?.status, refused?.text], [
      503,
      "20 texts are already waiting. Try again later.\n",
    ]);
    assert.deepEqual(await feed.add(202, donation("Ben"), { priority: 1 }), { kind: "completed" });
    const [ofBen] = tts.rows("SELECT status FROM speech WHERE viewer_name = 'Ben'");
    assert.equal(ofBen?.["status"], "waiting");
  },
  { max_waiting: 20 },
);

testTts("One viewer's flood of 600 texts does not delay the sound of other viewers", async (tts) => {
  await using _page = await PageStream.connect<Messages>(tts.url, "?wants=speech");
  await post(`${tts.url}/speak`, { text: "hello" });
  const flood = Array.from(
    { length: 600 },
    (_, index) => ask(tts, { text: `This is text ${index}`, viewer: "flooder" }),
  );
  await Promise.all(flood);
  const madeOfFlood = () =>
    tts.rows("SELECT id FROM speech WHERE viewer_name = 'flooder' AND duration_ms IS NOT NULL").length;
  const before = madeOfFlood();
  assert(before < 500, `${before} of 600 were made before the others came`);
  const others = ["a", "b", "c", "d", "e"].map((name) => ask(tts, { text: `Here is ${name}`, viewer: name }));
  for (const { id } of await Promise.all(others)) await untilMade(tts, id);
  const between = madeOfFlood() - before;
  assert(between < 30, `${between} texts of the flood came before the others`);
});
