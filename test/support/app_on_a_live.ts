/** An app on a live that the test controls, with real workers, a real database and a fake clock. */
import { fileURLToPath } from "node:url";
import { App } from "../../src/app/app.ts";
import type { AppOptions } from "../../src/app/run_options.ts";
import type { CapturedEvent, Source, SourceItem } from "../../src/source.ts";
import type { Config } from "../../src/config/config.ts";
import type { ServiceConfig } from "../../src/service.ts";
import type { Subscription } from "../../src/subscription.ts";
import { commentOf } from "./captured_events.ts";
import { FakeClock } from "./fake_clock.ts";
import { silentLog } from "./silent_log.ts";
import { configIn, serviceConfig, withFolder } from "./temporary_store.ts";
import { traitsOf } from "./sources.ts";

export const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
export const comments: Subscription = {
  isEnabled: true,
  priority: 5,
  isAsync: false,
  isDiscardable: false,
  streaks: "each",
};

export function makeService(slug: string, given: Partial<ServiceConfig> = {}): ServiceConfig {
  return serviceConfig(slug, { serviceClass: dummy, subscriptions: { CommentEvent: comments }, ...given });
}

/** What happens in the live. */
export class Live {
  readonly #items: SourceItem[] = [{ kind: "session", username: "host", roomId: "700" }];
  #wake = () => {};
  #count = 0;
  readonly #taken: { upTo: number; resolve: () => void }[] = [];
  #takenCount = 0;

  readonly source: Source = {
    name: "demo",
    traits: traitsOf(),
    open: (signal) => this.#open(signal),
  };

  /** Resolves when it has been taken in. */
  async say(text: string): Promise<void> {
    const event: CapturedEvent = { ...commentOf(text, "700"), messageId: String(++this.#count) };
    this.#items.push({ kind: "event", event, raw: null });
    // The session is an item, too.
    const upTo = this.#count + 1;
    this.#wake();
    await new Promise<void>((resolve) => this.#taken.push({ upTo, resolve }));
  }

  async *#open(signal: AbortSignal): AsyncGenerator<SourceItem> {
    signal.addEventListener("abort", () => this.#wake());
    while (!signal.aborted) {
      const item = this.#items.shift();
      if (item === undefined) {
        await new Promise<void>((resolve) => this.#wake = resolve);
        continue;
      }
      yield item;
      // It is asked for the next one only when this one has been taken in.
      this.#takenCount++;
      for (const waiter of this.#taken) if (waiter.upTo <= this.#takenCount) waiter.resolve();
    }
  }
}

export async function withApp(
  services: ServiceConfig[],
  use: (parts: { app: App; live: Live; config: Config; folder: string; clock: FakeClock }) => Promise<void>,
  options: Partial<AppOptions> = {},
): Promise<void> {
  await withFolder(async (folder) => {
    const live = new Live();
    const config = configIn(folder, { services });
    const clock = new FakeClock();
    const app = await App.open({
      config,
      clock,
      log: silentLog(),
      sources: [live.source],
      processes: "all",
      whenIdle: "end",
      ...options,
    });
    const running = app.run();
    try {
      await use({ app, live, config, folder, clock });
    } finally {
      app.stop("The test is over.");
      await running;
    }
  });
}
