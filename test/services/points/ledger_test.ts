import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { Ledger, migrations } from "../../../services/points/ledger.ts";
import { openDatabase } from "../../../src/kit/database.ts";
import { withFolder } from "../../support/temporary_store.ts";

const people = ["Ana", "Bo", "ana"].map((nickname, index) => ({
  id: `${index}`,
  uniqueId: `u${index}`,
  nickname,
}));

async function withLedger(use: (ledger: Ledger) => void | Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    using database = openDatabase(join(folder, "data.db"), migrations);
    await use(new Ledger(database));
  });
}

const quiet = { at: 1_000, liveId: 1, perMinute: 0, awayMs: 60_000, comment: null };

const move = fc.record({
  kind: fc.constantFrom("earn", "spend", "give", "adjust"),
  who: fc.nat(2),
  to: fc.nat(2),
  amount: fc.integer({ min: 1, max: 30 }),
  /** How often the event comes: again after a crash. */
  times: fc.integer({ min: 1, max: 3 }),
});

Deno.test("Whatever comes, however often, each event counts once, nothing gets lost and no balance is below zero", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 30 }), async (moves) => {
      await withLedger((ledger) => {
        const balances = [0, 0, 0];
        for (const person of people) ledger.earn(person, { ...quiet, key: "seen", points: 0 });
        for (const [index, { kind, who, to, amount, times }] of moves.entries()) {
          const key = `event ${index}`;
          const person = people[who]!;
          for (let time = 0; time < times; time++) {
            if (kind === "earn") ledger.earn(person, { ...quiet, key, points: amount });
            if (kind === "spend") {
              ledger.spend(person, { key, at: 1, command: "!x", cost: amount, cooldownMs: 0 });
            }
            if (kind === "give" && who !== to) ledger.give(person, { key, at: 1, to: `${to}`, amount });
            if (kind === "adjust") ledger.adjust(`${who}`, { key, at: 1, amount: -amount });
          }
          const had = balances[who]!;
          if (kind === "earn") balances[who] = had + amount;
          if (kind === "spend" && had >= amount) balances[who] = had - amount;
          if (kind === "adjust") balances[who] = Math.max(0, had - amount);
          if (kind === "give" && who !== to && had >= amount) {
            balances[who] = had - amount;
            balances[to] = balances[to]! + amount;
          }
          assert.deepEqual(people.map(({ id }) => ledger.account(id)!.points), balances);
        }
      });
    }),
    { numRuns: 15 },
  );
});

Deno.test("Time counts in whole minutes, in one live, and not over an absence", async () => {
  await withLedger((ledger) => {
    const [ana] = people as [typeof people[number]];
    const see = (at: number, liveId = 1) => {
      const presence = { at, liveId, perMinute: 2, awayMs: 600_000, comment: null, points: 0 };
      ledger.earn(ana, { ...presence, key: `${at} ${liveId}` });
      return ledger.account(ana.id)!.points;
    };
    const start = 1_700_000_000_000;
    assert.equal(see(start), 0);
    assert.equal(see(start + 59_000), 0);
    assert.equal(see(start + 61_000), 2);
    // The second over the minute is kept.
    assert.equal(see(start + 120_000), 4);
    // An older event comes late.
    assert.equal(see(start + 30_000), 4);
    assert.equal(see(start + 120_000 + 600_001), 4);
    assert.equal(see(start + 120_000 + 660_001), 6);
    // Another live.
    assert.equal(see(start + 900_000, 2), 6);
    assert.equal(see(start + 960_000, 2), 8);
  });
});

Deno.test("A comment earns again only after the pause", async () => {
  await withLedger((ledger) => {
    const [ana] = people as [typeof people[number]];
    const comment = { points: 5, pauseMs: 30_000 };
    for (const at of [1_000, 2_000, 30_999, 31_000, 32_000]) {
      ledger.earn(ana, { at, liveId: 1, perMinute: 0, awayMs: 1, comment, points: 0, key: `${at}` });
    }
    assert.equal(ledger.account(ana.id)?.points, 10);
  });
});

Deno.test("A name means all who have it, and a handle one viewer, also after a change of name", async () => {
  await withLedger((ledger) => {
    for (const person of people) ledger.earn(person, { ...quiet, key: "a", points: 1 });
    assert.deepEqual(ledger.find("ÁNA").map(({ userId }) => userId).sort(), ["0", "2"]);
    assert.deepEqual(ledger.find("@U1").map(({ userId }) => userId), ["1"]);
    assert.deepEqual(ledger.find("@Bo"), []);
    ledger.earn({ ...people[1]!, nickname: "'); DROP TABLE account; --" }, { ...quiet, key: "b", points: 1 });
    assert.deepEqual(ledger.find("bo"), []);
    assert.deepEqual(ledger.find("'); drop table account; --").map(({ points }) => points), [2]);
  });
});

Deno.test("A reward that cools down costs nothing, and a forgotten viewer has nothing left", async () => {
  await withLedger((ledger) => {
    const [ana] = people as [typeof people[number]];
    ledger.earn(ana, { ...quiet, key: "a", points: 100 });
    const price = { command: "!x", cost: 10, cooldownMs: 30_000 };
    assert.deepEqual(ledger.spend(ana, { ...price, key: "1", at: 1_000 }), { kind: "spent", left: 90 });
    assert.deepEqual(ledger.spend(ana, { ...price, key: "2", at: 11_000 }), { kind: "cooling", seconds: 20 });
    assert.deepEqual(ledger.spend(ana, { ...price, key: "3", at: 31_000 }), { kind: "spent", left: 80 });
    ledger.undo(ana.id, "3");
    ledger.undo(ana.id, "3");
    assert.equal(ledger.account(ana.id)?.points, 90);
    assert.equal(ledger.forget(ana.id), true);
    assert.equal(ledger.forget(ana.id), false);
    assert.equal(ledger.account(ana.id), null);
  });
});
