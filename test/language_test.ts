import assert from "node:assert/strict";
import {
  counted,
  english,
  finishedPart,
  formatNumber,
  msg,
  noun,
  speak,
  t,
  translated,
} from "../src/language.ts";

const spanish = {
  tag: "es",
  catalogue: {
    "{0} waits for {1}.": "{1} hace esperar a {0}.",
    "{0} boxes": { one: "{0} caja", other: "{0} cajas" },
    "Log": "Registro",
  },
};

function inSpanish(check: () => void): void {
  speak(spanish);
  try {
    check();
  } finally {
    speak(english);
  }
}

Deno.test("A sentence is spoken in the language, with its values where the language has them", () => {
  inSpanish(() => {
    assert.equal(t`${"Ana"} waits for ${"{0}"}.`, "{0} hace esperar a Ana.");
    assert.equal(translated(msg("Log")), "Registro");
    assert.equal(counted(1, noun("box", "boxes")), "1 caja");
    assert.equal(counted(20_500, noun("box", "boxes")), "20.500 cajas");
    assert.equal(formatNumber(20_500.5), "20.500,5");
  });
});

Deno.test("A sentence without a translation is spoken in English", () => {
  inSpanish(() => {
    assert.equal(t`${1} of ${2}\n{name}`, "1 of 2\n{name}");
    assert.equal(translated("constructor"), "constructor");
    assert.equal(counted(20_500, noun("gift")), "20.500 gifts");
  });
  assert.equal(t`${"Ana"} waits for ${"Ben"}.`, "Ana waits for Ben.");
  assert.equal(counted(0, noun("box", "boxes")), "0 boxes");
  assert.equal(counted(1, noun("box", "boxes")), "1 box");
  assert.equal(counted(1_204, noun("box", "boxes")), "1,204 boxes");
});

Deno.test("A sentence whose translation is not written yet is spoken in English", () => {
  const unfinished = { Log: "", Queue: "File", "{0} boxes": { one: "{0} boîte", other: "" } };
  speak({ tag: "fr", catalogue: finishedPart(unfinished) });
  try {
    assert.deepEqual([translated("Log"), translated("Queue")], ["Log", "File"]);
    assert.equal(counted(2, noun("box", "boxes")), "2 boxes");
  } finally {
    speak(english);
  }
});
