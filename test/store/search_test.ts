/** The store's search, which finds what the screen's own search finds. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Operation } from "../../src/operation.ts";
import type { Reader } from "../../src/store/reader.ts";
import { simplified } from "../../src/words.ts";
import { overBothStores, type StoreUnderTest } from "../support/both_stores.ts";
import { ana, sampleEvent } from "../support/stored_events.ts";
import { openSession } from "../support/temporary_store.ts";

/** Runs `use` with a reader of comments with these texts, the first with the id 1. */
async function withComments(
  { store, read }: StoreUnderTest,
  texts: string[],
  use: (reader: Reader) => void,
): Promise<void> {
  const user = { ...ana, nickname: "Łukasz", uniqueId: "lukasz" };
  const events = texts.map((comment, index): Operation => ({
    kind: "insert_event",
    event: sampleEvent({ id: index + 1, user, data: { comment, language: "en", emotes: [] } }),
  }));
  for (const operation of [openSession(1), ...events]) store.writer.add(operation);
  await store.writer.flush();
  await read(({ reader }) => use(reader));
}

overBothStores(
  "A search finds what is written with other letters of the same base, either way round",
  async (parts) => {
    const texts = [
      "KISA bir söz",
      "kısa",
      "Łódź",
      "lodz",
      "strasse",
      "Straße",
      "cœur",
      "COEUR",
      "𝕵𝖚𝖒𝖕",
      "rn 1",
    ];
    await withComments(parts, texts, (reader) => {
      const found = (text: string) =>
        reader.events({ text, limit: 99 }).map(({ id }) => texts[id - 1]).reverse();
      assert.deepEqual(found("KISA"), ["KISA bir söz", "kısa"]);
      assert.deepEqual(found("łódź"), ["Łódź", "lodz"]);
      assert.deepEqual(found("ẞ"), texts.filter((text) => /ss|ß/.test(text)));
      assert.deepEqual(found("coeur"), ["cœur", "COEUR"]);
      assert.deepEqual(found("jump"), ["𝕵𝖚𝖒𝖕"]);
      assert.deepEqual(found("m l"), []);
      assert.deepEqual(found("lukasz"), texts, "by the nickname or the handle");
    });
  },
);

overBothStores("A search finds exactly the texts that hold it, once all are simplified", async (parts) => {
  const unit = fc.constantFrom(...'aAáłLßs \t%_\\"🌹ﷺж');
  const aText = fc.string({ unit, maxLength: 6 });
  const texts = [...fc.sample(aText, 400), "a  \n l", ' "a" ', "s\\s", "ＡＬ", "a\ud83dL"];
  await withComments(parts, texts, (reader) => {
    fc.assert(fc.property(aText, (text) => {
      const expected = texts.filter((each) => simplified(each).includes(simplified(text)));
      const other = simplified(text) === "" || "lukasz".includes(simplified(text));
      const found = reader.events({ text, limit: 999 }).map(({ id }) => texts[id - 1]).reverse();
      assert.deepEqual(found, other ? texts : expected);
    }));
  });
});
