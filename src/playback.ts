/** How a recording is played: what is shown of it, and what a person may do. Plain data. */

export interface PlaybackView {
  /** The path of the recording. */
  file: string;
  speed: number | "max";
  isPaused: boolean;
  hasEnded: boolean;
  /** How far it has come. Gaps count as long as they are played, so a gap that is shortened counts 10 s. */
  positionMs: number;
  /** From its first to its last event, in the same way; null if unknown. */
  lengthMs: number | null;
}

export type PlaybackDeed =
  /** Pauses, or goes on. */
  | { kind: "pause" }
  /** Plays one event, and pauses. */
  | { kind: "step" }
  | { kind: "faster" }
  | { kind: "slower" }
  /**
   * Goes to a position, which counts from the start, or from here. Forward it leaves out what comes before; back it
   * plays again what comes, in a new session.
   */
  | { kind: "jump"; ms: number; isRelative: boolean };

/** The controls of a source that plays a recording. */
export interface Playback {
  view(): PlaybackView;
  /** Returns a sentence that says what holds now. */
  perform(deed: PlaybackDeed): string;
}
