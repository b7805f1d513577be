import assert from "node:assert/strict";
import { databaseAt, databaseShown, isOtherAddress, localDatabase } from "../src/database_address.ts";

Deno.test("A database is shown without its passwords, also if the address is not valid", () => {
  for (
    const [database, shown] of [
      ["/shows/a?b//c@d.db", "/shows/a?b//c@d.db"],
      ["postgres://ana@db/show", "postgres://ana@db/show"],
      ["postgres://ana:s3cret@db/show", "postgres://ana:***@db/show"],
      [
        "postgresql://db/show?user=ana&password=s3cret&sslpassword=s3cret",
        /^postgresql:\/\/db\/show\?user=ana&/,
      ],
      ["postgres://ana:s3/cr@et@db:x/show?password=s3cret", "postgres://db:x/show"],
    ] as const
  ) {
    const found = databaseShown(database);
    if (typeof shown === "string") assert.equal(found, shown);
    else assert.match(found, shown);
    assert.doesNotMatch(found, /s3|cr@/);
  }
});

Deno.test("Only a path starts in a folder, and an address of another kind is neither", () => {
  assert.match(databaseAt("show.db", "/shows"), /[\\/]shows[\\/]show\.db$/);
  assert.equal(databaseAt("postgres://db/show", "/shows"), "postgres://db/show");
  for (const other of ["mysql://db/show", "postgress://ana:s3cret@db/show", "sqlite:///a.db"]) {
    assert.ok(isOtherAddress(other), other);
  }
  for (const path of ["C:/shows/a.db", "a://b", "./a.db", "postgres://db", "POSTGRES://db"]) {
    assert.ok(!isOtherAddress(path), path);
  }
});

Deno.test("What stays on this machine is beside the file, or else beside the config", () => {
  assert.equal(localDatabase({ database: "/a/show.db", path: "/b/config.jsonc" }), "/a/show.db");
  assert.match(
    localDatabase({ database: "postgres://db/show", path: "/b/config.jsonc" }),
    /[\\/]b[\\/]livecue\.db$/,
  );
});
