/** The keys that play a recording: a part of the reducer, and pure as well. */
import type { PlaybackDeed } from "../../playback.ts";
import { dispatch, only, playedSource, type ScreenState, type Step } from "./state.ts";

export function play(state: ScreenState, deed: PlaybackDeed): Step {
  const source = playedSource(state);
  return source === null ? only(state) : only(state, dispatch({ kind: "play", source: source.name, deed }));
}

/** Asks for the time to which the replay jumps. */
export function askJump(state: ScreenState): Step {
  const source = playedSource(state);
  return only(
    source === null ? state : { ...state, dialog: { kind: "jump", source: source.name, text: "" } },
  );
}
