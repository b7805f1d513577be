/**
 * The current room of a recording. In a battle, the opponent's room sends messages into the live, so another room
 * alone does not mean another live. The recording moves to another room when the live of the current room has ended,
 * or when another streamer's live starts.
 */
import type { CapturedEvent } from "../../source.ts";

export class RecordedRoom {
  #roomId: string | null = null;
  #streamer = "";
  #hasEnded = false;

  /** `roomId` "": the room of the first event. */
  constructor(roomId = "") {
    if (roomId !== "") this.#roomId = roomId;
  }

  /** Whether the next event comes from another room. `streamer`: "" if unknown. */
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
