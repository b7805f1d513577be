import assert from "node:assert/strict";
import es from "../../../src/languages/es.json" with { type: "json" };
import { english, speak } from "../../../src/language.ts";
import { bindingsOf, findBinding, placeOf } from "../../../src/faces/tui/keys.ts";
import { screenActions } from "../../../src/screen_keys.ts";
import { characterName, keyName } from "../../../src/faces/tui/key_name.ts";
import { detailLines } from "../../../src/faces/tui/view/detail.ts";
import { logLines } from "../../../src/faces/tui/view/log.ts";
import { usualScreen } from "../../../src/screen_settings.ts";
import { footerLines } from "../../../src/faces/tui/view/footer.ts";
import { paneKeyLetters } from "../../../src/pane.ts";
import { sampleSnapshot } from "../../support/fake_control.ts";
import type { Key } from "ink";
import { Driven } from "./drive.ts";

const bindings = Object.values(screenActions);

const textOf = (lines: { text: string }[][]) =>
  lines.map((line) => line.map(({ text }) => text).join("")).join("\n");

Deno.test("No key means two things in one place", () => {
  const all = bindings.flatMap(({ keys, places }) =>
    places.flatMap((place) => keys.map((key) => `${place} ${key}`))
  );
  assert.deepEqual(all.filter((one, index) => all.indexOf(one) !== index), []);
});

Deno.test("The letters of services' panes mean nothing else where panes are shown", () => {
  const state = { ...new Driven(sampleSnapshot()).state, focus: "shown" as const };
  for (const letter of paneKeyLetters) assert.equal(findBinding(state, letter), undefined, letter);
});

Deno.test("Every key is in the help, with the reason if it does not work now", () => {
  const help = textOf(detailLines(new Driven(sampleSnapshot()).press("?").state));
  for (const { description } of bindings) assert.ok(help.includes(description), description);
  assert.match(help, /start a made-up live {2}\(A live is being captured/);
});

Deno.test("In every place, some key leads out", () => {
  const ways = [[], ["2"], ["3"], ["4"], ["enter"], ["2", "enter"], ["4", "enter"], ["?"], ["u"], ["t"], [
    "/",
  ]];
  for (const keys of ways) {
    const driven = new Driven(sampleSnapshot()).press(...keys);
    const place = placeOf(driven.state);
    const out = bindingsOf(driven.state).filter(({ places, action }) =>
      places.includes(place) && ["quit", "interrupt", "back", "cancel", "no"].includes(action)
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

Deno.test("A key of the config works in place of the usual one, and is shown wherever the key is named", () => {
  const keys = { zoom: ["f5"], pause: ["F"], help: ["f1"], yes: ["j"], back: ["f9"] } as const;
  const driven = new Driven(sampleSnapshot({ settings: { ...usualScreen, keys } }), {
    columns: 80,
    rows: 24,
  });
  assert.match(textOf(footerLines(driven.state)), /F1 help/);
  assert.equal(driven.press("z").state.isZoomed, false);
  assert.equal(driven.press("f5").state.isZoomed, true);
  driven.press("f5", "2").take();
  driven.press("F");
  assert.deepEqual(driven.take(), [{
    kind: "dispatch",
    action: { kind: "pause", slug: "dino_chrome" },
  }]);
  assert.match(textOf(detailLines(driven.press("f1").state)), / F +pause or resume the service/);
  driven.press("esc", "e");
  assert.match(textOf(footerLines(driven.state)), /will be discarded\. j\/n\n.* j yes/);
  driven.press("n", "4", "/", "x", "x", "enter");
  assert.match(textOf(logLines(driven.state)), /Press F9 to show all/);
});

Deno.test("A key with a character types it in a text, whatever the key does elsewhere", () => {
  const keys = { help: ["f1"], up: ["K", "up"] } as const;
  const driven = new Driven(sampleSnapshot({ settings: { ...usualScreen, keys } })).press("/", "K", "?", " ");
  assert.match(textOf(footerLines(driven.state)), /K\? ▏/);
});

Deno.test("In the help, what is typed filters keys and texts; Esc shows all again, and then goes back", () => {
  const driven = new Driven(sampleSnapshot(), { columns: 80, rows: 24 }).press("2", "?", ..."qUeue");
  const lines = () => textOf(detailLines(driven.state));
  assert.match(lines(), /Search: qUeue▏/);
  assert.match(lines(), / p +pause or resume the service; its queue keeps filling/);
  assert.doesNotMatch(lines(), /next pane/);
  assert.match(textOf(footerLines(driven.state)), / Esc back /);
  // By the key's name.
  driven.press("ctrl-u", ..."pgdn");
  assert.match(lines(), /PgDn Ctrl-F Space +a page down/);
  driven.press("backspace", "backspace", "x");
  assert.match(lines(), /No key has this in its name or its text/);
  driven.press("esc");
  assert.match(lines(), /next pane/);
  assert.equal(driven.press("esc").state.views.length, 1);
});

Deno.test("Many keys of an action are in several rows of the help, none of them cut", () => {
  const keys = { page_down: ["backspace", "shift-tab", "pagedown", "delete"] } as const;
  const driven = new Driven(sampleSnapshot({ settings: { ...usualScreen, keys } }), {
    columns: 80,
    rows: 24,
  });
  const lines = textOf(detailLines(driven.press("?", ..."page down").state));
  assert.match(lines, /Backspace Shift-Tab +a page down.*\n +PgDn Delete/);
});

Deno.test("In a window that is too small the key that is named quits, whatever was open, and no other key acts", () => {
  const small = { columns: 60, rows: 10 };
  for (const keys of [[], ["t"], ["2", "e"], ["/", "x"], ["enter"]]) {
    const driven = new Driven(sampleSnapshot()).press(...keys).send({ kind: "resized", size: small });
    driven.take();
    driven.press("y", "p", "enter", "2", "e", "y");
    assert.deepEqual(driven.take().filter(({ kind }) => kind === "dispatch"), [], keys.join(" "));
    driven.press("q");
    assert.deepEqual(driven.take(), [{ kind: "dispatch", action: { kind: "quit" } }], keys.join(" "));
  }
});

Deno.test("In Spanish the lowest row fits at 80 columns, with the keys for help and to quit", () => {
  speak({ tag: "es", catalogue: es });
  try {
    for (const keys of [[], ["2"], ["4"], ["enter"], ["?"], ["t"]]) {
      const driven = new Driven(sampleSnapshot(), { columns: 80, rows: 24 }).press(...keys);
      const last = textOf(footerLines(driven.state).slice(-1));
      assert.ok(last.length <= 80, last);
      if (keys.length < 1 || /^[24]/.test(keys[0] ?? "")) assert.match(last, /\? ayuda {2}q salir $/);
      // It is another word than that of the column of completed items.
      if (keys[0] === "t") assert.match(last, /Enter aceptar {2}Esc cancelar/);
    }
  } finally {
    speak(english);
  }
});
