/** The messages between the main thread and a shared worker as a whole. Each room talks through a port of its own. */
export type MessageToRooms =
  /** The first message: the memory of `RunningRoom`. */
  | { kind: "running"; buffer: SharedArrayBuffer }
  /** Answered by `pong`. */
  | { kind: "ping" }
  /** Comes with the room's port. `ledger`: the memory of its ledger. `reportsEach` is as in `TransportOptions`. */
  | { kind: "open"; room: number; ledger: SharedArrayBuffer; reportsEach: boolean }
  /** Answered by `closed`. */
  | { kind: "close"; room: number };

export type MessageFromRooms =
  /** `heapBytes`: the JavaScript heap of all rooms. */
  | { kind: "pong"; heapBytes: number }
  /** `onStop` has ended, and the room's port is closed. */
  | { kind: "closed"; room: number }
  /** No message follows. */
  | { kind: "crashed"; error: string };
