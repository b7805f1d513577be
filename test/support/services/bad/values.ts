import type { Pane } from "livecue/service";
import type { Deed } from "./deed.ts";

const odd: unknown[] = [
  undefined,
  null,
  NaN,
  Infinity,
  {},
  [],
  "",
  "x".repeat(300),
  "\ud800",
  Symbol("key"),
  5,
];

async function settle(calls: (() => unknown)[]): Promise<boolean> {
  for (const call of calls) {
    try {
      await call();
    } catch {
      // Each is refused; what matters is what else happens.
    }
  }
  return true;
}

/** Values that are none. */
export const values: Record<string, Deed> = {
  "keep under odd keys": ({ state }) => settle(odd.map((key) => () => state.set(key as string, 1))),
  "keep odd values": ({ state }) => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const deep = Array.from({ length: 100_000 }).reduce<unknown[]>((inner) => [inner], []);
    const given = [
      ...odd,
      cycle,
      deep,
      1n,
      () => 1,
      new Map(),
      Array(200_000).fill(0),
      JSON.parse('{"__proto__":1}'),
    ];
    return settle(given.map((value) => () => state.set("odd", value)));
  },
  "name odd scopes": ({ state, live }) =>
    settle([
      () => state.get("x", { scope: "constructor" as "live" }),
      () => state.get("x", { scope: "live", source: "nobody" }),
      () => live.top(NaN),
      () => live.top(1e9),
      () => live.totals({ source: 5 as unknown as string }),
    ]),
  "show odd panes": (service) => {
    const line = { label: "x" };
    const panes: unknown[] = [
      ...odd,
      { title: "x" },
      { title: "x".repeat(1_000_000), lines: [] },
      { title: "x", lines: Array(100_000).fill(line) },
      { title: "x", lines: [{ label: "y".repeat(10_000_000), value: "z".repeat(10_000_000) }] },
      { title: "x", lines: [{ label: "y", part: NaN }, null, 5] },
    ];
    return settle(panes.map((pane) => () => service.show(pane as Pane)));
  },
  "emit odd events": (service) =>
    settle([
      ...odd.map((data) => () => service.emit("BadEvent", data as object)),
      ...odd.map((type) => () => service.emit(type as string, {})),
      ...odd.map((id) => () => service.emit("BadEvent", {}, { id: id as string })),
      () => service.emit("GiftEvent", { gift: "forged" }),
      () => service.emit("BadEvent", JSON.parse('{"__proto__":{"isPolluted":true},"constructor":1}')),
    ]),
  "change what it was given": (_service, event, item) => {
    Object.assign(event, { id: -1, type: "GiftEvent", data: null, user: null });
    Object.assign(item, { attempt: 99 });
    return true;
  },
};
