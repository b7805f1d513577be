import assert from "node:assert/strict";
import { findBinding, keyBindings, placeOf } from "../../../src/faces/tui/keys.ts";
import { characterName, keyName } from "../../../src/faces/tui/key_name.ts";
import { detailLines } from "../../../src/faces/tui/view/detail.ts";
import { footerLines } from "../../../src/faces/tui/view/footer.ts";
import { paneKeyLetters } from "../../../src/pane.ts";
import { sampleSnapshot } from "../../support/fake_control.ts";
import type { Key } from "ink";
import { Driven } from "./drive.ts";

const textOf = (lines: { text: string }[][]) =>
  lines.map((line) => line.map(({ text }) => text).join("")).join("\n");

Deno.test("No key means two things in one place", () => {
  const all = keyBindings.flatMap(({ keys, places }) =>
    places.flatMap((place) => keys.map((key) => `${place} ${key}`))
  );
  assert.deepEqual(all.filter((one, index) => all.indexOf(one) !== index), []);
});

Deno.test("The letters of services' panes mean nothing else where panes are shown", () => {
  for (const letter of paneKeyLetters) assert.equal(findBinding(letter, "shown"), undefined, letter);
});

Deno.test("Every key is in the help, with the reason if it does not work now", () => {
  const help = textOf(detailLines(new Driven(sampleSnapshot()).press("?").state));
  for (const { description } of keyBindings) assert.ok(help.includes(description), description);
  assert.match(help, /start a made-up live {2}\(A live is being captured/);
});

Deno.test("In every place, some key leads out", () => {
  const ways = [[], ["2"], ["3"], ["4"], ["enter"], ["2", "enter"], ["4", "enter"], ["?"], ["u"], ["t"], [
    "/",
  ]];
  for (const keys of ways) {
    const driven = new Driven(sampleSnapshot()).press(...keys);
    const place = placeOf(driven.state);
    const out = keyBindings.filter(({ places, action }) =>
      places.includes(place) && ["quit", "back", "cancel", "no"].includes(action)
    );
    assert.ok(out.length >= 2, place);
  }
});

Deno.test("The footer names keys that work, and always the help key", () => {
  const footer = textOf(footerLines(new Driven(sampleSnapshot(), { columns: 80, rows: 24 }).state));
  assert.match(footer, /Enter open/);
  assert.match(footer, /\? help {2}q quit/);
  assert.doesNotMatch(footer, /demo/);
});

Deno.test("Ctrl with a letter is not that letter", () => {
  assert.equal(keyName("p", { ctrl: true } as Key), "ctrl-p");
  assert.equal(keyName("p", {} as Key), "p");
  assert.equal(keyName("", { tab: true, shift: true } as Key), "shift-tab");
  assert.equal(characterName("\r"), "enter");
});
