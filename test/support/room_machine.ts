/** A machine that captures streamers out of a database of many rooms, for tests. */
import assert from "node:assert/strict";
import { App } from "../../src/app/app.ts";
import { RoomKeeper } from "../../src/app/room_keeper.ts";
import { systemClock } from "../../src/clock.ts";
import { openRooms } from "../../src/store/open.ts";
import type { Rooms } from "../../src/store/rooms.ts";
import { Store } from "../../src/store/store.ts";
import { Live, makeService } from "./app_on_a_live.ts";
import { silentLog } from "./silent_log.ts";
import { configIn } from "./temporary_store.ts";

/** Each streamer is in a live of the test's own. */
export class RoomMachine {
  readonly lives = new Map<string, Live>();
  readonly keeper: RoomKeeper;
  readonly #rooms: Rooms;
  readonly #running: Promise<void>;
  readonly #changes = new Set<() => void>();

  private constructor(
    rooms: Rooms,
    folder: string,
    { machine, most }: { machine: string; most: number },
  ) {
    this.#rooms = rooms;
    this.keeper = new RoomKeeper({
      machine,
      maxStreamers: most,
      streamers: rooms.streamers,
      open: (streamer) => this.#open(streamer, folder),
      isAway: (error) => rooms.isAway(error),
      clock: systemClock,
      log: silentLog(),
      random: () => 0,
      onChange: () => this.#tell(),
    });
    this.#running = this.keeper.run();
  }

  static async start(address: string, folder: string, machine: string, most = 100): Promise<RoomMachine> {
    const own = { address, durability: "normal", machine, keepsRooms: true } as const;
    const options = { ...own, clock: systemClock, log: silentLog() };
    return new RoomMachine(await openRooms(options), folder, { machine, most });
  }

  get streamers(): Rooms["streamers"] {
    return this.#rooms.streamers;
  }

  /** Resolves when the machine has as many rooms as this. */
  async has(count: number): Promise<void> {
    while (this.keeper.names.length !== count) {
      await new Promise<void>((resolve) => this.#changes.add(resolve));
    }
  }

  async stop(): Promise<void> {
    await this.keeper.stop("Stopped.");
    await this.#running;
    await this.#rooms.close();
  }

  #tell(): void {
    for (const change of this.#changes) change();
    this.#changes.clear();
  }

  async #open(streamer: string, folder: string): Promise<App | null> {
    const live = new Live();
    const app = await App.open({
      config: configIn(folder, { services: [makeService("dummy")] }),
      clock: systemClock,
      log: silentLog(),
      sources: [live.source],
      processes: "all",
      whenIdle: "end",
      openStore: async (onLost) => {
        const taken = await this.#rooms.take(streamer, { clock: systemClock, log: silentLog(), onLost });
        assert.ok(taken instanceof Store);
        return taken;
      },
    });
    this.lives.set(streamer, live);
    return app;
  }
}
