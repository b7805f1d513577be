/** The keys that play a recording: a part of the reducer, and pure as well. */
import { t } from "../../language.ts";
import { formatDuration } from "./format.ts";
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
 * Jumps to a time as "21:40", "1:02:03" or "90", from the start, or from here with a sign. Asks before it goes back.
 * Throws a `UserError` if it is no time of the recording.
 */
export function jumpReplay(state: ScreenState, text: string): Step {
  const source = playedSource(state);
  const [, sign = "", time = ""] = /^([+-]?)(\d{1,6}(?::\d{1,2}){0,2})$/.exec(text) ?? [];
  if (time === "") {
    throw new UserError(t`"${text}" is not a time: type one as 21:40, or +60 or -60 for a minute from here.`);
  }
  if (source === null || source.playback === null) return only(state);
  const { positionMs, lengthMs } = source.playback;
  const typedMs = time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) * 1_000;
  if (lengthMs !== null && typedMs + (sign === "+" ? positionMs : 0) > lengthMs) {
    throw new UserError(
      t`${text} is after the end of the recording, which lasts ${formatDuration(lengthMs)}.`,
    );
  }
  const ms = sign === "-" ? Math.max(0, positionMs - typedMs) : typedMs;
  const deed = { kind: "jump", ms, isRelative: sign === "+" } as const;
  if (sign === "+" || ms >= positionMs) return play(state, deed);
  const question = t`Go back to ${
    formatDuration(ms)
  }? A new session begins there, and services act again on what comes.`;
  const action = { kind: "play", source: source.name, deed } as const;
  return only({ ...state, dialog: { kind: "confirm", question, action } });
}
