/**
 * Who may have sound made, fairly: so many at a time in all, and so many of one viewer. Whoever has the least under way
 * is next; among those the one who was served the longest ago. What has begun is never interrupted.
 */

export interface SlotsOptions {
  total: number;
  perViewer: number;
}

interface Waiting {
  /** Among one viewer's own: 10 first. */
  priority: number;
  begin(): void;
}

interface Viewer {
  runningCount: number;
  /** Counts up over all viewers; 0 before the first time. */
  servedAt: number;
  /** In the order in which they begin. */
  readonly waiting: Waiting[];
}

export class Slots {
  readonly #options: SlotsOptions;
  /** Those with something to do. */
  readonly #viewers = new Map<string, Viewer>();
  #runningCount = 0;
  #servedCount = 0;

  constructor(options: SlotsOptions) {
    this.#options = options;
  }

  get runningCount(): number {
    return this.#runningCount;
  }

  get waitingCount(): number {
    return [...this.#viewers.values()].reduce((sum, { waiting }) => sum + waiting.length, 0);
  }

  /** Runs it in its turn. Resolves and rejects as it does. */
  async run<Value>(
    { viewer, priority }: { viewer: string; priority: number },
    make: () => Promise<Value>,
  ): Promise<Value> {
    await new Promise<void>((begin) => {
      insert(this.#viewerOf(viewer).waiting, { priority, begin });
      this.#beginNext();
    });
    try {
      return await make();
    } finally {
      this.#leave(viewer);
    }
  }

  #viewerOf(name: string): Viewer {
    const viewer = this.#viewers.get(name) ?? { runningCount: 0, servedAt: 0, waiting: [] };
    this.#viewers.set(name, viewer);
    return viewer;
  }

  #beginNext(): void {
    for (let next = this.#next(); next !== null; next = this.#next()) {
      next.runningCount++;
      next.servedAt = ++this.#servedCount;
      this.#runningCount++;
      next.waiting.shift()?.begin();
    }
  }

  #next(): Viewer | null {
    const { total, perViewer } = this.#options;
    if (this.#runningCount >= total) return null;
    let next: Viewer | null = null;
    for (const viewer of this.#viewers.values()) {
      if (viewer.waiting.length === 0 || viewer.runningCount >= perViewer) continue;
      if (next === null || isBefore(viewer, next)) next = viewer;
    }
    return next;
  }

  #leave(name: string): void {
    const viewer = this.#viewerOf(name);
    viewer.runningCount--;
    this.#runningCount--;
    if (viewer.runningCount === 0 && viewer.waiting.length === 0) this.#viewers.delete(name);
    this.#beginNext();
  }
}

function isBefore(one: Viewer, other: Viewer): boolean {
  return one.runningCount === other.runningCount
    ? one.servedAt < other.servedAt
    : one.runningCount < other.runningCount;
}

/** Behind all of its priority. */
function insert(waiting: Waiting[], added: Waiting): void {
  const at = waiting.findLastIndex(({ priority }) => priority >= added.priority) + 1;
  waiting.splice(at, 0, added);
}
