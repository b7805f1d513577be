/**
 * The room that a recording is in. A battle's other side sends messages of its own room into the live, so another
 * room alone is no other live: the recording moves on where its room's live has ended, or another streamer's begins.
 */
import type { CapturedEvent } from "../../source.ts";

export class RecordedRoom {
  #roomId: string | null = null;
  #streamer = "";
  #hasEnded = false;

  /** `roomId` "": the first event's. */
  constructor(roomId = "") {
    if (roomId !== "") this.#roomId = roomId;
  }

  /** Takes in the next event of this streamer's ("" where it is not known); says whether it is of another room. */
  isForeign({ roomId, type }: CapturedEvent, streamer: string): boolean {
    const isAnother = streamer !== "" && this.#streamer !== "" && streamer !== this.#streamer;
    const movesOn = this.#roomId === null || this.#hasEnded || isAnother;
    if (roomId !== "" && roomId !== this.#roomId && movesOn) {
      this.#roomId = roomId;
      this.#hasEnded = false;
    }
    if (streamer !== "") this.#streamer = streamer;
    if (roomId !== "" && roomId !== this.#roomId) return true;
    if (type === "StreamEndEvent") this.#hasEnded = true;
    return false;
  }
}
