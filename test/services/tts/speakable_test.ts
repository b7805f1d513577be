import assert from "node:assert/strict";
import fc from "fast-check";
import { speakable, type SpeakableOptions } from "../../../services/tts/speakable.ts";
import { wordsOf } from "../../../services/tts/words.ts";

async function said(text: string, options: Partial<SpeakableOptions> = {}): Promise<string> {
  const { text: spoken } = await speakable(text, { language: "en", maxLetters: 300, ...options });
  return spoken.trimEnd();
}

/** Each spoken word with its part of the original. */
async function origins(text: string, language: string): Promise<[string, string][]> {
  const { text: spoken, placeOf } = await speakable(text, { language, maxLetters: 300 });
  return wordsOf(spoken).map((word) => {
    const { from, to } = placeOf(word.from, word.to);
    return [spoken.slice(word.from, word.to), text.slice(from, to)];
  });
}

const texts: [string, string, string][] = [
  ["en", "nice 🌹", "nice rose"],
  ["es", "gracias 🌹", "gracias rosa"],
  ["ar", "شكرا 🌹", "شكرا وردة"],
  ["zh", "谢谢🌹", "谢谢 玫瑰"],
  ["ja", "ありがとう🌹", "ありがとう バラ"],
  ["nb", "takk 🌹", "takk rose"],
  ["en", "🌹🌹🌹🌹🌹 so many", "rose rose rose so many"],
  ["en", "👍🏽 ❤️‍🔥 ☺️ hi", "thumbs up heart on fire smiling face hi"],
  ["es", "saludos 🇲🇽", "saludos México"],
  ["en", "👨‍👩‍👧 hi", "man woman girl hi"],
  ["en", "see https://example.com/a?b=1, and www.example.org!", "see link , and link !"],
  ["en", "join twitch.tv/anna or bit.ly/x", "join link or link"],
  ["zh", "看https://a.b/c很好", "看 link 很好"],
  ["en", "youtu.be/x or example.co.uk, t.me/anna.", "link or link , link ."],
  ["en", "e.g. this.Is no link.to me, nor 1.5/2", "e.g. this.Is no link.to me, nor 1.5/2"],
  ["en", "goooooooal", "gooal"],
  ["en", "HAHAHAHAHA", "HAHA"],
  ["es", "jajajajajaja qué risa", "jaja qué risa"],
  ["zh", "哈哈哈哈哈哈", "哈哈"],
  ["pt-BR", "kkkkkkkkk", "kk"],
  ["en", "no no no no no", "no, no"],
  ["en", "no, no, thank you", "no, no, thank you"],
  ["en", "wow!!!!! really????", "wow! really?"],
  ["en", "World War III", "World War III"],
  ["en", "$5 is OK", "5 US dollars is OK"],
  ["en", "3 $5 gifts", "3 5 US dollars gifts"],
  ["en", "5.50 EUR and R$10", "5.50 euros and 10 Brazilian reals"],
  ["es", "son $5 o 25,50€", "son 5 dólares estadounidenses o 25,50 euros"],
  ["ja", "¥500ください", "500円 ください"],
  ["zh", "¥500", "500人民币"],
  ["zh", "价格¥88，约1,000个", "价格 88人民币 ,约1000个"],
  ["ja", "約1,000円です", "約1000円です"],
  ["ko", "총5,000원", "총5000원"],
  ["en", "1,234.5 or 1,000", "1234.5 or 1000"],
  ["es", "1,234.5 o 1.000 o 2,5", "1234,5 o 1000 o 2,5"],
  ["en", "at 3:45 on 10/11/2026, v1.2.3, 007, -5", "at 3:45 on 10/11/2026, v1.2.3, 007, -5"],
  ["ar", "٢٥ وردة", "25 وردة"],
  ["ja", "２５円", "25円"],
  ["en", "𝓗𝓮𝓵𝓵𝓸 ｗｏｒｌｄ", "Hello world"],
  ["en", "Ⓗⓔⓨ ① ￦", "Hey 1 ₩"],
  ["en", "*hugs* ~nice~ a_b", "hugs nice a b"],
  ["en", "5 try hard", "5 try hard"],
  ["en", "▓░▓░ hi ⠿⡇ 20°", "hi 20°"],
];

for (const [language, text, spoken] of texts) {
  Deno.test(`In ${language}, ${JSON.stringify(text)} is spoken as ${JSON.stringify(spoken)}`, async () => {
    assert.equal(await said(text, { language }), spoken);
  });
}

Deno.test("Terminal codes and characters that change the text direction are not spoken", async () => {
  assert.equal(
    await said("\x1b[31mred\x1b[0m \x1b]0;title\x07 and \u202eabc\u202c \x00\x07d"),
    "red and abc d",
  );
  assert.equal(await said("half \ud83d letter"), "half letter");
  assert.equal((await said(`z${"\u0317".repeat(200)}a`)).length, 5);
});

Deno.test("A text without letters and digits is not spoken", async () => {
  for (const text of ["", "  ", "…!?", "\u202e\u200b", "* * *"]) assert.equal(await said(text), "");
});

Deno.test("The spoken text ends after the last whole word within its limit", async () => {
  assert.equal(await said("hello there my friend", { maxLetters: 13 }), "hello there");
  assert.equal(await said("hello there", { maxLetters: 11 }), "hello there");
  assert.equal(await said("abcdefghijklm", { maxLetters: 5 }), "abcde");
  assert.equal(
    await said("https://example.com/very/long and hahahahahaha", { maxLetters: 14 }),
    "link and haha",
  );
});

Deno.test("The cost of a megabyte of text is bounded by the limit", async () => {
  for (const text of ["a", "no ", "1,", "🌹", "www.", "$1.", "\u0300", "\x1b["]) {
    assert.ok((await said(text.repeat(1_000_000 / text.length))).length <= 300);
  }
});

Deno.test("Left-out parts are not spoken and do not move other words", async () => {
  const text = "you damn good player";
  const { text: spoken, placeOf } = await speakable(text, {
    language: "en",
    maxLetters: 300,
    leftOut: [{ start: 4, end: 8 }],
  });
  assert.deepEqual(spoken.split(/\s+/), ["you", "good", "player"]);
  const at = spoken.indexOf("player");
  assert.deepEqual(placeOf(at, at + 6), { from: 14, to: 20 });
});

Deno.test("Each spoken word has its place in the original text", async () => {
  assert.deepEqual(await origins("soooo 😀 cool https://a.com/b now $5!", "en"), [
    ["soo", "soooo"],
    ["grinning", "😀"],
    ["face", "😀"],
    ["cool", "cool"],
    ["link", "https://a.com/b"],
    ["now", "now"],
    ["5", "$5"],
    ["US", "$5"],
    ["dollars", "$5"],
  ]);
  assert.deepEqual(await origins("谢谢🌹哈哈哈哈你们", "zh"), [
    ["谢谢", "谢谢"],
    ["玫瑰", "🌹"],
    ["哈哈", "哈哈哈哈"],
    ["你们", "你们"],
  ]);
});

Deno.test("The words of any text keep its order, and each place is within the text", async () => {
  const piece = fc.constantFrom(
    "a",
    "ha",
    "😀",
    "🇪🇸",
    "1,000",
    "$5",
    " ",
    "www.a.com",
    "好",
    "ش",
    "\x1b[1m",
    "!",
    "\ud800",
  );
  await fc.assert(fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
    const text = pieces.join("");
    const { text: spoken, placeOf } = await speakable(text, { language: "en", maxLetters: 300 });
    let last = 0;
    for (const word of wordsOf(spoken)) {
      const { from, to } = placeOf(word.from, word.to);
      assert.ok(from >= last && to > from && to <= text.length);
      last = from;
    }
  }));
});
