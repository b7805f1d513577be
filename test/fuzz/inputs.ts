/** Inputs that more than one target uses: hostile texts and values, and damaged files. */
import fc from "fast-check";

const pieces = [
  ...["\0", "\x07", "\x1b[2J", "\x1b]0;title\x07", "\x1b", "\x9b31m", "\r", "\n", "\r\n", "\t", "\x7f"],
  ...["\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u2028", "\ufffe", "\ud800", "\udc00", "\u{e0061}"],
  ...["👩‍👩‍👧‍👦", "👋🏽", "❤️‍🔥", "🇩🇪", "Z̷̢̛a̶̧͝", "क्षत्रिय", "กำลังใจ", "한국어", "محمد", "ｆｕｌｌ", "ﷺ", "ß", "İ"],
  ...["'", '"', "`", "\\", "/", "//", "/*", "*/", ";", "{", "}", "[", "]", "{user}", "{{", "$", "%s", "@a"],
  ...["<script>", "&amp;", "__proto__", "constructor", "toString", "null", "undefined", "NaN", "-0", "1e999"],
  ..."(?<=a)b|(a+)+$|[|*|{1000}|\\1|..|--|-|=|,|:|#|~|^|+|!".split("|"),
];

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...pieces) },
  { weight: 4, arbitrary: fc.string({ maxLength: 8 }) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code)) },
);

/** Of up to a dozen pieces; of 16 one is repeated up to some thousand times. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 15, arbitrary: fc.array(piece, { maxLength: 12 }).map((parts) => parts.join("")) },
  {
    weight: 1,
    arbitrary: fc.tuple(piece, fc.nat({ max: 4_000 })).map(([text, count]) => text.repeat(count)),
  },
);

export const hostileNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    -1,
    1,
    0.5,
    NaN,
    Infinity,
    -Infinity,
    2 ** 31,
    2 ** 53,
    -(2 ** 53),
    2 ** 63,
    8.64e15,
  ),
  fc.constantFrom(8.64e15 + 1, 1e300, 5e-324, 2 ** 32, 255, 256, 65_535, 65_536),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
);

/** Plain JSON values of any shape, with numbers that JSON can represent. */
export const hostileJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, false, "", [], {}),
    hostileText,
    hostileNumber.map((number) => Number.isFinite(number) ? number : 0),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(hostileText, tie("value"), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

/** As much of `fields` as chance leaves, each with its own values or with any at all. */
export function spoiltFields(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const spoilt = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      fc.oneof({ weight: 8, arbitrary: value }, { weight: 1, arbitrary: hostileJson }),
    ]),
  );
  return fc.oneof(
    { weight: 12, arbitrary: fc.record(spoilt, { requiredKeys: [], noNullPrototype: true }) },
    { weight: 1, arbitrary: hostileJson },
  );
}

/** Mostly with all of `fields` as they are: what is wrong elsewhere in a larger value is looked at then. */
export function mostlyRight(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.record(fields, { noNullPrototype: true }) },
    { weight: 1, arbitrary: spoiltFields(fields) },
  );
}

/** A change of a text or of bytes; `at` and `to` are places in it, from 0 to 1. */
export interface Edit<Part> {
  at: number;
  to: number;
  what: "cut" | "put" | "replace" | "repeat" | "move";
  part: Part;
}

const place = fc.double({ min: 0, max: 1, noNaN: true });

export function editsOf<Part>(part: fc.Arbitrary<Part>, maxLength = 8): fc.Arbitrary<Edit<Part>[]> {
  const edit = fc.record({
    at: place,
    to: place,
    what: fc.constantFrom("cut", "put", "replace", "repeat", "move"),
    part,
  }, { noNullPrototype: true });
  return fc.array(edit as fc.Arbitrary<Edit<Part>>, { maxLength });
}

/** Most changes are small, so that the rest of the input stays valid and is tested too. */
const maxSpan = 64;

export function editedText(text: string, edits: readonly Edit<string>[]): string {
  return edits.reduce((text, { at, to, what, part }) => {
    const start = Math.floor(at * text.length);
    const end = start + Math.floor(to * Math.min(maxSpan, text.length - start));
    const [before, within, after] = [text.slice(0, start), text.slice(start, end), text.slice(end)];
    switch (what) {
      case "cut":
        return before + after;
      case "put":
        return before + part + within + after;
      case "replace":
        return before + part + after;
      case "repeat":
        return before + within + within + after;
      case "move":
        return within + before + after;
    }
  }, text);
}

export function editedBytes(bytes: Uint8Array, edits: readonly Edit<Uint8Array>[]): Uint8Array<ArrayBuffer> {
  const none = new Uint8Array();
  return edits.reduce((bytes, { at, to, what, part }) => {
    const start = Math.floor(at * bytes.length);
    const end = start + Math.floor(to * Math.min(maxSpan, bytes.length - start));
    const within = bytes.slice(start, end);
    const parts: Record<Edit<Uint8Array>["what"], Uint8Array> = {
      cut: none,
      put: joined(part, within),
      replace: part,
      repeat: joined(within, within),
      // A length that stays: what else stands in it keeps its place.
      move: within.toReversed(),
    };
    return joined(bytes.subarray(0, start), parts[what], bytes.subarray(end));
  }, joined(bytes));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
