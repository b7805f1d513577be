/** The end of a run waits for services that make progress, and for no other; it names those that it left. */
import assert from "node:assert/strict";
import { Drain } from "../../src/app/drain.ts";
import type { Remaining, Services } from "../../src/app/services.ts";
import { FakeClock } from "../support/fake_clock.ts";

const stuck: Remaining = {
  slug: "gmod",
  count: 3,
  pending: 3,
  processing: 0,
  ended: 0,
  timeoutMs: 10_000,
  retryInMs: null,
};

/** `left` returns the remaining work after this many milliseconds. */
async function drain(left: (ms: number) => Remaining[], stepMs = 1_000, steps = 200) {
  const clock = new FakeClock();
  const startedAt = clock.monotonic();
  const services = { remaining: () => left(clock.monotonic() - startedAt) } as unknown as Services;
  const waiting = new Drain({ services, clock }).wait()
    .then((heldUp) => ({ heldUp, afterMs: clock.monotonic() - startedAt }));
  for (let step = 0; step < steps; step++) {
    clock.advance(stepMs);
    await Promise.resolve();
  }
  return await Promise.race([waiting, Promise.resolve(null)]);
}

Deno.test("The drain gives up on a service that ends no item for an item's timeout plus half a minute", async () => {
  const end = await drain(() => [stuck]);
  assert.deepEqual(end, {
    heldUp: [{ slug: "gmod", pending: 3, inFlight: 0, forMs: 40_000 }],
    afterMs: 40_000,
  });
});

Deno.test("The drain waits for a service that makes progress, however long it takes", async () => {
  const end = await drain((ms) => ms < 150_000 ? [{ ...stuck, ended: Math.floor(ms / 20_000) }] : []);
  assert.deepEqual(end, { heldUp: [], afterMs: 150_000 });
});

Deno.test("The drain waits for a retry that is due soon, but not for a late one or one that is never taken", async () => {
  const near = await drain((ms) => ms < 35_000 ? [{ ...stuck, retryInMs: 30_000 - ms }] : []);
  assert.deepEqual(near?.heldUp, []);
  const far = await drain((ms) => [{ ...stuck, retryInMs: 3_600_000 - ms }]);
  assert.deepEqual([far?.heldUp[0]?.slug, far?.afterMs], ["gmod", 40_000]);
  const missed = await drain((ms) => [{ ...stuck, retryInMs: 5_000 - ms }]);
  assert.equal(missed?.heldUp[0]?.slug, "gmod");
});
