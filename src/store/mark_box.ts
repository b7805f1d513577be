/** How a command changes what a person wrote about a viewer while Livecue runs. */
import type { OperationLog } from "../operation.ts";
import type { ViewerMark } from "../viewer.ts";
import { WishBox } from "./wish_box.ts";

/** More are left for the next look. */
const takenAtOnce = 100;

/** Where changes of viewers wait until the owner of the database stores them. */
export interface Marks {
  /** Leaves a change. Returns whether it is still there. */
  leave(mark: ViewerMark, at: number): () => boolean;
  /** Adds the changes that wait, the oldest first, and returns them. */
  take(operations: OperationLog): ViewerMark[];
}

export class MarkBox implements Marks {
  readonly #box: WishBox<ViewerMark>;

  /** `database`: the path of the database file. */
  constructor(database: string) {
    this.#box = new WishBox(`${database}.marks`, isMark);
  }

  leave(mark: ViewerMark, at: number): () => boolean {
    return this.#box.leave(mark, at).isThere;
  }

  take(operations: OperationLog): ViewerMark[] {
    return this.#box.take(takenAtOnce).map(({ wish: mark, done }) => {
      operations.add({ kind: "mark_viewer", mark }, done);
      return mark;
    });
  }
}

function isMark(read: unknown): read is ViewerMark {
  if (typeof read !== "object" || read === null) return false;
  const { platform, userId, note, isBlocked } = read as Record<string, unknown>;
  return typeof platform === "string" && typeof userId === "string" && userId !== "" &&
    (note === undefined || note === null || typeof note === "string") &&
    (isBlocked === undefined || typeof isBlocked === "boolean");
}
