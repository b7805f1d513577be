import assert from "node:assert/strict";
import type { Pane } from "../../src/pane.ts";
import { paneMistake } from "../../src/runner/checked_message.ts";
import { ShownPanes } from "../../src/runner/shown_panes.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { heardLog } from "../support/heard_log.ts";
import { startRunner } from "../support/runner_under_test.ts";

function makePanes() {
  const clock = new FakeClock();
  const log = heardLog();
  const shown: Pane[] = [];
  const troubles: (string | null)[] = [];
  const screen = {
    show: (pane: Pane) => void shown.push(pane),
    trouble: (text: string | null) => void troubles.push(text),
  };
  const panes = new ShownPanes({ clock, log, screen });
  const receive = (title: string, value: string) =>
    panes.receive({ kind: "show", pane: { title, lines: [{ label: "spins", value }] } });
  const values = () => shown.map(({ title, lines }) => `${title} ${lines[0]?.value ?? "gone"}`);
  return { clock, log, shown, troubles, panes, receive, values };
}

Deno.test("A pane that changes often is shown ten times per second, and its last state always", () => {
  const { clock, receive, values } = makePanes();
  receive("Wheel", "0");
  assert.deepEqual(values(), ["Wheel 0"]);
  for (let i = 1; i <= 1000; i++) {
    receive("Wheel", String(i));
    clock.advance(1);
  }
  assert.equal(values().length, 11);
  clock.advance(100);
  assert.equal(values().at(-1), "Wheel 1000");
  assert.equal(clock.timerCount, 0);
});

Deno.test("A service's panes are removed with its worker", () => {
  const { clock, panes, receive, values } = makePanes();
  receive("Wheel", "1");
  receive("Hat", "1");
  panes.close();
  assert.deepEqual(values(), ["Wheel 1", "Wheel gone", "Hat gone"]);
  assert.equal(clock.timerCount, 0);
});

Deno.test("A pane without lines is removed, and makes room", () => {
  const { clock, log, panes, receive, values } = makePanes();
  for (let i = 1; i <= 21; i++) {
    receive(`Pane ${i}`, "here");
    clock.advance(100);
  }
  assert.equal(values().length, 20);
  assert.match(log.entries[0]?.text ?? "", /over 20 panes/);
  panes.receive({ kind: "show", pane: { title: "Pane 1", lines: [] } });
  clock.advance(100);
  receive("Pane 21", "here");
  assert.deepEqual(values().slice(-2), ["Pane 1 gone", "Pane 21 here"]);
});

Deno.test("A pane's text cannot control the terminal, and its bar is at most full", () => {
  const { panes, shown } = makePanes();
  const pane = { title: "Wh\x1b[31meel", lines: [{ label: "a\nb", value: "c\x07", part: 7 }] };
  panes.receive({ kind: "show", pane });
  assert.deepEqual(shown, [{ title: "Wheel", lines: [{ label: "a b", value: "c", part: 1 }] }]);
});

Deno.test("A pane with too many lines is refused with the limit", () => {
  const lines = Array.from({ length: 1000 }, (_, index) => ({ label: `line ${index}` }));
  const said = /^showed the pane "Big" with over 50 lines: show fewer$/;
  assert.match(paneMistake({ title: "Big", lines }) ?? "", said);
  assert.equal(paneMistake({ title: "Big", lines: lines.slice(0, 50) }), null);
});

Deno.test("A pane's keys are letters that the screen leaves free, each with what it does", () => {
  const mistakeOf = (...keys: unknown[]) => paneMistake({ title: "Wheel", lines: [], keys });
  assert.equal(mistakeOf({ key: "s", does: "spin" }, { key: "m", does: "mute" }), null);
  assert.match(
    mistakeOf({ key: "q", does: "spin" }) ?? "",
    /the key "q", which has a different meaning: use one/,
  );
  for (const wrong of [{ key: "s" }, { key: "ss", does: "spin" }, { key: "s", does: " " }, null, "s"]) {
    assert.match(mistakeOf(wrong) ?? "", /with keys that are not up to 5 of \{ key: letter, does: text \}/);
  }
  assert.notEqual(mistakeOf(...Array(6).fill({ key: "s", does: "spin" })), null);
});

Deno.test("A service is told of the keys of its panes, also when it throws, as long as it runs", async () => {
  await using tested = await startRunner("speaker");
  await tested.feed.say(1, "show_keys sp\x07in");
  assert.deepEqual(tested.feed.panes.at(-1)?.keys, [{ key: "s", does: "spin" }]);
  assert.equal(tested.runner.press({ pane: "Wheel", key: "x" }), true);
  assert.equal(tested.runner.press({ pane: "Wheel", key: "s" }), true);
  assert.match((await tested.log.heard(/onKeyPressed/)).text, /Error: no such key/);
  await tested.log.heard(/^s of Wheel$/);
  await tested.runner.stop({ graceMs: 0 });
  assert.equal(tested.runner.press({ pane: "Wheel", key: "s" }), false);
});

Deno.test("A service shows a pane, and an invalid pane throws in the call", async () => {
  await using tested = await startRunner("speaker");
  await tested.feed.say(1, "show 5");
  assert.deepEqual(tested.feed.panes, [{ title: "Wheel", lines: [{ label: "spins", value: "5" }] }]);
  const wrong = await tested.feed.say(2, "show_wrong");
  assert.match(
    wrong.kind === "failed" ? wrong.error : wrong.kind,
    /^TypeError: the service showed a pane whose title is not a string of 1 to 40 characters/,
  );
  await tested.runner.stop({ graceMs: 0 });
  assert.deepEqual(tested.feed.panes.at(-1), { title: "Wheel", lines: [] });
});

Deno.test("A trouble holds until it is over or the worker ends; the log has it once", () => {
  const { panes, troubles, log } = makePanes();
  const tell = (text: string | null) => panes.receive({ kind: "trouble", text });
  for (const text of ["The port is taken.", "The port is taken.", null, "Still\x1b[31m taken."]) tell(text);
  panes.close();
  panes.close();
  assert.deepEqual(troubles, ["The port is taken.", null, "Still taken.", null]);
  assert.deepEqual(log.entries.map(({ level, text }) => `${level}: ${text}`), [
    "error: The port is taken.",
    "info: the trouble is over",
    "error: Still taken.",
  ]);
});
