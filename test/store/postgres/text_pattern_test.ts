/** A pattern matches each text that holds the wanted one, once both are simplified. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { PostgresQuery } from "../../../src/store/postgres/query.ts";
import { patternFor } from "../../../src/store/postgres/text_pattern.ts";
import { simplified } from "../../../src/words.ts";
import { testWithPostgres } from "../../support/postgres.ts";

interface Case {
  /** As it is stored. */
  text: string;
  wanted: string;
}

/** Letters that become others, or several, or nothing, between ordinary ones. */
const special = fc.constantFrom(
  ...'ßẞﬁﬃ…½´ıİŁłø𝕵ｊⅣ㎏ﷺがｶﾞกำ한글ñѐΣςσ🌹\u200d\ufe0f\u0301\u3099\u0e31\u00a0\u2003\t\n"\\%_*+.?()[]{}|^$&-]',
);
const unit = fc.oneof(
  special,
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
  fc.constantFrom(..."abAB 12"),
);
const aCase = fc.tuple(fc.string({ unit, maxLength: 12 }), fc.nat(), fc.nat()).map(
  ([text, from, length]): Case => {
    const stored = text.toWellFormed().replaceAll("\0", "\ufffd");
    const letters = [...simplified(stored)];
    const start = from % (letters.length + 1);
    return { text: stored, wanted: simplified(letters.slice(start, start + 1 + length % 5).join("")) };
  },
);

/** Whether PostgreSQL finds a match; in JSON, too. */
function matches(query: PostgresQuery, { text, wanted }: Case): boolean {
  const pattern = patternFor(wanted);
  const sql = "SELECT ? ~ ? AND ? ~ ? AS is_found";
  return query.first<{ is_found: number }>(sql, text, pattern, JSON.stringify({ comment: text }), pattern)
    ?.is_found === 1;
}

testWithPostgres(
  "No text that holds the wanted one is ruled out, whatever letters it has",
  async (server) => {
    const query = await PostgresQuery.open(server.address());
    try {
      fc.assert(
        fc.property(aCase, (given) => {
          fc.pre(simplified(given.text).includes(given.wanted));
          assert.ok(matches(query, given));
        }),
        { numRuns: 2_000 },
      );
      for (let code = 0x80; code < 0x1ffff; code += 23) {
        if (code >= 0xd800 && code < 0xe000) continue;
        const text = `a${String.fromCodePoint(code)}b`;
        assert.ok(matches(query, { text, wanted: simplified(text) }), code.toString(16));
      }
    } finally {
      query.close();
    }
  },
);

testWithPostgres("A text without the wanted letters is ruled out", async (server) => {
  const query = await PostgresQuery.open(server.address());
  const cases: [text: string, wanted: string][] = [
    ["hola, ¿qué tal?", "dinosaur"],
    ["Ánä 🦄 17", "ana 18"],
    ["dino", "dinosaur"],
    ["привет", "пока"],
    ["", "a"],
  ];
  for (const [text, wanted] of cases) assert.equal(matches(query, { text, wanted }), false, wanted);
  query.close();
});
