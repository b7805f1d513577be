/** The keys that play a recording: a part of the reducer, and pure as well. */
import { t } from "../../language.ts";
import type { PlaybackDeed } from "../../playback.ts";
import { UserError } from "../../user_error.ts";
import { dispatch, only, playedSource, type ScreenState, type Step } from "./state.ts";

export function play(state: ScreenState, deed: PlaybackDeed): Step {
  const source = playedSource(state);
  return source === null ? only(state) : only(state, dispatch({ kind: "play", source: source.name, deed }));
}

/** Whether a jump is one of the recording that is playing. */
export function isJumpOfReplay(state: ScreenState): boolean {
  return playedSource(state)?.playback?.hasEnded === false;
}

/**
 * Jumps to a time as "21:40", "1:02:03" or "90", from the start, or from here with a plus. Throws a `UserError` if it is
 * no time.
 */
export function jumpReplay(state: ScreenState, text: string): Step {
  const [, sign = "", time = ""] = /^(\+?)(\d+(?::\d{1,2}){0,2})$/.exec(text) ?? [];
  if (time === "") {
    throw new UserError(t`"${text}" is not a time: type one as 21:40, or +60 for a minute forward.`);
  }
  const seconds = time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return play(state, { kind: "jump", ms: seconds * 1_000, isRelative: sign === "+" });
}
