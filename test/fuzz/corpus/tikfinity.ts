export const past = [
  /** A name as long as a name can be, with no number beside it: its id was longer than a recording may hold. */
  {
    message: { event: "chat", data: { user: { uniqueId: "n".repeat(64) } } },
    edits: [],
    number: "0",
    depth: 0,
  },
  /** A mark after the "@" of a handle: alone it is no name. */
  {
    message: { event: "chat", data: { user: { uniqueId: "@\u{1DA00}" } } },
    edits: [],
    number: "0",
    depth: 0,
  },
];
