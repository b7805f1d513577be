import assert from "node:assert/strict";
import { ReadingLine } from "../../src/capture/reading_line.ts";
import type { SentReading, SourceItem } from "../../src/source.ts";
import { FakeClock } from "../support/fake_clock.ts";

function readings(count: number, from = 0): SentReading[] {
  return Array.from(
    { length: count },
    (_, index) => ({ channel: "tank", at: from + index, value: index % 5 }),
  );
}

Deno.test("A full line makes its source wait until half of it was pulled, and sheds nothing", async () => {
  const line = new ReadingLine(new FakeClock());
  line.add(readings(19_999));
  assert.equal(line.whenRoom(), null);
  line.add(readings(1, 19_999));
  let hasRoom = false;
  const room = line.whenRoom()?.then(() => hasRoom = true);
  const items = line.items();
  let count = 0;
  while (count < 20_000) {
    const { value } = await items.next() as { value: SourceItem };
    if (value.kind !== "readings") continue;
    if (count < 9_000) assert.equal(hasRoom, false);
    for (const { at } of value.batch.readings) assert.equal(at, count++);
  }
  await room;
  line.close();
  assert.equal((await items.next()).done, true);
});

Deno.test("Readings that come within a tenth of a second are pulled together, and other items keep their place", async () => {
  const clock = new FakeClock();
  const line = new ReadingLine(clock);
  line.add(readings(2));
  clock.advance(99);
  line.add(readings(1, 2));
  clock.advance(1);
  line.add(readings(1, 3));
  line.push({ kind: "notice", text: "between" });
  line.add(readings(1, 4));
  line.close();
  const sizes: (number | string)[] = [];
  for await (const item of line.items()) {
    sizes.push(item.kind === "readings" ? item.batch.readings.length : item.kind);
  }
  assert.deepEqual(sizes, [3, 1, "notice", 1]);
  assert.equal(clock.timerCount, 0);
});

Deno.test("The last reading of a channel again is no reading; another time or value is", async () => {
  const line = new ReadingLine(new FakeClock());
  const tank = { channel: "tank", at: 1, value: 5 };
  line.add([tank, tank, { ...tank, channel: "other" }, { ...tank, value: 6 }, tank, { ...tank, at: 2 }]);
  line.close();
  const [item] = await Array.fromAsync(line.items());
  assert.equal(item?.kind === "readings" && item.batch.readings.length, 5);
});

Deno.test("Readings whose sender waits are pulled within 50 ms or ten at a time, and each sender hears when its own are stored", async () => {
  const clock = new FakeClock();
  const line = new ReadingLine(clock);
  const heard: string[] = [];
  line.add(readings(2), () => heard.push("two"));
  line.add(readings(1, 2), () => heard.push("one"));
  clock.advance(50);
  line.add(readings(1_500, 3), () => heard.push("many"));
  line.add(readings(1_500, 3).slice(-1), () => heard.push("nothing new"));
  line.close();
  const batches = (await Array.fromAsync(line.items())).flatMap((item) =>
    item.kind === "readings" ? item.batch : []
  );
  assert.deepEqual(batches.map(({ readings }) => readings.length), [3, 1_000, 500]);
  assert.deepEqual(heard.splice(0), ["nothing new"]);
  const told = batches.map(({ committed }) => {
    committed?.();
    return heard.splice(0);
  });
  assert.deepEqual(told, [["two", "one"], [], ["many"]]);
});

Deno.test("Ten messages whose sender waits are pulled at once", async () => {
  const line = new ReadingLine(new FakeClock());
  for (let index = 0; index < 25; index++) line.add(readings(1, index), () => {});
  line.close();
  const items = await Array.fromAsync(line.items());
  assert.deepEqual(items.map((item) => item.kind === "readings" && item.batch.readings.length), [10, 10, 5]);
});
