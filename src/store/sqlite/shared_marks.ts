/** What people change about viewers of a file of many rooms: one room stores it, and all rooms follow. */
import type { OperationLog } from "../../operation.ts";
import type { ViewerMark } from "../../viewer.ts";
import type { Marks } from "../mark_box.ts";

export class SharedMarks {
  readonly #box: Marks;
  /** By streamer: changes that another room has taken. */
  readonly #rooms = new Map<string, ViewerMark[]>();

  constructor(box: Marks) {
    this.#box = box;
  }

  /** The marks of one room, until `forget`. */
  of(streamer: string): Marks {
    this.#rooms.set(streamer, []);
    return {
      leave: (mark, at) => this.#box.leave(mark, at),
      take: (operations) => this.#take(streamer, operations),
    };
  }

  forget(streamer: string): void {
    this.#rooms.delete(streamer);
  }

  #take(streamer: string, operations: OperationLog): ViewerMark[] {
    const taken = this.#box.take(operations);
    for (const [room, marks] of this.#rooms) if (room !== streamer) marks.push(...taken);
    const others = this.#rooms.get(streamer) ?? [];
    if (this.#rooms.has(streamer)) this.#rooms.set(streamer, []);
    return [...others, ...taken];
  }
}
