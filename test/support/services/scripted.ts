import fs from "node:fs";
import { BaseQueueService, type LiveEvent, type QueueItem, UserError } from "livecue/service";

/** Does what the comment says. */
export default class Scripted extends BaseQueueService {
  override processEvent(event: LiveEvent, item: QueueItem): boolean | Promise<boolean> {
    const words = event.type === "CommentEvent" ? event.data.comment : "";
    switch (words) {
      case "succeed":
        return true;
      case "succeed later":
        return Promise.resolve(true);
      case "refuse":
        return false;
      case "refuse later":
        return Promise.resolve(false);
      case "throw":
        throw new TypeError("the hat is empty");
      case "complain":
        throw new UserError("the hat is empty: put a rabbit in");
      case "throw a string":
        throw "just words";
      case "throw later":
        return Promise.reject(new Error("the hat was empty"));
      case "return nothing":
        return undefined as unknown as boolean;
      case "return 1":
        return 1 as unknown as boolean;
      case "never answer":
        return new Promise(() => {});
      case "give up when told":
        return whenAborted(item.signal).then(() => {
          this.log.info(`gave up: ${item.signal.reason.name}, ${item.signal.reason.message}`);
          return false;
        });
      case "complain when told":
        return whenAborted(item.signal).then(() => {
          throw new UserError("the hat is empty: put a rabbit in");
        });
      case "succeed when a stop begins":
        return whenAborted(this.stopping).then(() => !this.signal.aborted);
      case "say so and succeed when a stop begins":
        this.log.info("waiting for a stop");
        return whenAborted(this.stopping).then(() => true);
      case "succeed when told to stop":
        return whenAborted(item.signal).then(() => true);
      case "loop":
        for (;;);
      case "say and loop":
        this.log.info("looping");
        for (;;);
      case "compute":
        return compute(3);
      case "compute and say":
        this.log.info(`computed ${item.id}`);
        return compute(3);
      case "print":
        console.log(`printed ${item.id}`);
        return true;
      case "write empty lines":
        // Past all that Livecue redirects.
        fs.writeSync(1, "\n".repeat(50_000));
        return true;
      case "say":
        this.log.info(`said ${item.id}`);
        return true;
      case "say and succeed later":
        this.log.info(`began ${item.id}`);
        return new Promise((resolve) => setTimeout(() => resolve(true)));
      case "every":
        this.every(0.001, () => this.log.info("a moment has passed"));
        return true;
      case "exit":
        Deno.exit(3);
        break;
      case "kill":
        Deno.kill(Deno.pid, "SIGKILL");
        return new Promise(() => {});
      case "close":
        globalThis.close();
        return new Promise(() => {});
      case "stray rejection":
        Promise.reject(new Error("nobody caught this"));
        return true;
      case "stray error":
        setTimeout(() => {
          throw new Error("thrown from a timer");
        });
        return true;
      case "ask for a permission":
        return Deno.permissions.request({ name: "net" }).then(({ state }) => {
          this.log.info(`net is ${state}`);
          return state === "granted";
        });
      case "fill the heap":
        return fillHeap();
      case "fill buffers":
        return this.#fillBuffers();
      default:
        throw new Error(`not in the script: ${words}`);
    }
  }

  #fillBuffers(): Promise<boolean> {
    const kept = Array.from({ length: 12 }, () => new Uint8Array(10 * 2 ** 20).fill(1));
    this.log.info("filled");
    return new Promise(() => setInterval(() => kept.length, 1000));
  }

  override onStop(): void {
    this.log.info(`stopping, signal ${this.signal.aborted ? "aborted" : "not aborted"}`);
  }
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Nothing else happens in its thread meanwhile. */
function compute(ms: number): true {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return true;
}

function fillHeap(): never {
  const kept: unknown[] = [];
  for (;;) kept.push({ at: kept.length });
}
