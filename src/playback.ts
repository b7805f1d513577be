/** How a recording is played: what is shown of it, and what a person may do. Plain data. */

export interface PlaybackView {
  /** The path of the recording. */
  file: string;
  speed: number | "max";
  isPaused: boolean;
  hasEnded: boolean;
  /** How far it has come, in recorded time. */
  positionMs: number;
  /** The recorded time from its first to its last event; null if unknown. */
  lengthMs: number | null;
}

export type PlaybackDeed =
  /** Pauses, or goes on. */
  | { kind: "pause" }
  /** Plays one event, and pauses. */
  | { kind: "step" }
  | { kind: "faster" }
  | { kind: "slower" }
  /** Leaves out what comes before this recorded time, which counts from the start, or from here. */
  | { kind: "jump"; ms: number; isRelative: boolean };

/** The controls of a source that plays a recording. */
export interface Playback {
  view(): PlaybackView;
  /** Returns a sentence that says what holds now. */
  perform(deed: PlaybackDeed): string;
}
