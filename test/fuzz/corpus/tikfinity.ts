/** A name as long as a name can be, with no number beside it: its id was longer than a recording may hold. */
export const past = [
  {
    message: { event: "chat", data: { user: { uniqueId: "n".repeat(64) } } },
    edits: [],
    number: "0",
    depth: 0,
  },
];
