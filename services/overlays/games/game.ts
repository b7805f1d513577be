/**
 * A game: something with a state that viewers change and watch, as a countdown or a poll. A game is a set of pure
 * functions over its state, which is JSON. `PlayedGame` keeps the state, shows it and emits its results.
 */
import type { LiveEvent, PaneLine } from "livecue/service";
import type { OverlayEvent } from "../messages.ts";

/** What causes a change, and when. Times are Unix milliseconds. */
export interface Moment {
  now: number;
  /** When Livecue received the event that causes the change; `now` if a person causes it. */
  at: number;
  /** Null if a person causes the change. */
  event: LiveEvent | null;
  /** The event for pages, with masked names. */
  shown: OverlayEvent | null;
}

/** An event for other services. */
export interface Result {
  type: string;
  data: object;
}

/** The state after a change, and the results that it has. */
export interface Turn<State> {
  state: State;
  results?: readonly Result[];
}

/** A key of the game's pane. */
export interface GameKey<Command> {
  key: string;
  does: string;
  command: Command;
}

export interface Game<State, Command, View> {
  readonly title: string;
  /** The state before the game was ever played. */
  readonly first: State;
  readonly keys: readonly GameKey<Command>[];
  /** Whether time stands still for the game while Livecue is stopped. */
  readonly isHeldByStops: boolean;
  /** Does what a rule or a person asks for. Throws a `UserError` if that is not possible now. */
  act(state: State, command: Command, moment: Moment): Turn<State>;
  /** Reads an event of the live; null if the event changes nothing. */
  hear(state: State, event: LiveEvent, moment: Moment): Turn<State> | null;
  /** When time alone will change the state; null if it will not. */
  dueAt(state: State): number | null;
  /** Makes the change that was due at `dueAt`. */
  pass(state: State, now: number): Turn<State>;
  /** Moves the state's times by this many milliseconds. */
  postpone(state: State, byMs: number): State;
  view(state: State, now: number): View;
  lines(state: State, now: number): PaneLine[];
}

/** How often something counts for a gift, likes or subscriptions: once for each of them, or for each diamond. */
export type Times = "count" | "diamonds";

/** Without an event, 1. The end of a streak adds nothing: 0. */
export function timesOf(times: Times | undefined, { shown }: Moment): number {
  if (shown === null || times === undefined) return 1;
  return times === "count" ? shown.count : shown.count * (shown.gift?.diamondCount ?? 0);
}

/** The masked name of the viewer who causes the change; "" if it is a person. */
export function nameIn({ shown }: Moment): string {
  return shown === null ? "" : shown.user.name || shown.user.handle;
}

/** A key of the viewer that is no name of an object's own parts, as "__proto__" is; null for nobody. */
export function viewerKeyOf({ user: { id, uniqueId } }: LiveEvent): string | null {
  if (id !== "") return keyOfViewer(id);
  return uniqueId === "" ? null : `handle ${uniqueId}`;
}

/** The key of a viewer with this id. */
export function keyOfViewer(userId: string): string {
  return `id ${userId}`;
}

/** For a pane: 3:07 or 1:03:07. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = String(seconds % 60).padStart(2, "0");
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${String(minutes).padStart(2, "0")}:${rest}`;
}
