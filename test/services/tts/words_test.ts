import assert from "node:assert/strict";
import { wordsOf } from "../../../services/tts/words.ts";

const texts: [string, string[]][] = [
  ["Thank you, Anna!", ["Thank", "you", "Anna"]],
  ["AT&T said: it's well-known (e.g. 1,234.5).", ["AT&T", "said", "it's", "well-known", "e.g", "1,234.5"]],
  ["hello,world...yes(no)!wow", ["hello", "world", "yes", "no", "wow"]],
  ["anna@example.com and/or #1", ["anna@example.com", "and/or", "1"]],
  ["at 3:45, or: 5", ["at", "3:45", "or", "5"]],
  ["¿Cómo estás? ¡Muchas gracias!", ["Cómo", "estás", "Muchas", "gracias"]],
  ["شكرا على الوردة.", ["شكرا", "على", "الوردة"]],
  ["谢谢你的玫瑰！", ["谢谢", "你的", "玫瑰"]],
  ["ローズを送りました", ["ローズ", "を", "送り", "ま", "した"]],
  ["I love 玫瑰 so", ["I", "love", "玫瑰", "so"]],
  ["... 😀 !!", []],
  ["", []],
];

for (const [text, words] of texts) {
  Deno.test(`The words of ${JSON.stringify(text)} have their places`, () => {
    assert.deepEqual(wordsOf(text).map(({ from, to }) => text.slice(from, to)), words);
  });
}
