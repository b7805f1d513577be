import assert from "node:assert/strict";
import { languageOf } from "../../../services/tts/language.ts";

const among = "en es pt fr de it tr id vi pl nl ru uk ar fa hi zh ja ko th el he sv nb fil".split(" ");

const texts: [string, string][] = [
  ["you are the best streamer", "en"],
  ["puedes poner mi canción por favor", "es"],
  ["obrigado pela rosa", "pt"],
  ["bonjour tout le monde", "fr"],
  ["du bist die beste", "de"],
  ["grazie per la rosa", "it"],
  ["nasılsın abi", "tr"],
  ["terima kasih mawarnya", "id"],
  ["xin chào mọi người", "vi"],
  ["dziękuję za różę", "pl"],
  ["bedankt voor de roos", "nl"],
  ["привет всем", "ru"],
  ["дякую за троянду", "uk"],
  ["شكرا على الوردة", "ar"],
  ["خیلی ممنون از گل", "fa"],
  ["आपका बहुत धन्यवाद", "hi"],
  ["谢谢你的玫瑰", "zh"],
  ["漢字だけ", "ja"],
  ["감사합니다", "ko"],
  ["ขอบคุณ", "th"],
  ["ευχαριστώ πολύ", "el"],
  ["תודה רבה", "he"],
];

for (const [text, language] of texts) {
  Deno.test(`${JSON.stringify(text)} is in ${language}, whatever language the streamer speaks`, () => {
    for (const likely of [[], ["en"], ["es"]]) {
      if (likely[0] !== language) assert.equal(languageOf(text, { among, likely }), language);
    }
  });
}

Deno.test("The language of most of the text wins", () => {
  assert.equal(languageOf("I love 玫瑰 so much", { among, likely: [] }), "en");
  assert.equal(languageOf("谢谢 Anna", { among, likely: ["en"] }), "zh");
});

Deno.test("A text that tells no language, such as a name, is in the likely language", () => {
  for (const text of ["Anna", "hello", "lol", "GG WP", "Anna sent 5 roses"]) {
    assert.equal(languageOf(text, { among, likely: ["es", "en"] }), "es", text);
  }
  assert.equal(languageOf("Anna", { among, likely: ["ru"] }), null);
  assert.equal(languageOf("Anna", { among, likely: [] }), null);
});

Deno.test("A short word tells no more when it is written several times", () => {
  for (const text of ["hello", "hello hello hello", "HELLO Hello hello!"]) {
    assert.equal(languageOf(text, { among, likely: ["en"] }), "en", text);
  }
});

Deno.test("A text without letters has no language", () => {
  for (const text of ["", "12345", "😀", "!?"]) {
    assert.equal(languageOf(text, { among, likely: ["en"] }), null);
  }
});

Deno.test("A language without a voice is not detected", () => {
  assert.equal(languageOf("谢谢你的玫瑰", { among: ["en"], likely: ["en"] }), null);
});

Deno.test("A very long text takes no longer than a long one", () => {
  assert.equal(languageOf("thank you very much ".repeat(50_000), { among, likely: [] }), "en");
});
