import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

/** Sends Livecue a message of its own making, as the comment says, past all that the kit checks. */
export default class Forger extends BaseQueueService {
  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    const name = event.type === "CommentEvent" ? event.data.comment : "";
    if (name === "succeed") return true;
    const forgery = forgeries(item.id)[name];
    const isObject = typeof forgery === "object" && forgery !== null && !(forgery instanceof Map);
    const { postMessage } = globalThis as unknown as { postMessage(data: unknown): void };
    postMessage(isObject ? JSON.stringify(forgery) : forgery);
    // Answered once the forgery has been heard; where that was the item's end, what follows is too late.
    await this.live.totals();
    return true;
  }
}

function forgeries(itemId: number): Record<string, unknown> {
  const end = (given: object) => ({
    kind: "ended",
    ends: [{ itemId, failure: null, emitted: [], ...given }],
  });
  const done = (...emitted: unknown[]) => end({ emitted });
  const spin = { type: "SpinEvent", data: {}, id: null, toSelf: false };
  const deep = Array.from({ length: 100 }).reduce<unknown[]>((inner) => [inner], []);
  const set = { kind: "set_state", scope: "service", key: "key", live: { source: null } };
  const request = (asked: unknown) => ({ kind: "request", requestId: 1_000_000, request: asked });
  return {
    "nothing": null,
    "text": "ready",
    "unknown kind": { kind: "constructor" },
    "log of no level": { kind: "log", level: "constructor", text: "x" },
    "log about no path": { kind: "log", level: "info", text: "x", option: [{}] },
    "log of no text": { kind: "log", level: "info", text: { toString: 1 } },
    "done without emitted": end({ emitted: undefined }),
    "done with text": end({ emitted: "SpinEvent" }),
    "undeclared type": done({ ...spin, type: "GiftEvent" }),
    "data that is a list": done({ ...spin, data: [] }),
    "data that is deep": done({ ...spin, data: { deep } }),
    "data that is wide": done({ ...spin, data: { wide: Array(100_000).fill(1) } }),
    "data too large": done({ ...spin, data: { text: "x".repeat(70_000) } }),
    "id of no text": done({ ...spin, id: 5 }),
    "toSelf of no boolean": done({ ...spin, toSelf: 1 }),
    "too many": done(...Array(101).fill(spin)),
    "failure without reason": end({ failure: {} }),
    "failure that is text": end({ failure: "it broke" }),
    "request of nothing": request(null),
    "emit outside of an item": request({
      kind: "emit",
      emission: { ...spin, type: "x" },
      live: { source: null },
    }),
    "emit of another item": request({ kind: "emit", emission: spin, live: { itemId: 9999 } }),
    "state that is deep": request({ ...set, value: deep }),
    "state under half a letter": request({ ...set, key: "\ud800", value: 1 }),
    "state under no key": request({ ...set, key: { a: 1 }, value: 1 }),
    "state in no scope": request({ ...set, scope: "constructor", value: 1 }),
    "top of no count": request({ kind: "top", count: "all", live: { source: null } }),
    "totals of no live": request({ kind: "totals", live: 5 }),
    "pane without lines": { kind: "show", pane: { title: "x" } },
    "pane of numbers": { kind: "show", pane: { title: "x", lines: [{ label: 5 }] } },
    "end of no item": end({ itemId: 9999 }),
    "no list of ends": { kind: "ended", ends: "all" },
    "end of what has no id": end({ itemId: "5" }),
    "items back without ids": { kind: "returned", itemIds: [{}] },
    "text that is no message": "{",
    "text that is deep": "[".repeat(100_000) + "]".repeat(100_000),
    "what is no text": new Map([[1, new Uint8Array(8)]]),
    "kind without a text": { kind: { toString: 1 } },
    "ends without end": { kind: "ended", ends: Array(5_000).fill({ itemId: 1 }) },
    "endless memory": '{"kind":"pong","heapBytes":1e999}',
    "line that is long": { kind: "log", level: "info", text: "x".repeat(30_000) },
    "a prototype": '{"kind":"log","level":"info","text":"clean","__proto__":{"isPolluted":true}}',
    "failed start": { kind: "start_failed", failure: null, isMistake: true, inOptions: [] },
    "a stop that nobody wanted": { kind: "stopped" },
    "a hold that nobody wanted": { kind: "held" },
    "heartbeat without memory": { kind: "pong" },
    "ready again": { kind: "ready" },
    "a command's end": { kind: "command_ended", failure: null, isMistake: false, inOptions: [] },
  };
}
