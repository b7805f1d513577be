import assert from "node:assert/strict";
import { systemClock } from "../../../src/clock.ts";
import { walk } from "../../../src/store/query.ts";
import { PostgresQuery } from "../../../src/store/postgres/query.ts";
import { kindsOf, numberedPlaceholders } from "../../../src/store/postgres/placeholders.ts";
import { DatabaseAway, ServerError } from "../../../src/store/postgres/trouble.ts";
import { UserError } from "../../../src/user_error.ts";
import { LinkThread } from "../../support/link_thread.ts";
import { startPostgres, testWithPostgres } from "../../support/postgres.ts";

/** Runs `use` with reads that are closed in the end. */
async function withQuery(
  address: string,
  use: (query: PostgresQuery) => void | Promise<void>,
): Promise<void> {
  const query = await PostgresQuery.open(address, { timeoutMs: 500 });
  try {
    await use(query);
  } finally {
    query.close();
  }
}

/** Resolves when questions are answered again. */
async function back(query: PostgresQuery): Promise<void> {
  while (query.isAway) await new Promise<void>((resolve) => systemClock.after(5, resolve));
}

Deno.test("Placeholders of SQLite become those of PostgreSQL, except in literals, quoted names and comments", () => {
  assert.equal(
    numberedPlaceholders(`SELECT ?, 'why? it''s ?', "a?" -- what?\n, ? /* ? */ WHERE x = ?`, "nnn"),
    `SELECT $1, 'why? it''s ?', "a?" -- what?\n, $2 /* ? */ WHERE x = $3`,
  );
  assert.equal(kindsOf([1, 1.5, "1", null]), "iftn");
  assert.equal(
    numberedPlaceholders("VALUES (?1, ?2, coalesce(?2, 0), ?3)", "tin"),
    "VALUES ($1::text, $2::bigint, coalesce($2::bigint, 0), $3)",
  );
});

testWithPostgres("A number has the same type wherever it stands in a statement", async (server) => {
  await withQuery(server.address(), (query) => {
    const id = 2 ** 40;
    assert.deepEqual(query.first("SELECT coalesce(?, 0) AS id, ? IS NULL AS no", id, id), { id, no: 0 });
    assert.deepEqual(query.first("SELECT coalesce(?, 0) AS id", null), { id: 0 });
    assert.deepEqual(query.first("SELECT ? AS half, ? AS text", 0.5, "1"), { half: 0.5, text: "1" });
  });
});

testWithPostgres(
  "A row comes from PostgreSQL as from SQLite: numbers, texts, null, and 0 or 1",
  async (server) => {
    await withQuery(server.address(), (query) => {
      const sql =
        `SELECT ?::bigint AS large, 7::int AS small, true AS yes, false AS no, NULL AS nothing, ? AS text,
      sum(n) AS total, avg(n) AS average FROM generate_series(1, ?) AS n`;
      assert.deepEqual(query.all(sql, 2 ** 53 + 2, "señal 🦖", 4), [
        {
          large: 2 ** 53 + 2,
          small: 7,
          yes: 1,
          no: 0,
          nothing: null,
          text: "señal 🦖",
          total: 10,
          average: 2.5,
        },
      ]);
      assert.equal(query.first("SELECT 1 WHERE 1 = ?", 2), null);
      assert.deepEqual(query.first("SELECT 9007199254740993::bigint AS beyond"), { beyond: 2 ** 53 });
    });
  },
);

testWithPostgres(
  "Hostile texts come back as they are; NUL and lone surrogates become U+FFFD",
  async (server) => {
    await withQuery(server.address(), (query) => {
      const echo = (text: string) => query.first<{ text: string }>("SELECT ?::text AS text", text)?.text;
      for (const text of ["", "'; DROP TABLE x; --", '{"a":"\\u0000"}', "\\", "a\tb\nc", "👩‍👩‍👧‍👦 ﷽ \u202e"]) {
        assert.equal(echo(text), text);
      }
      assert.equal(echo("a\0b"), "a\ufffdb");
      assert.equal(echo("a\ud800b"), "a\ufffdb");
    });
  },
);

testWithPostgres("An answer may have any size", async (server) => {
  await withQuery(server.address(), (query) => {
    const sql = "SELECT n AS id, repeat('ñ', ?::int) AS text FROM generate_series(1, ?) AS n WHERE true";
    for (const [length, count] of [[1_000_000, 1], [40, 30_000], [524_288, 3], [1, 1]] as const) {
      const rows = query.all<{ id: number; text: string }>(sql, length, count);
      assert.equal(rows.length, count);
      assert.ok(rows.every(({ id, text }, index) => id === index + 1 && text === "ñ".repeat(length)));
    }
    assert.equal(
      [...walk(query, sql.replace("repeat('ñ', ?::int)", "''").replace("?", "1234"), {
        idColumn: "n",
        from: 5,
        to: Infinity,
        isDescending: true,
      })].length,
      1230,
    );
  });
});

testWithPostgres(
  "An error of the server has its SQLSTATE, and the next question is answered",
  async (server) => {
    await withQuery(server.address(), (query) => {
      const failure = (sql: string) => {
        try {
          query.all(sql);
        } catch (error) {
          return error instanceof ServerError ? error.code : error;
        }
      };
      assert.equal(failure("SELECT 1 / 0"), "22012");
      assert.equal(failure("SELECT nothing"), "42703");
      assert.equal(failure("CREATE TABLE t (id INT)"), "25006");
      assert.equal(failure("SELECT pg_sleep(5)"), "57014");
      assert.deepEqual(query.first("SELECT 1 AS one"), { one: 1 });
    });
  },
);

testWithPostgres(
  "A statement is planned again when another program has changed its table",
  async (server) => {
    const address = await server.createDatabase();
    const database = new URL(address).pathname.slice(1);
    await server.psql("CREATE TABLE t (a INT); INSERT INTO t VALUES (1)", database);
    await withQuery(address, async (query) => {
      assert.deepEqual(query.all("SELECT * FROM t"), [{ a: 1 }]);
      await server.psql("ALTER TABLE t ADD COLUMN b INT DEFAULT 2", database);
      assert.deepEqual(query.all("SELECT * FROM t"), [{ a: 1, b: 2 }]);
      assert.deepEqual(query.all("SELECT * FROM t"), [{ a: 1, b: 2 }]);
    });
  },
);

testWithPostgres("Many different texts are answered, though only some are prepared", async (server) => {
  await withQuery(server.address(), (query) => {
    for (const round of [1, 2]) {
      for (let number = 0; number < 400; number++) {
        assert.deepEqual(query.first(`SELECT ${number} + ? AS sum`, round), { sum: number + round });
      }
    }
    const [{ count }] = query.all<{ count: number }>(
      "SELECT count(*) AS count FROM pg_prepared_statements",
    ) as [
      { count: number },
    ];
    assert.ok(count <= 300, `${count}`);
  });
});

testWithPostgres(
  "A silent link blocks one question for the time limit; the others fail at once",
  async (server) => {
    await using link = await LinkThread.start(server.address());
    await withQuery(link.address, async (query) => {
      await link.do("hold");
      const startedAt = systemClock.monotonic();
      assert.throws(() => query.all("SELECT 1"), DatabaseAway);
      const tookMs = systemClock.monotonic() - startedAt;
      assert.ok(tookMs >= 499 && tookMs < 5000, `${tookMs}`);
      assert.equal(query.isAway, true);
      for (let count = 0; count < 1000; count++) assert.throws(() => query.all("SELECT 1"), DatabaseAway);
      await link.do("release");
      await back(query);
      assert.deepEqual(query.all("SELECT 2 AS two"), [{ two: 2 }]);
    });
  },
);

testWithPostgres("A cut connection comes back by itself", async (server) => {
  await using link = await LinkThread.start(server.address());
  await withQuery(link.address, async (query) => {
    for (let round = 1; round <= 3; round++) {
      await link.do("cut");
      while (!query.isAway) {
        try {
          query.all("SELECT 1");
        } catch (error) {
          assert.ok(error instanceof DatabaseAway, String(error));
          break;
        }
      }
      await back(query);
      assert.deepEqual(query.all("SELECT ?::int AS round", round), [{ round }]);
    }
  });
});

testWithPostgres("A killed server is away until it runs again", async () => {
  await using server = await startPostgres();
  await withQuery(server.address(), async (query) => {
    assert.deepEqual(query.all("SELECT 1 AS one"), [{ one: 1 }]);
    await server.kill();
    const away = () => query.all("SELECT 1");
    assert.throws(away, DatabaseAway);
    assert.throws(away, DatabaseAway);
    await server.restart();
    await back(query);
    assert.deepEqual(query.all("SELECT 1 AS one"), [{ one: 1 }]);
  });
});

testWithPostgres("A connection that cannot be made is a sentence without the password", async (server) => {
  const attempts = [
    ["postgres://ana:s3cret@127.0.0.1:1/livecue", /No server listens there/],
    [`${server.address("missing").replace("bench@", "bench:s3cret@")}`, /There is no such database/],
    ["postgres://ana:s3cr/et@host:port/db", /cannot be read/],
    ["postgres://ana:s3cret@no-such-host.invalid/db", /The name of the server is not known/],
    [`${server.address()}?sslmode=prefer&password=s3cret`, /sslmode=prefer .* is not supported/],
    [`${server.address()}?sslmode=verify-ca&password=s3cret`, /needs sslrootcert=FILE/],
    [`${server.address()}?sslmode=require&password=s3cret`, /The server has no encryption/],
  ] as const;
  for (const [address, sentence] of attempts) {
    await assert.rejects(PostgresQuery.open(address), (error: Error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, sentence);
      assert.doesNotMatch(error.message, /s3c/);
      return true;
    });
  }
});

testWithPostgres("A question may be answered later, while others are asked at once", async (server) => {
  await withQuery(server.address(), async (query) => {
    const later = [1, 2].map((number) => query.later<{ n: number }>("SELECT ? AS n", number));
    assert.deepEqual(query.first("SELECT ? AS n", 3), { n: 3 });
    assert.deepEqual(await Promise.all(later), [[{ n: 1 }], [{ n: 2 }]]);
    await assert.rejects(query.later("SELECT nonsense"), ServerError);
    query.close();
    await assert.rejects(query.later("SELECT 1"), /closed/);
  });
});
