import assert from "node:assert/strict";
import { hasPhrase, simplified } from "../src/words.ts";

function finds(word: string, text: string): boolean {
  return hasPhrase(simplified(text), simplified(word));
}

Deno.test("A word is found whatever its case, accents and fancy letters", () => {
  for (
    const text of ["jump", "JUMP!", "please, jump.", "!jump", "🦖jump🦖", "𝕁𝕦𝕞𝕡", "ｊｕｍｐ", "jump jump"]
  ) {
    assert.ok(finds("jump", text), text);
  }
  assert.ok(finds("agáchate", "AGACHATE ya"));
  assert.ok(finds("agachate", "¡agáchate!"));
});

Deno.test("A part of a longer word is not the word", () => {
  for (const text of ["jumping", "bungeejump", "jump2", "ju mp", "", "𝕁𝕦𝕞𝕡𝕖𝕣"]) {
    assert.ok(!finds("jump", text), text);
  }
  assert.ok(finds("jump", "jumping or jump"), "a later place counts");
});

Deno.test("A phrase is found over any spaces, an emoji or a command as it stands", () => {
  assert.ok(finds("no collisions", "now  NO\tcollisions please"));
  assert.ok(finds("🦖", "go🦖go"));
  assert.ok(finds("!jump", "a !jump"));
  assert.ok(!finds("!jump", "jump"));
});

Deno.test("Where a script puts no spaces, a word is found inside of others", () => {
  assert.ok(finds("ジャンプ", "今ジャンプして"));
  assert.ok(finds("跳", "快跳啊"));
  assert.ok(finds("กระโดด", "ช่วยกระโดดหน่อย"));
});
