/** A line separator is a line break to some games. */
export const past = [
  { template: "", command: "say one\u2028two", game: "source", name: "", comment: "" },
];
