/** One run of the capture within a live; every event belongs to one. A row of `live_session`. */
export interface LiveSession {
  id: number;
  liveId: number;
  /** The source's name: a key of the config's `sources`, "replay:FILE" or "demo". */
  source: string;
  /** The streamer's handle, without the @. */
  username: string;
  roomId: string;
  /** Unix milliseconds. */
  startedAt: number;
}
