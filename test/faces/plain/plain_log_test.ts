/** The lines of the plain log except the events: connection, statistics, summary. */
import assert from "node:assert/strict";
import type { RunReport, ServiceView } from "../../../src/control.ts";
import { noTotals } from "../../../src/live.ts";
import type { ConnectionState } from "../../../src/source.ts";
import {
  describeConnection,
  describeHeldUp,
  describeProgress,
  describeRun,
  describeSessionTotals,
  describeTotals,
} from "../../../src/faces/plain/plain_log.ts";
import { sampleService, sampleSource } from "../../support/fake_control.ts";

const noneCaptured = { sessions: 0, stored: 0, repeated: 0, history: 0, unknown: 0, corrupt: 0, shed: {} };

function service(slug: string, given: Partial<ServiceView> = {}): ServiceView {
  return sampleService({ slug, pending: 0, completed: 0, ...given });
}

function report(
  { captured = {}, ...given }: Partial<Omit<RunReport, "captured">> & {
    captured?: Partial<RunReport["captured"]>;
  },
): RunReport {
  return {
    emitted: 0,
    sources: [sampleSource({ totals: noTotals() })],
    services: [],
    heldUp: [],
    failure: null,
    captured: { ...noneCaptured, ...captured },
    ...given,
  };
}

Deno.test("A session's totals are one line", () => {
  const totals = {
    gifts: 3,
    diamonds: 37,
    likes: 246,
    comments: 1,
    follows: 0,
    shares: 2,
    subscribes: 1,
    joins: 21,
  };
  assert.equal(
    describeTotals(totals),
    "3 gifts (37 diamonds), 246 likes, 1 comment, 0 follows, 2 shares, 1 subscription, 21 joins",
  );
});

Deno.test("A session's readings are counted, and its totals are left out if there are none", () => {
  assert.equal(describeSessionTotals(noTotals(), 12_000), "12,000 readings");
  assert.equal(describeSessionTotals(noTotals(), 0), "0 readings");
  assert.match(
    describeSessionTotals({ ...noTotals(), gifts: 1 }, 1),
    /^1 reading, 1 gift \(0 diamonds\), 0 likes/,
  );
  assert.match(describeSessionTotals(noTotals(), null), /^0 gifts/);
});

Deno.test("The statistics count from the start, with the rate since the last line", () => {
  const before = [service("dino", { completed: 40 }), service("slow")];
  const now = [
    service("dino", { pending: 3, completed: 115, failed: 2, discarded: 7 }),
    service("slow", { pending: 50 }),
  ];
  assert.deepEqual(describeProgress(now, before, 30_000), [
    "dino: 3 pending, 115 done, 2 failed, 7 discarded, 2.5/s",
    "slow: 50 pending, 0 done, 0 failed, 0 discarded, 0.0/s",
  ]);
});

Deno.test("The statistics count a service that was added meanwhile from zero", () => {
  const now = [service("late", { completed: 30 })];
  assert.deepEqual(describeProgress(now, [], 30_000), [
    "late: 0 pending, 30 done, 0 failed, 0 discarded, 1.0/s",
  ]);
});

Deno.test("The statistics leave out a service that is not processed here, unless it has waiting items", () => {
  const now = [
    service("idle", { phase: "not processed" }),
    service("waiting", { phase: "not processed", pending: 4 }),
  ];
  assert.deepEqual(describeProgress(now, now, 30_000), [
    "waiting: 4 pending, 0 done, 0 failed, 0 discarded, 0.0/s",
  ]);
});

Deno.test("The summary of a run that captured nothing lists only the services", () => {
  assert.deepEqual(describeRun(report({ services: [service("dino", { completed: 5, failed: 1 })] })), [
    "dino: 0 pending, 5 done, 1 failed, 0 discarded",
  ]);
});

Deno.test("The summary says what was stored, and what was unusual", () => {
  const said = sampleSource({ totals: { ...noTotals(), comments: 1 } });
  const plain = report({ captured: { sessions: 1, stored: 1 }, sources: [said] });
  const totals = "0 gifts (0 diamonds), 0 likes, 1 comment, 0 follows, 0 shares, 0 subscriptions, 0 joins";
  assert.deepEqual(describeRun(plain), ["1 session, 1 event stored", totals]);
  assert.equal(
    describeRun({ ...plain, emitted: 3 })[0],
    "1 session, 1 event stored, and 3 events of services",
  );
  const eventful = report({
    captured: {
      sessions: 2,
      stored: 900,
      repeated: 3,
      history: 4,
      unknown: 5,
      corrupt: 6,
      shed: { LikeEvent: 7, JoinEvent: 1200 },
    },
    sources: [said],
  });
  assert.deepEqual(describeRun(eventful), [
    "2 sessions, 900 events stored (3 duplicates dropped, 4 from before the start, 5 of unknown kinds, " +
    "6 unreadable, 1,200 joins and 7 likes not stored, because too many events came at once)",
    `In the last session: ${totals}`,
  ]);
});

Deno.test("The summary names the services that leave items pending, and why", () => {
  const services = [
    service("overlays", { phase: "paused", pending: 2 }),
    service("dino", { phase: "switched off", pending: 1 }),
    service("relay", { phase: "not processed", pending: 8 }),
    service("resting", { phase: "paused" }),
  ];
  assert.deepEqual(describeRun(report({ services })), [
    "overlays: 2 pending, 0 done, 0 failed, 0 discarded (left pending: the service is paused)",
    "dino: 1 pending, 0 done, 0 failed, 0 discarded (left pending: the service is switched off)",
    "relay: 8 pending, 0 done, 0 failed, 0 discarded (not processed here)",
    "resting: 0 pending, 0 done, 0 failed, 0 discarded",
  ]);
});

Deno.test("Each state of the connection is a sentence, with the time of the next try", () => {
  const username = "ana.live";
  const now = new Date(2026, 10, 21, 14, 0, 0).getTime();
  const soon = new Date(2026, 10, 21, 14, 3, 21).getTime();
  const tomorrow = new Date(2026, 10, 22, 9, 0, 0).getTime();
  const lines: [ConnectionState, string][] = [
    [{ phase: "looking_up", username }, "Looking up the room of @ana.live …"],
    [{ phase: "connecting", username }, "Connecting to @ana.live …"],
    [{ phase: "live", username, roomId: "7", title: "" }, "@ana.live is live"],
    [{ phase: "live", username, roomId: "7", title: "Dino night" }, "@ana.live is live: Dino night"],
    [
      { phase: "waiting", username, why: "@ana.live is offline.", nextAt: soon },
      "@ana.live is offline. Waiting for the next live; next check at 14:03:21.",
    ],
    [
      { phase: "reconnecting", username, why: "The connection was lost.", attempt: 2, nextAt: tomorrow },
      "The connection was lost. Attempt 2 at 2026-11-22 09:00:00.",
    ],
    [{ phase: "ended", username, why: "The live ended." }, "The live ended."],
    [{ phase: "connecting", username: "" }, "Connecting to the server …"],
    [{ phase: "listening", title: "ISSLIVE at example.org, 2 items" }, "ISSLIVE at example.org, 2 items"],
  ];
  for (const [state, line] of lines) assert.equal(describeConnection(state, now), line);
});

Deno.test("The summary of several sources has a line for each that had a live, with its user and its counts", () => {
  const totals = { ...noTotals(), gifts: 2, diamonds: 30 };
  const sources = [
    sampleSource({ liveId: 7, storedCount: 120, totals }),
    sampleSource({ name: "second", user: "ben", liveId: 8, storedCount: 1, totals: noTotals() }),
    sampleSource({ name: "tips", user: null, liveId: 7, storedCount: 4, totals }),
    sampleSource({ name: "telemetry", user: null, liveId: null, storedCount: 0 }),
  ];
  assert.deepEqual(describeRun(report({ captured: { sessions: 3, stored: 125 }, sources })), [
    "3 sessions, 125 events stored",
    "[main] @ana, 120 events stored: 2 gifts (30 diamonds), 0 likes, 0 comments, 0 follows, 0 shares, " +
    "0 subscriptions, 0 joins",
    "[second] @ben, 1 event stored: 0 gifts (0 diamonds), 0 likes, 0 comments, 0 follows, 0 shares, " +
    "0 subscriptions, 0 joins",
    "[tips] 4 events stored, in the live of main",
  ]);
});

Deno.test("The summary names a service that the end did not wait for, with its remaining items", () => {
  const held = { slug: "relay", pending: 12, inFlight: 1, forMs: 61_200 };
  assert.equal(
    describeHeldUp(held),
    "relay made no progress for 61 s, with 1 item in progress and 12 items waiting, so Livecue no longer waited for " +
      "it. They are kept for the next start.",
  );
  assert.match(describeHeldUp({ ...held, inFlight: 0 }), /61 s, with 12 items waiting, so/);
});
