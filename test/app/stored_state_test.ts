import assert from "node:assert/strict";
import { maxKeys, StoredState } from "../../src/app/stored_state.ts";
import { serviceConfig, withStore } from "../support/temporary_store.ts";

const own = { sessionId: null, liveId: null };

Deno.test("A service that keeps too many values is refused the next one, with what to do", async () => {
  await withStore(async ({ store }) => {
    const serviceId = (await store.syncServices([serviceConfig("a")])).get("a") as number;
    const open = () => new StoredState({ serviceId, operations: store.writer, kept: store.kept });
    const state = open();
    for (let i = 0; i < maxKeys - 1; i++) void state.set(own, `key ${i}`, i);
    await state.set(own, "last", 1);
    assert.throws(
      () => state.set(own, "one more", 1),
      /^Error: the service already keeps 10000 values, so it cannot add "one more": set values that it no longer needs to undefined/,
    );
    // Changing a value adds none, and deleting one makes room. The same holds after a restart.
    await state.set(own, "last", 2);
    const again = open();
    assert.throws(() => again.set(own, "one more", 1), /cannot add "one more"/);
    await again.set(own, "key 0", undefined);
    await again.set(own, "one more", 1);
    assert.throws(() => again.set(own, "two more", 1), /cannot add "two more"/);
    assert.deepEqual([again.get(own, "one more"), again.get(own, "key 0"), again.get(own, "last")], [
      1,
      undefined,
      2,
    ]);
  });
});
