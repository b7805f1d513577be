/** The viewers of a run: they are counted, known to services, and a person may mark them. */
import { type Clock, every } from "../clock.ts";
import type { Lives } from "../lives/lives.ts";
import { Viewers } from "../lives/viewers.ts";
import type { Log } from "../log/log.ts";
import type { Marks } from "../store/mark_box.ts";
import type { ViewerMark } from "../viewer.ts";
import type { Store } from "../store/store.ts";
import { ViewerCount } from "./viewer_count.ts";

export interface RunViewersOptions {
  clock: Clock;
  log: Log;
  lives: Lives;
  /** The last event that was added, which may not be committed yet. */
  lastEventId(): number;
}

/** How soon a running Livecue follows a command that marks a viewer. */
const lookEveryMs = 1_000;

export class RunViewers {
  readonly known: Viewers;
  readonly #store: Store;
  readonly #options: RunViewersOptions;
  readonly #count: ViewerCount;
  readonly #box: Marks;
  #stopLooking: () => void = () => {};

  constructor(store: Store, options: RunViewersOptions) {
    const { clock, log, lives, lastEventId } = options;
    this.#store = store;
    this.#options = options;
    this.#count = ViewerCount.of(store, { clock, log, lastEventId });
    this.known = new Viewers({
      counted: store.viewers,
      standings: store.standings,
      count: this.#count,
      before: store.ids.next("event") - 1,
      platformOf: (liveId) => lives.live(liveId)?.sourceType ?? "",
      blocked: store.reader.viewers.blocked(),
    });
    this.#box = store.marks;
    this.#takeMarks();
  }

  start(): void {
    this.#count.start();
    this.#stopLooking = every(this.#options.clock, lookEveryMs, () => this.#takeMarks());
  }

  async stop(): Promise<void> {
    this.#stopLooking();
    this.#takeMarks();
    await this.#count.stop();
  }

  /** Stores what a person changes about a viewer. */
  mark(mark: ViewerMark): void {
    this.#box.leave(mark, this.#options.clock.now());
    this.#takeMarks();
  }

  #takeMarks(): void {
    for (const mark of this.#box.take(this.#store.writer)) {
      if (mark.isBlocked !== undefined) this.known.setBlocked(mark, mark.isBlocked);
    }
  }
}
