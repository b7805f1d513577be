/** Each of these inputs once crashed the program, made it hang, or was mistaken for something else. */
export const past = [
  { kind: "nested", opening: "[", closing: "]", depth: 20_000 },
  { kind: "nested", opening: '{"a":', closing: "}", depth: 20_000 },
  { kind: "nested", opening: '{"services":{"a":{"options":', closing: "}", depth: 20_000 },
  { kind: "nested", opening: "/*", closing: "", depth: 1_000 },
  { kind: "long", before: '{"services":{', unit: '"a#":{},', bytes: 1_000_000, after: "}}" },
  { kind: "long", before: "{", unit: '"a":1,', bytes: 1_000_000, after: "}" },
  { kind: "long", before: "[", unit: "[", bytes: 50_000_000, after: "" },
];
