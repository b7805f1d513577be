/** An outlet whose reader reads late, in parts or not at all, or has exited. */
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type ByteStream, Outlet, type OutletOptions } from "../../src/log/outlet.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Takes a write only when the test reads. */
class SlowReader implements ByteStream {
  text = "";
  #reads: (() => void)[] = [];

  async write(bytes: Uint8Array): Promise<number> {
    await new Promise<void>((resolve) => this.#reads.push(resolve));
    this.text += new TextDecoder().decode(bytes);
    return bytes.length;
  }

  /** Reads until nothing more arrives. */
  async readAll(): Promise<void> {
    await nextTurn();
    for (let read = this.#reads.shift(); read !== undefined; read = this.#reads.shift()) {
      read();
      await nextTurn();
    }
  }
}

function makeOutlet(more: Partial<OutletOptions> = {}): { outlet: Outlet; clock: FakeClock; told: string[] } {
  const clock = new FakeClock();
  const told: string[] = [];
  const outlet = new Outlet({
    clock,
    missing: (count) => `(${count} missing)\n`,
    onTrouble: (error) => told.push(error?.message ?? "stuck"),
    onRecovered: () => told.push("recovered"),
    ...more,
  });
  return { outlet, clock, told };
}

Deno.test("Text that a reader does not take is bounded and counted, and a note replaces it when the reader reads again", async () => {
  const { outlet } = makeOutlet({ maxWaiting: 100 });
  const reader = new SlowReader();
  for (let line = 1; line <= 50; line++) outlet.add(reader, `line ${String(line).padStart(3, "0")}\n`);
  await reader.readAll();
  outlet.add(reader, "line 051\n");
  await reader.readAll();
  const lines = reader.text.trimEnd().split("\n");
  assert.deepEqual(lines.slice(0, 2), ["line 001", "line 002"]);
  assert.equal(lines.at(-1), "line 051");
  const shown = lines.filter((line) => line.startsWith("line")).length;
  assert.ok(shown < 20, `${shown} of 51 lines waited`);
  assert.equal(lines.at(-2), `(${51 - shown} missing)`);
  await outlet.stop();
});

Deno.test("Urgent texts have room when others have none", async () => {
  const { outlet } = makeOutlet({ maxWaiting: 20 });
  const reader = new SlowReader();
  for (let line = 1; line <= 5; line++) outlet.add(reader, `line ${line}\n`);
  outlet.add(reader, "careful\n", { isUrgent: true });
  await reader.readAll();
  assert.match(reader.text, /^line 1\nline 2\n\(3 missing\)\ncareful\n$/);
  await outlet.stop();
});

Deno.test("A reader that never reads delays a stop only up to the limit, and leaves nothing behind", async () => {
  const { outlet, clock } = makeOutlet();
  outlet.add(new SlowReader(), "a line\n");
  await nextTurn();
  const stopped = outlet.stop(2_000);
  clock.advance(2_000);
  await stopped;
  assert.equal(clock.timerCount, 0);
});

Deno.test("A write that hangs is reported once, and so is its recovery", async () => {
  const { outlet, clock, told } = makeOutlet();
  const reader = new SlowReader();
  outlet.add(reader, "one\n");
  await nextTurn();
  clock.advance(60_000);
  outlet.add(reader, "two\n");
  await reader.readAll();
  assert.deepEqual(told, ["stuck", "recovered"]);
  assert.equal(reader.text, "one\ntwo\n");
  await outlet.stop();
});

Deno.test("A non-blocking stream gets every byte once there is room", async () => {
  const { outlet, clock } = makeOutlet();
  let refusals = 3;
  let text = "";
  const narrow: ByteStream = {
    write(bytes) {
      if (refusals-- > 0) return Promise.reject(new Deno.errors.WouldBlock("full"));
      refusals = 1;
      const taken = bytes.subarray(0, 10);
      text += new TextDecoder().decode(taken);
      return Promise.resolve(taken.length);
    },
  };
  outlet.add(narrow, "one line of some length\n");
  outlet.add(narrow, "and another\n");
  for (let turn = 0; turn < 40; turn++) {
    await nextTurn();
    clock.advance(5);
  }
  assert.equal(text, "one line of some length\nand another\n");
  await outlet.stop();
});

Deno.test("When failed writes are retried, all queued text is written, in order", async () => {
  const { outlet, clock, told } = makeOutlet({ retryMs: 1_000 });
  let isGone = true;
  let text = "";
  const file: ByteStream = {
    write(bytes) {
      if (isGone) return Promise.reject(new Error("no such folder"));
      text += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
  };
  for (const line of ["one\n", "two\n", "three\n"]) {
    outlet.add(file, line);
    await nextTurn();
    clock.advance(1_000);
  }
  isGone = false;
  for (let turn = 0; turn < 5; turn++) {
    clock.advance(1_000);
    await nextTurn();
  }
  assert.equal(text, "one\ntwo\nthree\n");
  assert.deepEqual(told, ["no such folder", "recovered"]);
  await outlet.stop();
});

Deno.test("Texts that come close together are one write, which a stop does not wait for", async () => {
  const { outlet, clock } = makeOutlet({ gatherMs: 100 });
  const written: string[] = [];
  const stream: ByteStream = {
    write(bytes) {
      written.push(new TextDecoder().decode(bytes));
      return Promise.resolve(bytes.length);
    },
  };
  for (let line = 1; line <= 3; line++) {
    outlet.add(stream, `line ${line}\n`);
    clock.advance(30);
    await nextTurn();
  }
  assert.deepEqual(written, []);
  clock.advance(10);
  await nextTurn();
  assert.deepEqual(written, ["line 1\nline 2\nline 3\n"]);
  outlet.add(stream, "line 4\n");
  await outlet.stop();
  assert.deepEqual(written.slice(1), ["line 4\n"]);
});
