import assert from "node:assert/strict";
import { allowance } from "../../src/runner/credits.ts";
import { Ledger } from "../../src/runner/ledger.ts";
import { Outbox } from "../../src/runner/outbox.ts";
import { ownPostMessage } from "../../src/runner/own_messages.ts";
import type { ServiceRequest } from "../../src/runner/protocol.ts";
import { FakeClock } from "../support/fake_clock.ts";

function open() {
  const sent: string[] = [];
  const outbox = new Outbox((text) => {
    const message = JSON.parse(text);
    sent.push(message.text ?? message.pane?.lines[0]?.label ?? message.requestId ?? message.kind);
  });
  const say = (text: string) => outbox.send({ kind: "log", level: "info", text });
  return { sent, outbox, say };
}

const totals: ServiceRequest = { kind: "totals", live: { source: null } };

Deno.test("Messages without credits wait in order until credits come back", () => {
  const { sent, outbox, say } = open();
  for (let i = 0; i < allowance.messages; i++) say(`line ${i}`);
  assert.equal(sent.length, allowance.messages);
  say("waits");
  outbox.send({ kind: "stopped" });
  outbox.send({ kind: "pong", heapBytes: 1 });
  assert.equal(sent.at(-1), "pong");
  outbox.take({ messages: 1, characters: 100 });
  assert.deepEqual(sent.slice(-2), ["waits", "stopped"]);
});

Deno.test("An answer costs no credits, however many there are", () => {
  const { sent, outbox } = open();
  for (let i = 0; i < 10_000; i++) {
    outbox.send({ kind: "ended", ends: [{ itemId: i, failure: null, emitted: [] }] });
  }
  assert.equal(sent.length, 10_000);
});

Deno.test("Only the last waiting pane of each title is shown", () => {
  const { sent, outbox, say } = open();
  for (let i = 0; i < allowance.messages; i++) say(`line ${i}`);
  for (let i = 0; i < 100_000; i++) outbox.show({ title: `pane ${i % 20}`, lines: [{ label: String(i) }] });
  outbox.take({ messages: 100, characters: 100_000 });
  assert.deepEqual(sent.slice(allowance.messages), Array.from({ length: 20 }, (_, i) => String(99_980 + i)));
});

Deno.test("A call throws when thousands are waiting, so that a loop of calls ends", () => {
  const { outbox } = open();
  let calls = 0;
  assert.throws(
    () => {
      for (;;) outbox.ask(++calls, totals);
    },
    /^Error: too many calls to state, live and emit are waiting \(over 2000, or 32 MB\): await each call$/,
  );
  assert.equal(calls, allowance.messages + 2_000 + 1);
});

Deno.test("A message that no credits could cover is refused, and blocks no other", () => {
  const { sent, outbox, say } = open();
  const value = "x".repeat(2_000_000);
  const live = { source: null };
  assert.throws(
    () => outbox.ask(1, { kind: "set_state", scope: "service", key: "k", value, live }),
    /the limit is 1200000/,
  );
  say("after it");
  assert.deepEqual(sent, ["after it"]);
});

Deno.test("In an abandoned worker every call throws", () => {
  const { outbox } = open();
  const ledger = new Ledger();
  outbox.useLedger(ledger);
  outbox.ask(1, totals);
  ledger.close();
  assert.throws(() => outbox.ask(2, totals), /this worker has been replaced/);
  assert.throws(() => outbox.show({ title: "x", lines: [] }), /this worker has been replaced/);
  assert.throws(() => outbox.assertOpen(), /this worker has been replaced/);
});

Deno.test("Text that a service posts directly is passed on, and a flood throws", () => {
  const clock = new FakeClock();
  const sent: string[] = [];
  const post = ownPostMessage({ clock, send: (text) => sent.push(text), assertOpen() {} });
  for (const data of [null, 5, new Map(), { kind: "ready" }, "a text"]) post(data);
  assert.deepEqual(sent, ["null", "null", "null", "null", "a text"]);
  assert.throws(
    () => {
      for (;;) post("again");
    },
    /^Error: postMessage: the service sent too much in one second, and Livecue ignores these messages anyway: use this\.log/,
  );
  assert.equal(sent.length, 100);
  clock.advance(1_000);
  post("x".repeat(1_000_000));
  assert.throws(() => post("x".repeat(1_000_000)), /sent too much in one second/);
});
