/** The gifts pane: what it shows, in which order, and that it asks only for what is visible. */
import assert from "node:assert/strict";
import type { KnownGift } from "../../../src/gift.ts";
import { findBinding } from "../../../src/faces/tui/keys.ts";
import { frameRows } from "../../../src/faces/tui/view/frame.ts";
import { textWidth } from "../../../src/faces/tui/width.ts";
import { FakeControl, sampleGifts, sampleSnapshot } from "../../support/fake_control.ts";
import { Driven } from "./drive.ts";

/** Presses the keys, and answers the queries of the pane. */
async function pressed(driven: Driven, ...keys: string[]): Promise<Driven> {
  driven.press(...keys);
  const control = new FakeControl(sampleSnapshot());
  for (const effect of driven.take()) {
    if (effect.kind !== "query" || effect.query.kind !== "gifts") continue;
    driven.send({
      kind: "answered",
      query: effect.query,
      answer: await control.query(effect.query),
      asked: 0,
    });
  }
  return driven;
}

const shown = ({ state }: Driven) => frameRows(state, false).join("\n");

function names(driven: Driven): string[] {
  return driven.state.gifts.lines.map(({ name }) => name);
}

for (const size of [{ columns: 80, rows: 24 }, { columns: 120, rows: 40 }, { columns: 200, rows: 50 }]) {
  Deno.test(`At ${size.columns}×${size.rows} the gifts fit, whatever their names are`, async () => {
    const driven = await pressed(new Driven(sampleSnapshot(), size), "7", "z");
    for (const keys of [[], ["a"], ["end"], ["z"]]) {
      await pressed(driven, ...keys);
      const rows = frameRows(driven.state, false);
      assert.equal(rows.length, size.rows);
      for (const row of rows) assert.ok(textWidth(row) <= size.columns, row);
      assert.doesNotMatch(rows.join(""), /[\p{Cc}\u202e]/u);
    }
    await pressed(driven, "z", "home", "/", ..."rose".split(""));
    assert.match(shown(driven), /7 Gifts ━ 1 of 2 ━ most seen first ━ with those not seen yet ━ with “rose”/);
    assert.match(shown(driven), /gift +diamonds +seen +last seen/);
    assert.match(shown(driven), /▸ Rose +1 +1,234 +2023-11-1/);
    assert.match(shown(driven), / {2}Rose +5 +- +- /);
  });
}

Deno.test("The pane starts with the gifts that were seen, most seen first, and a adds those of the catalog", async () => {
  const driven = await pressed(new Driven(sampleSnapshot()), "7", "z");
  const seen = sampleGifts.filter(({ count }) => count > 0).length;
  assert.equal(driven.state.gifts.count, seen);
  assert.equal(names(driven)[0], "Rose");
  await pressed(driven, "o");
  assert.equal(names(driven)[0], "Rosa");
  assert.match(shown(driven), /highest price first/);
  await pressed(driven, "a");
  assert.equal(names(driven)[0], "Lion");
  assert.equal(driven.state.gifts.count, sampleGifts.length);
});

Deno.test("A search is shown as it is typed, and Esc shows all gifts again", async () => {
  const driven = await pressed(new Driven(sampleSnapshot()), "7", "/", ..."rosa".split(""));
  assert.deepEqual(names(driven), ["Rosa"]);
  await pressed(driven, "x");
  assert.match(shown(driven), /No gift has this text in its name\. Press Esc to show all\./);
  await pressed(driven, "enter", "esc");
  assert.equal(driven.state.gifts.text, "");
  assert.equal(names(driven)[0], "Rose");
});

Deno.test("Without a gift the pane says so, and how to see those of the catalog", () => {
  const driven = new Driven(sampleSnapshot()).press("7");
  const query = driven.take().flatMap((effect) => effect.kind === "query" ? [effect.query] : [])
    .find(({ kind }) => kind === "gifts");
  assert.ok(query !== undefined);
  driven.send({ kind: "answered", query, answer: { kind: "gifts", count: 0, lines: [] }, asked: 0 });
  assert.match(shown(driven), /No gift has been seen yet\. Press a to show the gifts of the catalog\./);
  driven.press("enter");
  assert.match(driven.state.status?.text ?? "", /There is no gift to try yet/);
});

Deno.test("Enter opens the form of a test event with the selected gift and its price", async () => {
  const driven = await pressed(new Driven(sampleSnapshot()), "7", "o");
  await pressed(driven, "home", "enter");
  assert.match(shown(driven), /gift Rosa {2,3}.?diamonds each 10/);
  driven.take();
  driven.press("enter");
  const [effect] = driven.take();
  assert.partialDeepStrictEqual(effect, {
    action: { event: { type: "GiftEvent", gift: { name: "Rosa", id: 8913, diamonds: null } } },
  });
});

Deno.test("Thousands of gifts are read by the page, and an answer for another search is not shown", () => {
  const driven = new Driven(sampleSnapshot()).press("7");
  const asked = () =>
    driven.take().flatMap(({ ...effect }) =>
      effect.kind === "query" && effect.query.kind === "gifts" ? [effect.query] : []
    );
  const lines = (first: number, limit: number): KnownGift[] =>
    Array.from(
      { length: limit },
      (_, index) => ({ ...sampleGifts[0]!, id: first + index, name: `gift ${first + index}` }),
    );
  const [first] = asked();
  const answer = ({ first, limit }: { first: number; limit: number }) =>
    ({ kind: "gifts", count: 5_000, lines: lines(first, limit) }) as const;
  driven.send({ kind: "answered", query: first!, answer: answer(first!), asked: 0 });
  assert.ok(first!.limit < 40);
  driven.press("end");
  const [last] = asked();
  assert.equal(last!.first, 5_000 - last!.limit);
  driven.send({ kind: "answered", query: last!, answer: answer(last!), asked: 0 });
  assert.match(shown(driven), /5,000 of 5,000/);
  assert.match(shown(driven), /▸ gift 4999/);
  driven.send({ kind: "answered", query: { ...last!, text: "old" }, answer: answer(first!), asked: 0 });
  assert.match(shown(driven), /▸ gift 4999/);
});

Deno.test("The gifts are read again from time to time while they are visible, and never unseen", () => {
  const snapshot = sampleSnapshot();
  const driven = new Driven(snapshot);
  const after = (ms: number) => {
    driven.take();
    driven.send({ kind: "snapshot", snapshot: { ...snapshot, takenMs: snapshot.takenMs + ms } });
    return driven.take().filter((effect) => effect.kind === "query" && effect.query.kind === "gifts").length;
  };
  assert.equal(after(60_000), 0);
  driven.press("7");
  assert.equal(after(62_000) + after(62_500), 1, "the first answer did not come");
  driven.press("4");
  assert.equal(after(90_000), 0);
});

Deno.test("g still goes to the top, of the gifts as well", () => {
  const { state } = new Driven(sampleSnapshot()).press("7");
  assert.equal(findBinding(state, "g")?.action, "top");
});
