import assert from "node:assert/strict";
import type { CountsByType } from "../src/live.ts";
import { describeStrain, describeStrainOver, type Strain } from "../src/strain.ts";

const calm: Strain = { trouble: null, waiting: 0, isShedding: false, lately: {}, inAll: {} };
const locked = "The database is locked by another program: close the program that is writing to it.";

Deno.test("A strain is told as it is: what is in the way, what it cost by type, what is kept", () => {
  assert.equal(describeStrain(calm), null);
  const shed = { LikeEvent: 310, JoinEvent: 4120 };
  assert.equal(
    describeStrain({ ...calm, isShedding: true, lately: shed, inAll: { ...shed, CommentEvent: 9 } }),
    "Too many events at once: 4,120 joins and 310 likes were dropped in the last minute. Gifts, follows and comments are kept.",
  );
  assert.equal(
    describeStrain({ ...calm, trouble: locked, waiting: 1204 }),
    `${locked} Nothing is lost so far; 1,204 changes wait in memory.`,
  );
  assert.equal(
    describeStrain({ ...calm, trouble: locked, waiting: 1, inAll: { JoinEvent: 1, CommentEvent: 2 } }),
    `${locked} So far 2 comments and 1 join were dropped. Gifts, follows and likes are kept; 1 change waits in memory.`,
  );
  assert.equal(
    describeStrainOver(shed, 43_200),
    "All events are stored again. In 43 s, 4,120 joins and 310 likes were dropped. Gifts, follows and comments were kept.",
  );
  assert.equal(describeStrainOver({}, 1000), null);
});

/** Each combination of the facts. */
function* combinations(): Generator<Strain> {
  const losses: CountsByType[] = [{}, { JoinEvent: 5 }, { LikeEvent: 6 }, { CommentEvent: 7 }, {
    JoinEvent: 8,
    LikeEvent: 8,
    CommentEvent: 8,
    ViewerCountEvent: 1,
  }];
  for (const trouble of [null, locked]) {
    for (const waiting of [0, 1, 25_000]) {
      for (const isShedding of [false, true]) {
        for (const lately of losses) {
          for (const inAll of losses) yield { trouble, waiting, isShedding, lately, inAll };
        }
      }
    }
  }
}

Deno.test("Over all facts there can be, the sentence claims nothing that is not so", () => {
  for (const strain of combinations()) {
    const text = describeStrain(strain);
    const { trouble, isShedding, lately, inAll } = strain;
    const lost = trouble === null ? lately : inAll;
    const hasLost = Object.values(inAll).some((count) => count > 0);
    if (trouble === null && !isShedding) {
      assert.equal(text, null);
      continue;
    }
    assert.ok(text !== null);
    assert.equal(/nothing is lost/i.test(text), trouble !== null && !hasLost);
    assert.equal(text.includes(locked), trouble !== null);
    assert.equal(text.startsWith("Too many events"), trouble === null);
    for (const [type, plural] of [["CommentEvent", "comments"], ["LikeEvent", "likes"]] as const) {
      const [what = "", kept = ""]: string[] = text.split("were dropped");
      if (kept === "") continue;
      assert.equal(new RegExp(`\\d ${plural}`).test(what), (lost[type] ?? 0) > 0, text);
      assert.equal(new RegExp(plural, "i").test(kept), (lost[type] ?? 0) === 0, text);
    }
  }
});
