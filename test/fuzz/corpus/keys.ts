const longWord = "\u0915\u094d\u0937\u0924\u094d\u0930\u093f\u092f".repeat(4_000);

export const past = [
  /** A long message in a banner: each of its lines was found by measuring all that was left of the text. */
  [
    { kind: "snapshot", which: 2, text: longWord, number: 0 },
    ...[81, 82, 83, 84].map((columns) => ({ kind: "size", columns, rows: 24 })),
  ],
];
