import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { LongMessages } from "../../src/capture/long_messages.ts";

const maxBytes = 300;
const hopelessBytes = 200_000;

interface Message {
  /** Of its frames. */
  lengths: number[];
  letter: number;
}

function frame(opcode: number, isLast: boolean, content: Uint8Array): Uint8Array {
  const { length } = content;
  const head = length < 126
    ? Buffer.from([length])
    : length < 65_536
    ? Buffer.from([126, length >> 8, length & 255])
    : Buffer.concat([
      Buffer.from([127]),
      Buffer.alloc(4),
      Buffer.from(Uint32Array.of(length).buffer).reverse(),
    ]);
  return Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | opcode]), head, content]);
}

/** Between its frames there is a ping each. */
function bytesOf({ lengths, letter }: Message): Uint8Array {
  const ping = frame(9, true, Buffer.from("ping"));
  return Buffer.concat(lengths.flatMap((length, index) => {
    const isLast = index === lengths.length - 1;
    const one = frame(index === 0 ? 2 : 0, isLast, new Uint8Array(length).fill(letter));
    return isLast ? [one] : [one, ping];
  }));
}

/** The contents of the messages in the bytes, as a peer reads them; throws where they are not well-formed. */
function read(bytes: Uint8Array): { messages: string[]; pings: number } {
  const messages: string[] = [];
  let pings = 0;
  let open: string | null = null;
  for (let at = 0; at < bytes.length;) {
    const [first = 0, short = 0] = bytes.subarray(at, at + 2);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const [size, length] = short < 126
      ? [2, short]
      : short === 126
      ? [4, view.getUint16(at + 2)]
      : [10, Number(view.getBigUint64(at + 2))];
    const content = bytes.subarray(at + size, at + size + length);
    assert.equal(content.length, length);
    const text = new TextDecoder().decode(content);
    const opcode = first & 15;
    if (opcode === 9) pings++;
    else {
      assert.equal(opcode === 0, open !== null, "only a message that is open goes on");
      open = (open ?? "") + text;
      if ((first & 0x80) !== 0) {
        messages.push(open);
        open = null;
      }
    }
    at += size + length;
  }
  return { messages, pings };
}

const message: fc.Arbitrary<Message> = fc.record({
  lengths: fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 4 }),
  letter: fc.integer({ min: 97, max: 122 }),
});

Deno.test("Messages that are too long are left out, all others come whole, however the bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(message), fc.array(fc.integer({ min: 1, max: 50 })), (messages, cuts) => {
      const leftOut: number[] = [];
      const long = new LongMessages({ maxBytes, hopelessBytes, onSkipped: (bytes) => leftOut.push(bytes) });
      let rest: Uint8Array = Buffer.concat(messages.map(bytesOf));
      const passed: Uint8Array[] = [];
      for (const cut of [...cuts, rest.length]) {
        passed.push(...long.pass(rest.subarray(0, cut)));
        rest = rest.subarray(cut);
      }
      const total = ({ lengths }: Message) => lengths.reduce((sum, length) => sum + length, 0);
      const { messages: texts, pings } = read(Buffer.concat(passed));
      assert.equal(leftOut.length, messages.filter((each) => total(each) > maxBytes).length);
      const whole = messages.filter((each) => total(each) <= maxBytes)
        .map((each) => String.fromCharCode(each.letter).repeat(total(each)));
      // Of a long one in parts the first ones had been let through: it comes cut off, and is no longer than allowed.
      let next = 0;
      for (const text of texts) if (text === whole[next]) next++;
      assert.equal(next, whole.length);
      assert.ok(texts.every((text) => text.length <= maxBytes));
      assert.equal(pings, messages.reduce((sum, { lengths }) => sum + lengths.length - 1, 0));
    }),
  );
});

Deno.test("A message too long for any is given to the library, which ends the connection", () => {
  const long = new LongMessages({ maxBytes, hopelessBytes, onSkipped: () => assert.fail() });
  const head = Buffer.from([0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
  assert.deepEqual(Buffer.concat(long.pass(head)), head);
});

Deno.test("Bytes without a long message are passed on as they came, uncopied", () => {
  const long = new LongMessages({ maxBytes, hopelessBytes, onSkipped: () => assert.fail() });
  const chunk = Buffer.concat([
    bytesOf({ lengths: [10, 20], letter: 97 }),
    bytesOf({ lengths: [300], letter: 98 }),
  ]);
  const [passed] = long.pass(chunk);
  assert.equal(passed?.buffer, chunk.buffer);
  assert.equal(passed?.length, chunk.length);
});
