/** A program with telemetry that feeds every metric, with events and sources that a recording may contain. */
import type { LiveEvent } from "../../src/event.ts";
import type { Operation } from "../../src/operation.ts";
import { observeRooms } from "../../src/telemetry/telemetry.ts";

const observe = await observeRooms();
if (observe === null) throw new Error("There is no telemetry.");
const observer = observe(null);
const room = observe("ana.live");

const session = { id: 7, liveId: 1, source: "main", username: "ana", roomId: "1", startedAt: 0 };
const inserted = (
  type: string,
  source: string,
) => ({ kind: "insert_event", event: { type, source } as LiveEvent } as const);
const counts = { attempts: 1, failures: 0, crashes: 0, finishedAt: 0, error: null };
const operations: Operation[] = [
  { kind: "open_session", session, name: null, eventsFrom: 1, streamer: "" },
  inserted("GiftEvent", "replay:/home/ana/secret evening.jsonl"),
  ...Array.from({ length: 80 }, (_, index) => inserted(`Made${index}Event`, "main")),
  { kind: "finish_item", serviceId: 1, id: 1, status: "completed", ...counts },
  { kind: "set_aside_item", serviceId: 1, id: 2, error: "Event 3 cannot be read.", at: 0 },
  { kind: "discard_item", serviceId: 1, id: 3, reason: "stale", at: 0 },
  { kind: "update_shed", id: 7, shed: { JoinEvent: 3 } },
  { kind: "update_shed", id: 7, shed: { JoinEvent: 5, LikeEvent: 1 } },
];
const commit = (slugOf: (serviceId: number) => string | undefined) =>
  observer.committed({ operations: operations.map((operation) => ({ operation })), tookMs: 2, slugOf });
commit(() => "overlays");
// The service has left the config since then.
observer.committed({
  operations: [{ operation: { kind: "discard_item", serviceId: 1, id: 4, reason: "emptied", at: 0 } }],
  tookMs: 2,
  slugOf: () => undefined,
});

const item = { id: 1, event: { id: 1, type: "GiftEvent" } } as Parameters<typeof observer.handedOut>[1];
observer.handedOut("overlays", item, 3);
observer.settled("overlays", item, { outcome: "crashed", runMs: 4 });
observer.handedOut("overlays", item, null);
observer.settled("overlays", item, { outcome: "released", runMs: 4 });
observer.watch({
  services: () => [
    { slug: "overlays", phase: "backing off", pending: 4, maxQueueSize: 9, inFlight: 1, restarts: 2 },
  ],
  sources: () => [{ name: "main", connection: { phase: "reconnecting" } }],
});
const state = { pending: 40, maxQueueSize: 90, inFlight: 2, restarts: 1 };
const ofRoom = {
  services: () => [{ slug: "shared", phase: "running" as const, ...state }],
  sources: () => [{ name: "tiktok", connection: { phase: "live" as const } }],
};
room.watch(ofRoom);
observe("gone.live").watch(ofRoom)();
const operationsOfRoom: Operation[] = [
  { kind: "open_session", session: { ...session, id: 8 }, name: null, eventsFrom: 100, streamer: "ana.live" },
  inserted("GiftEvent", "tiktok"),
  { kind: "finish_item", serviceId: 2, id: 5, status: "completed", ...counts },
  { kind: "update_shed", id: 8, shed: { ShareEvent: 2 } },
];
room.committed({
  operations: operationsOfRoom.map((operation) => ({ operation })),
  tookMs: 2,
  slugOf: () => "shared",
});
// The test kills it when it has seen everything.
await new Promise<void>((resolve) => Deno.addSignalListener("SIGTERM", () => resolve()));
