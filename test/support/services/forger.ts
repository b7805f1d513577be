import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

/** Sends Livecue a message of its own making, as the comment says, past all that the kit checks. */
export default class Forger extends BaseQueueService {
  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    const name = event.type === "CommentEvent" ? event.data.comment : "";
    if (name === "succeed") return true;
    globalThis.postMessage(forgeries(item.id)[name]);
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
  const spin = { type: "SpinEvent", data: {}, id: null };
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  const list: unknown[] = [];
  const wide = Array.from({ length: 30 }).reduce<unknown[]>((inner) => Array(10).fill(inner), list);
  const set = { kind: "set_state", scope: "service", key: "key", live: { source: null } };
  const request = (asked: unknown) => ({ kind: "request", requestId: 1_000_000, request: asked });
  return {
    "nothing": null,
    "text": "ready",
    "unknown kind": { kind: "constructor" },
    "log of no level": { kind: "log", level: "constructor", text: "x" },
    "log of no text": { kind: "log", level: "info", text: { toString: 1 } },
    "done without emitted": end({ emitted: undefined }),
    "done with text": end({ emitted: "SpinEvent" }),
    "undeclared type": done({ ...spin, type: "GiftEvent" }),
    "data of a class": done({ ...spin, data: new Map() }),
    "data in a circle": done({ ...spin, data: cycle }),
    "data without end": done({ ...spin, data: { wide } }),
    "data with a BigInt": done({ ...spin, data: { big: 1n } }),
    "data too large": done({ ...spin, data: { text: "x".repeat(70_000) } }),
    "id of no text": done({ ...spin, id: 5 }),
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
    "state with a BigInt": request({ ...set, value: 1n }),
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
    "heartbeat without memory": { kind: "pong" },
    "ready again": { kind: "ready" },
    "a command's end": { kind: "command_ended", failure: null, isMistake: false, inOptions: [] },
  };
}
