/**
 * Shares synthesis fairly among viewers, with a limit in all and per viewer. The viewer with the fewest running tasks is
 * next; among equals, the viewer served the longest ago, and then the one with the more important text. A task that has
 * begun is never interrupted. So this computer runs only one of its own tasks at a time. Otherwise a new text would wait
 * for all tasks that have begun, and thirty programs would run side by side.
 */

export interface SlotsOptions {
  total: number;
  perViewer: number;
}

/** A text to synthesize. */
export interface SlotTask {
  viewer: string;
  /** The order among one viewer's texts; 10 is first. */
  priority: number;
  /** Whether this computer synthesizes the text, not a server. */
  isMadeHere: boolean;
}

interface Waiting extends SlotTask {
  begin(): void;
}

interface Viewer {
  runningCount: number;
  /** A counter shared by all viewers; 0 before the first task. */
  servedAt: number;
  /** In the order of their start. */
  readonly waiting: Waiting[];
}

export class Slots {
  readonly #options: SlotsOptions;
  /** Viewers with running or waiting tasks. */
  readonly #viewers = new Map<string, Viewer>();
  #runningCount = 0;
  #servedCount = 0;
  #isMakingHere = false;

  constructor(options: SlotsOptions) {
    this.#options = options;
  }

  get runningCount(): number {
    return this.#runningCount;
  }

  get waitingCount(): number {
    return [...this.#viewers.values()].reduce((sum, { waiting }) => sum + waiting.length, 0);
  }

  /** Calls `make` when it is the task's turn. Resolves and rejects as `make` does. */
  async run<Value>(task: SlotTask, make: () => Promise<Value>): Promise<Value> {
    await new Promise<void>((begin) => {
      insert(this.#viewerOf(task.viewer).waiting, { ...task, begin });
      this.#beginNext();
    });
    try {
      return await make();
    } finally {
      this.#leave(task);
    }
  }

  #viewerOf(name: string): Viewer {
    const viewer = this.#viewers.get(name) ?? { runningCount: 0, servedAt: 0, waiting: [] };
    this.#viewers.set(name, viewer);
    return viewer;
  }

  #beginNext(): void {
    for (let next = this.#next(); next !== null; next = this.#next()) {
      const viewer = this.#viewerOf(next.viewer);
      viewer.waiting.splice(viewer.waiting.indexOf(next), 1);
      viewer.runningCount++;
      viewer.servedAt = ++this.#servedCount;
      this.#runningCount++;
      if (next.isMadeHere) this.#isMakingHere = true;
      next.begin();
    }
  }

  #next(): Waiting | null {
    const { total, perViewer } = this.#options;
    if (this.#runningCount >= total) return null;
    let best: Candidate | null = null;
    for (const viewer of this.#viewers.values()) {
      const task = viewer.waiting.find(({ isMadeHere }) => !(isMadeHere && this.#isMakingHere));
      if (task === undefined || viewer.runningCount >= perViewer) continue;
      if (best === null || isBefore({ viewer, task }, best)) best = { viewer, task };
    }
    return best?.task ?? null;
  }

  #leave({ viewer: name, isMadeHere }: SlotTask): void {
    const viewer = this.#viewerOf(name);
    viewer.runningCount--;
    this.#runningCount--;
    if (isMadeHere) this.#isMakingHere = false;
    if (viewer.runningCount === 0 && viewer.waiting.length === 0) this.#viewers.delete(name);
    this.#beginNext();
  }
}

interface Candidate {
  viewer: Viewer;
  task: Waiting;
}

function isBefore(one: Candidate, other: Candidate): boolean {
  const order = one.viewer.runningCount - other.viewer.runningCount ||
    one.viewer.servedAt - other.viewer.servedAt ||
    other.task.priority - one.task.priority;
  return order < 0;
}

/** Inserts the task after all tasks of its priority. */
function insert(waiting: Waiting[], added: Waiting): void {
  const at = waiting.findLastIndex(({ priority }) => priority >= added.priority) + 1;
  waiting.splice(at, 0, added);
}
