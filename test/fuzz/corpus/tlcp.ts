export const past = [
  /** Half of a character in the id of a session: a request cannot be encoded with it. */
  {
    isRight: false,
    steps: [{ kind: "line", text: "CONOK,\ud800,,0,-1", edits: [] }, { kind: "loop" }],
  },
];
