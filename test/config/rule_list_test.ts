import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "jsonc-parser";
import { type RuleChange, rulesIn, withRuleChange } from "../../src/config/rule_list.ts";
import { readRule, ruleText } from "../../src/config/rule_text.ts";

/** A config whose service has this list of rules, written at this indentation. */
function config(list: string): string {
  return `{\n  "services": {\n    "wheel": { "service_class": "w.ts", "options": { "rules": ${list} } }\n  }\n}\n`;
}

function changed(list: string, change: RuleChange): string {
  const whole = withRuleChange(config(list), "wheel", change);
  const [begin = "", end = ""] = config("LIST").split("LIST");
  assert.ok(whole.startsWith(begin) && whole.endsWith(end), whole);
  return whole.slice(begin.length, -end.length);
}

const three = `[
      // Roses.
      { "when": "A" }, // first

      // About all that follow.

      { "when": "B" },
      { "when": "C" } // last
      // The end.
    ]`;

Deno.test("A removed rule takes its own comments with it, and no others", () => {
  assert.equal(
    changed(three, { kind: "remove", index: 0 }),
    `[

      // About all that follow.

      { "when": "B" },
      { "when": "C" } // last
      // The end.
    ]`,
  );
  assert.equal(
    changed(three, { kind: "remove", index: 2 }),
    `[
      // Roses.
      { "when": "A" }, // first

      // About all that follow.

      { "when": "B" }
      // The end.
    ]`,
  );
});

Deno.test("A moved rule takes its comments along", () => {
  assert.equal(
    changed(three, { kind: "move", index: 2, to: 0 }),
    `[
      { "when": "C" }, // last
      // Roses.
      { "when": "A" }, // first

      // About all that follow.

      { "when": "B" }
      // The end.
    ]`,
  );
  assert.equal(
    changed(three, { kind: "move", index: 0, to: 2 }),
    `[

      // About all that follow.

      { "when": "B" },
      { "when": "C" }, // last
      // Roses.
      { "when": "A" } // first
      // The end.
    ]`,
  );
});

Deno.test("A new rule comes behind the others, in their layout", () => {
  const text = '{ "when": "D" }';
  assert.equal(
    changed(three, { kind: "put", index: null, text }),
    three.replace('{ "when": "C" } // last', '{ "when": "C" }, // last\n      { "when": "D" }'),
  );
  assert.equal(
    changed('[{ "when": "A" }]', { kind: "put", index: null, text }),
    '[{ "when": "A" }, { "when": "D" }]',
  );
  assert.equal(changed("[]", { kind: "put", index: null, text }), '[\n      { "when": "D" }\n    ]');
});

Deno.test("A service without rules or options gets a list", () => {
  for (const options of ["", ', "options": {}', ', "options": { "port": 1 }']) {
    const before = `{ "services": { "wheel": { "service_class": "w.ts"${options} } } }`;
    const after = withRuleChange(before, "wheel", { kind: "put", index: null, text: '{ "when": "D" }' });
    assert.deepEqual(parse(after).services.wheel.options.rules, [{ when: "D" }]);
  }
});

Deno.test("A changed rule keeps the order of its keys and its comments", () => {
  const before =
    '{\n  // Only roses.\n  "if": { "gift": "Rose" /* the flower */, "min_count": 2 },\n  "when": "GiftEvent"\n}';
  const rule = { when: "GiftEvent", if: { min_count: 5, gift: "Rose" }, otherwise: true };
  const after = ruleText(rule, before);
  assert.match(
    after,
    /\/\/ Only roses\.\n[^]*\/\* the flower \*\/[^]*"min_count": 5[^]*"when"[^]*"otherwise": true/,
  );
  assert.deepEqual(parse(after), rule);
  assert.equal(
    ruleText({ do: {}, when: "B" }, '{ "when": "A", "do": { "x": 1 } }'),
    '{ "when": "B", "do": {} }',
  );
});

Deno.test("What is no rule is refused with a sentence", () => {
  for (
    const [given, sentence] of [
      ["[]", 'Write a rule as { "when": "GiftEvent", "do": { … } }.'],
      ['{ "when": "A" } }', /^Line 1, column \d+: /],
      ['{ "when": "A", "when": "B" }', /set twice/],
      ['{ "when": "A" } // }', null],
      ["{ /* ", /^Line 1/],
      ["", /./],
    ] as const
  ) {
    const read = readRule(given);
    if (sentence === null) assert.deepEqual(read, { text: '{ "when": "A" }', rule: { when: "A" } });
    else if (typeof sentence === "string") assert.deepEqual(read, { mistake: sentence });
    else assert.match("mistake" in read ? read.mistake : "", sentence);
  }
});

const comment = fc.constantFrom("", " ", "\n      // a, [note]\n      ", " /* b, } */ ", "\n\n      ");
const listText = fc.tuple(
  fc.array(fc.tuple(comment, fc.integer({ min: 0, max: 99 }), comment, comment), { maxLength: 5 }),
  comment,
  fc.boolean(),
).map(([rules, tail, hasComma]) => {
  const written = rules.map(([lead, value, gap, trail], index) => {
    const comma = index < rules.length - 1 || hasComma ? "," : "";
    return `${lead}{ "when": ${value} }${gap}${comma}${trail}`;
  });
  return { text: `[${written.join("")}${tail}]`, values: rules.map(([, value]) => value) };
});

Deno.test("Whatever the layout, a change does to the list what it says, and other rules and lines stay", () => {
  fc.assert(
    fc.property(
      listText,
      fc.nat(4),
      fc.nat(4),
      fc.constantFrom("put", "add", "remove", "move"),
      fc.constantFrom("\n", "\r\n"),
      ({ text, values }, first, second, kind, newline) => {
        const index = first % Math.max(1, values.length);
        if (values.length === 0 && kind !== "add") return;
        const expected = [...values];
        let change: RuleChange;
        if (kind === "remove") {
          expected.splice(index, 1);
          change = { kind, index };
        } else if (kind === "move") {
          const to = second % values.length;
          expected.splice(to, 0, ...expected.splice(index, 1));
          change = { kind, index, to };
        } else {
          const place = kind === "add" ? null : index;
          expected[place ?? expected.length] = 1000;
          change = { kind: "put", index: place, text: '{\n  "when": 1000\n}' };
        }
        const before = config(text).replaceAll("\n", newline);
        const after = withRuleChange(before, "wheel", change);
        const whole = parse(after, [], { allowTrailingComma: true });
        assert.deepEqual(
          whole.services.wheel.options.rules.map(({ when }: { when: number }) => when),
          expected,
        );
        assert.deepEqual(rulesIn(after, "wheel").length, expected.length);
        if (newline === "\r\n") assert.doesNotMatch(after, /[^\r]\n/);
        const notes = (of: string) => of.match(/a, \[note\]|b, \}/g)?.length ?? 0;
        if (kind !== "remove") assert.equal(notes(after), notes(before));
      },
    ),
    { numRuns: 2000 },
  );
});
