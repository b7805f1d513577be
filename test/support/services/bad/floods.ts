import { type Deed, post } from "./deed.ts";

const many = 100_000;
const bytes = new TextEncoder().encode("written\n");

/** More than anyone can take. */
export const floods: Record<string, Deed> = {
  "flood the log": ({ log }) => {
    for (let i = 0; i < many; i++) log.info(`line ${i}`);
    return true;
  },
  "flood the console": () => {
    for (let i = 0; i < many; i++) console.log("line", i);
    return true;
  },
  "flood standard output": () => {
    for (let i = 0; i < many; i++) Deno.stdout.writeSync(bytes);
    return true;
  },
  "log two million lines at once": ({ log }) => {
    log.warn("one of many\n".repeat(2_000_000));
    return true;
  },
  "log a line of 50 MB": ({ log }) => {
    log.error("x".repeat(50_000_000));
    return true;
  },
  "flood the state": ({ state }) => {
    for (let i = 0; i < many; i++) void state.set("count", i);
    return true;
  },
  "flood the state with keys": async ({ state }) => {
    for (let i = 0; i < 20_000; i++) await state.set(`key ${i}`, i);
    return true;
  },
  "flood the state with megabytes": ({ state }) => {
    const megabyte = "x".repeat(1_000_000);
    for (let i = 0; i < 20; i++) void state.set(`large ${i}`, megabyte);
    return true;
  },
  "keep 50 MB": async ({ state }) => {
    await state.set("large", "x".repeat(50_000_000));
    return true;
  },
  "flood the state's answers": ({ state }) => {
    for (let i = 0; i < many; i++) void state.get("count");
    return true;
  },
  "ask for the top all the time": ({ live }) => {
    for (let i = 0; i < many; i++) void live.top(1000);
    return true;
  },
  "flood the screen": (service) => {
    for (let i = 0; i < many; i++) {
      service.show({ title: `pane ${i % 20}`, lines: [{ label: "count", value: `${i}` }] });
    }
    return true;
  },
  "flood with events": (service) => {
    for (let i = 0; i < many; i++) void service.emit("BadEvent", { i });
    return true;
  },
  "flood with an item's events": (_service, _event, item) => {
    for (let i = 0; i < many; i++) item.emit("BadEvent", { i });
    return true;
  },
  "emit all that an item may": (_service, _event, item) => {
    for (let i = 0; i < 100; i++) item.emit("BadEvent", { text: "x".repeat(60_000) });
    return true;
  },
  "set timers in thousands": () => {
    for (let i = 0; i < 20_000; i++) setInterval(() => {}, 1_000 + i % 100);
    return true;
  },
  "schedule in thousands": (service) => {
    for (let i = 0; i < 5_000; i++) service.every(1, () => {});
    return true;
  },
  "post garbage in a flood": () => {
    for (let i = 0; i < many; i++) post(`garbage ${i}`);
    return true;
  },
  "post megabytes in a flood": () => {
    const megabyte = "x".repeat(1_000_000);
    for (let i = 0; i < 2_000; i++) post(megabyte);
    return true;
  },
  "post buffers in a flood": () => {
    for (let i = 0; i < 1_000; i++) post(new Uint8Array(1_000_000));
    return true;
  },
  "flood a channel": () => {
    const channel = new BroadcastChannel("livecue");
    for (let i = 0; i < many; i++) channel.postMessage(i);
    return true;
  },
};
