import assert from "node:assert/strict";
import { RecentUsers } from "../../src/app/recent_users.ts";

function kept(values: Record<string, string> = {}) {
  return {
    values,
    keptValue: (key: string) => values[key] ?? null,
    keepValue: (key: string, value: string) => void (values[key] = value),
  };
}

Deno.test("The last five users are kept, each once, the latest first", async () => {
  const place = kept();
  const users = new RecentUsers(place);
  for (const name of ["a", "b", "c", "d", "e", "f", "c"]) users.add(name);
  await users.settled();
  assert.deepEqual(new RecentUsers(place).names, ["c", "f", "e", "d", "b"]);
});

Deno.test("A forgotten user is offered no longer, and the next start does not go there", async () => {
  const place = kept({ recent_users: '["wrong","ana"]', last_user: "wrong" });
  const users = new RecentUsers(place);
  users.forget("wrong");
  await users.settled();
  assert.deepEqual(new RecentUsers(place).names, ["ana"]);
  assert.equal(place.values["last_user"], "");
});

Deno.test("Whatever stands in the database, the list is a list of names", () => {
  for (const text of ["", "no JSON", "5", '{"a":1}', "[1,null]"]) {
    assert.deepEqual(new RecentUsers(kept({ recent_users: text })).names, []);
  }
});
