/** Brings the database named by its argument up to date with one step more, which never ends; says when it is in it. */
import { DatabaseSync } from "node:sqlite";
import { writeSync } from "node:fs";
import { migrations } from "../../src/store/sqlite/migrations.ts";
import { migrate } from "../../src/store/sqlite/schema.ts";

const database = new DatabaseSync(Deno.args[0] as string);
database.function("say", () => writeSync(1, "in it\n"));
const endless =
  "WITH RECURSIVE n (i) AS (SELECT say() UNION ALL SELECT 1 FROM n) INSERT INTO extra SELECT i FROM n";
migrate(database, [...migrations, ["CREATE TABLE extra (a INTEGER) STRICT", endless]]);
