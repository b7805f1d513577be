import assert from "node:assert/strict";
import fc from "fast-check";
import { type LinkBreak, NumberedLink } from "../../src/hosts/link.ts";
import { FakeClock } from "../support/fake_clock.ts";

interface Faults {
  /** Each n-th frame is lost; 0: none. */
  dropEach: number;
  /** Each n-th frame comes twice; 0: none. */
  doubleEach: number;
  /** Frames come up to this much late, and so in another order. */
  lateMs: number;
}

const none: Faults = { dropEach: 0, doubleEach: 0, lateMs: 0 };

/** One side of a link, with all that it has seen. */
class Side {
  readonly received: string[] = [];
  readonly link: NumberedLink;
  breaks: LinkBreak[] = [];
  silences = 0;
  losses = 0;
  interruptedMs = 0;

  constructor(clock: FakeClock) {
    this.link = new NumberedLink({
      clock,
      patienceSeconds: 8,
      onMessage: (text) => this.received.push(text),
      onSilence: () => this.silences++,
      onInterrupted: (forMs) => this.interruptedMs += forMs,
      onLost: () => {
        this.losses++;
        this.link.close();
      },
      onBroken: (why) => {
        this.breaks.push(why);
        this.link.close();
      },
    });
  }
}

class TwoSides {
  readonly clock = new FakeClock();
  readonly one = new Side(this.clock);
  readonly other = new Side(this.clock);
  faults = none;
  frames: string[] = [];
  #random: () => number;
  #connection = 0;

  constructor(seed = 1) {
    let state = seed;
    this.#random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  }

  connect(): void {
    const connection = ++this.#connection;
    const [ofOne, ofOther] = [this.one.link.received, this.other.link.received];
    this.one.link.attach({ send: this.#way(this.other, connection) }, ofOther);
    this.other.link.attach({ send: this.#way(this.one, connection) }, ofOne);
  }

  cut(): void {
    this.#connection++;
    this.one.link.detach();
    this.other.link.detach();
  }

  /** Time passes, with turns of the event loop. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 10) {
      await Promise.resolve();
      this.clock.advance(10);
    }
    await Promise.resolve();
  }

  close(): void {
    this.one.link.close();
    this.other.link.close();
  }

  #way(to: Side, connection: number): (frame: string) => void {
    let count = 0;
    return (frame) => {
      this.frames.push(frame);
      count++;
      const { dropEach, doubleEach, lateMs } = this.faults;
      if (dropEach > 0 && count % dropEach === 0) return;
      const copies = doubleEach > 0 && count % doubleEach === 0 ? 2 : 1;
      for (let i = 0; i < copies; i++) {
        this.clock.after(this.#random() * lateMs, () => {
          if (this.#connection === connection) to.link.receive(frame);
        });
      }
    };
  }
}

const numbered = (count: number, from = 1) => Array.from({ length: count }, (_, index) => `m${from + index}`);

Deno.test("A link brings messages to the other side in order, those of one turn in one frame", async () => {
  const two = new TwoSides();
  two.connect();
  for (const text of ["one\n", "", "dos ñ 😀", '{"kind":"x"}']) two.one.link.post(text);
  await two.pass(10);
  assert.deepEqual(two.other.received, ["one\n", "", "dos ñ 😀", '{"kind":"x"}']);
  assert.equal(two.frames.length, 1);
  await two.pass(100);
  assert.ok(two.one.link.isDrained);
  two.close();
  assert.equal(two.clock.timerCount, 0);
});

Deno.test("Frames that are lost, doubled or late neither lose nor repeat nor reorder a message", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        seed: fc.integer({ min: 1, max: 1_000_000 }),
        dropEach: fc.constantFrom(0, 2, 3, 7),
        doubleEach: fc.constantFrom(0, 1, 3, 5),
        lateMs: fc.constantFrom(0, 15, 80, 700),
        cutEach: fc.constantFrom(0, 3, 10),
      }),
      async ({ seed, cutEach, ...faults }) => {
        const two = new TwoSides(seed);
        two.faults = faults;
        two.connect();
        for (let round = 0; round < 40; round++) {
          for (const text of numbered(7, round * 7 + 1)) two.one.link.post(text);
          for (const text of numbered(3, round * 3 + 1)) two.other.link.post(text);
          await two.pass(30);
          if (cutEach === 0 || round % cutEach !== cutEach - 1) continue;
          two.cut();
          await two.pass(50);
          two.connect();
        }
        await two.pass(20_000);
        assert.deepEqual(two.other.received, numbered(280));
        assert.deepEqual(two.one.received, numbered(120));
        assert.deepEqual([two.one.breaks, two.other.breaks, two.one.losses], [[], [], 0]);
        assert.ok(two.one.link.isDrained && two.other.link.isDrained);
        two.close();
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("Messages posted without a connection wait for one", async () => {
  const two = new TwoSides();
  two.one.link.post("early");
  assert.ok(two.one.link.isInterrupted);
  await two.pass(3_000);
  two.connect();
  await two.pass(10);
  assert.deepEqual(two.other.received, ["early"]);
  two.close();
});

Deno.test("A link with nothing to say is neither silent nor interrupted", async () => {
  const two = new TwoSides();
  two.connect();
  await two.pass(60_000);
  assert.deepEqual([two.one.silences, two.one.losses, two.one.interruptedMs], [0, 0, 0]);
  two.close();
});

Deno.test("A connection through which nothing comes is reported, and a side that stays unheard is lost", async () => {
  const two = new TwoSides();
  two.connect();
  two.faults = { ...none, dropEach: 1 };
  await two.pass(2_900);
  assert.equal(two.one.silences, 0);
  await two.pass(200);
  assert.ok(two.one.silences >= 1);
  assert.ok(two.one.link.isInterrupted);
  assert.equal(two.one.losses, 0);
  two.cut();
  await two.pass(5_000);
  assert.equal(two.one.losses, 1);
  assert.ok(two.one.interruptedMs >= 6_000);
  two.close();
});

Deno.test("Time in which this thread itself stood still does not lose the other side", async () => {
  const two = new TwoSides();
  two.connect();
  await two.pass(1_000);
  two.clock.stall(60_000);
  await two.pass(5_000);
  assert.deepEqual([two.one.losses, two.one.silences], [0, 0]);
  two.close();
});

Deno.test("A link breaks at data that is no frame, and at numbers that cannot be", () => {
  const frames = [
    null,
    new Uint8Array(3),
    "",
    "{}",
    "1 0 -",
    "1 0 - 5\nab",
    "1 0 - 1\nab",
    "-1 0 - \n",
    "1 0 x \n",
    "1 0 - 1,\na",
    `1 0 - ${"1,".repeat(5000)}1\na`,
    "9999999999999999 0 - \n",
    "1 5 - \n",
  ];
  for (const frame of frames) {
    const two = new TwoSides();
    two.connect();
    two.one.link.receive(frame);
    assert.equal(two.one.breaks.length, 1, String(frame));
    two.close();
  }
});

Deno.test("A link breaks when the other side acknowledges nothing and too much waits", () => {
  const two = new TwoSides();
  const large = "x".repeat(4 * 1024 * 1024);
  for (let i = 0; i < 16; i++) two.one.link.post(large);
  assert.deepEqual(two.one.breaks, []);
  two.one.link.post("one more");
  assert.deepEqual(two.one.breaks, ["too much unacknowledged"]);
  two.close();
});

Deno.test("Much that waits is sent in pieces, as the other side acknowledges", async () => {
  const two = new TwoSides();
  two.connect();
  const texts = Array.from({ length: 64 }, (_, index) => `${index} ${"x".repeat(100_000)}`);
  for (const text of texts) two.one.link.post(text);
  await Promise.resolve();
  const sent = two.frames.reduce((sum, { length }) => sum + length, 0);
  assert.ok(sent < 1_500_000, `${sent}`);
  await two.pass(1_000);
  assert.deepEqual(two.other.received, texts);
  two.close();
});
