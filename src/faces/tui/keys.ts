/** The keys as they are bound now: what the footer says of each, and why it is off. */
import {
  type ActionName,
  actionNames,
  isForTyping,
  type KeyChoices,
  keysFor,
  type Place,
  type ScreenAction,
  screenActions,
} from "../../screen_keys.ts";
import { isCharacter } from "../../key.ts";
import { msg, t, translated } from "../../language.ts";
import { choiceOf } from "./dialog.ts";
import { isTooSmall } from "./layout.ts";
import { whyNotInRoom } from "./one_of_many.ts";
import { shownViewer, whyNotMarked, whyNoViewer } from "./viewer_actions.ts";
import {
  chosenUser,
  hasShown,
  isCapturing,
  type Message,
  playedSource,
  type ScreenState,
  selectedService,
  sourceNames,
  topView,
} from "./state.ts";
import {
  areAllPaused,
  isScrolledBack,
  whyNoSearch,
  whyNoService,
  whyNotAtWork,
  whyNothingSelected,
  whyNothingToRetry,
  whyNotPlaying,
  whyNotProcessed,
  whyNoUser,
  whyPast,
} from "./why_off.ts";

interface Extras {
  /** One or two words for the footer. Without a hint, a key is only in the help. */
  hint?: string | ((state: ScreenState) => string);
  /** Why the key does nothing now; null if it works. */
  whyOff?: (state: ScreenState) => string | null;
  /** What it does here, if that is not its description. */
  does?: (state: ScreenState) => string | null;
}

export interface KeyBinding extends ScreenAction, Extras {
  action: ActionName;
}

const whyOneSource = (state: ScreenState) =>
  sourceNames(state).length > 1 ? null : t`There is only one source.`;

/** Of a past session, services have no details, and its gifts are not sent as tests. */
const opensNothing = ({ focus }: ScreenState) => focus !== "events" && focus !== "sessions";

/** Actions without an entry always work, and are only in the help. */
const extras: Partial<Record<ActionName, Extras>> = {
  yes: { hint: msg("yes") },
  no: { hint: msg("no") },
  accept: { hint: msg("accept") },
  cancel: { hint: (state) => state.dialog === null && topView(state).kind === "help" ? t`back` : t`cancel` },
  next_field: { hint: msg("next field") },
  next_choice: {
    hint: (state) => choiceOf(state) === null ? "" : t`other ${translated(choiceOf(state) ?? "")}`,
  },
  view_viewer: { hint: () => t`viewer`, whyOff: whyNoViewer },
  note_viewer: { hint: () => t`note`, whyOff: whyNotMarked },
  block_viewer: {
    hint: (state) => shownViewer(state)?.isBlocked ? t`unblock` : t`block`,
    whyOff: whyNotMarked,
  },
  next_user: { hint: ({ snapshot }) => snapshot.recentUsers.length > 0 ? t`last users` : "" },
  forget_user: {
    hint: () => t`forget`,
    whyOff: (state) => chosenUser(state) === null ? t`This is none of the last users.` : null,
  },
  open: {
    hint: (state) => state.focus === "gifts" ? t`test event` : t`open`,
    whyOff: (state) => whyNothingSelected(state) ?? (opensNothing(state) ? whyPast(state) : null),
  },
  pause: {
    hint: (state) => selectedService(state)?.phase === "paused" ? t`resume` : t`pause`,
    whyOff: (state) => whyNoService(state) ?? whyNotAtWork(state),
  },
  pause_all: {
    hint: (state) => areAllPaused(state) ? t`resume all` : t`pause all`,
    whyOff: whyNoService,
  },
  restart: { hint: msg("restart"), whyOff: (state) => whyNoService(state) ?? whyNotProcessed(state) },
  empty: {
    hint: msg("empty"),
    whyOff: (state) =>
      whyNoService(state) ?? (selectedService(state)?.pending === 0 ? t`Its queue is empty.` : null),
  },
  retry_failed: {
    hint: (state) => (selectedService(state)?.failed ?? 0) > 0 ? t`retry failed` : "",
    whyOff: whyNoService,
  },
  retry_discarded: {
    hint: (state) => (selectedService(state)?.discarded ?? 0) > 0 ? t`retry discarded` : "",
    whyOff: whyNoService,
  },
  retry_event: { hint: msg("retry"), whyOff: whyNothingToRetry },
  next_filter: { hint: msg("filter") },
  next_source: {
    hint: (state) => sourceNames(state).length > 1 ? t`source` : "",
    whyOff: whyOneSource,
  },
  previous_source: { whyOff: whyOneSource },
  search: { hint: msg("search") },
  next_hit: { hint: (state) => state.search === null ? "" : t`next`, whyOff: whyNoSearch },
  previous_hit: { hint: (state) => state.search === null ? "" : t`previous`, whyOff: whyNoSearch },
  filter_text: { hint: msg("search") },
  gift_order: { hint: msg("order") },
  all_gifts: { hint: (state) => state.gifts.isAll ? t`only seen` : t`all gifts` },
  bottom: { hint: (state) => isScrolledBack(state) && state.past === null ? t`follow` : "" },
  back: { hint: (state) => topView(state).kind === "main" ? "" : t`back` },
  test_event: { hint: msg("test event") },
  change_user: { hint: msg("user"), whyOff: whyNoUser },
  demo: {
    hint: (state) => isCapturing(state) ? "" : t`demo`,
    whyOff: (state) => isCapturing(state) ? t`A live is being captured, so the demo cannot start.` : null,
  },
  replay_pause: {
    hint: (state) => playedSource(state) === null ? "" : t`pause/go on`,
    whyOff: whyNotPlaying,
  },
  replay_step: { whyOff: whyNotPlaying },
  replay_faster: {
    hint: (state) => playedSource(state) === null ? "" : t`faster`,
    whyOff: whyNotPlaying,
  },
  replay_slower: { whyOff: whyNotPlaying },
  jump: { hint: msg("jump") },
  edit_config: { hint: msg("config") },
  rule_desk: { hint: msg("rules") },
  zoom: { hint: msg("zoom") },
  next_pane: { hint: msg("pane") },
  focus_shown: {
    hint: (state) => hasShown(state) && state.focus !== "shown" ? t`shown` : "",
    whyOff: (state) => hasShown(state) ? null : t`No service has a pane of its own.`,
  },
  focus_channels: {
    hint: (state) => state.snapshot.hasChannels && state.focus !== "channels" ? t`channels` : "",
    whyOff: ({ snapshot }) => snapshot.hasChannels ? null : t`There are no channels of readings.`,
  },
  focus_sessions: { hint: (state) => state.focus === "sessions" ? "" : t`sessions` },
  focus_gifts: { hint: (state) => state.focus === "gifts" ? "" : t`gifts` },
  chart_hour: { hint: msg("hour") },
  chart_day: { hint: msg("day") },
  chart_week: { hint: msg("week") },
  help: { hint: msg("help") },
  quit: {
    hint: (state) => state.room !== null ? t`rooms` : state.isQuitting ? t`quit now` : t`quit`,
    does: (state) => state.room === null ? null : t`back to the list of rooms`,
  },
  interrupt: { does: (state) => state.room === null ? null : t`back to the list of rooms` },
};

/** These work in a past session, too: they only look, and change nothing of the live. */
const lookingActions: ReadonlySet<ActionName> = new Set<ActionName>([
  ...["yes", "no", "accept", "cancel", "erase", "erase_all", "next_choice", "previous_choice"] as const,
  ...["next_filter", "previous_filter", "choose_types", "filter_events", "filter_text"] as const,
  ...["search", "next_hit", "previous_hit", "jump", "gift_order", "zoom", "next_theme"] as const,
  ...[
    "up",
    "down",
    "page_up",
    "page_down",
    "top",
    "bottom",
    "open",
    "back",
    "next_pane",
    "previous_pane",
  ] as const,
  ...[
    "focus_events",
    "focus_services",
    "focus_gifts",
    "focus_sessions",
    "redraw",
    "help",
    "view_viewer",
  ] as const,
  ...["edit_config", "rule_desk", "quit", "interrupt"] as const,
]);

function bindingsWith(choices: KeyChoices): KeyBinding[] {
  return actionNames.map((action) => ({
    ...screenActions[action],
    ...extras[action],
    whyOff: (state) =>
      whyNotInRoom(state, action) ?? (lookingActions.has(action) ? null : whyPast(state)) ??
        extras[action]?.whyOff?.(state) ?? null,
    action,
    keys: keysFor(choices, action),
  }));
}

const bindingsByChoices = new WeakMap<KeyChoices, KeyBinding[]>();

/** All keys as they are bound now. */
export function bindingsOf({ snapshot: { settings: { keys } } }: ScreenState): readonly KeyBinding[] {
  const known = bindingsByChoices.get(keys);
  if (known !== undefined) return known;
  const bindings = bindingsWith(keys);
  bindingsByChoices.set(keys, bindings);
  return bindings;
}

export function placeOf(state: ScreenState): Place {
  const { dialog } = state;
  switch (dialog?.kind) {
    case "confirm":
    case "form":
      return dialog.kind;
    case "username":
      return "user";
    case "filter":
    case "line":
      return "prompt";
  }
  const view = topView(state);
  return view.kind === "main" ? state.focus : view.kind;
}

/** The keys of a binding that work in this place: where text is typed, a key with a character types it. */
export function keysIn({ keys, places }: Pick<ScreenAction, "keys" | "places">, place: Place): string[] {
  if (!places.includes(place)) return [];
  return keys.filter((key) => !isForTyping(place) || !isCharacter(key) && key !== "space");
}

/** The binding of a key here and now; undefined if the key does nothing, or types its character. */
export function findBinding(state: ScreenState, key: string): KeyBinding | undefined {
  const place = placeOf(state);
  return bindingsOf(state).find((binding) => keysIn(binding, place).includes(key));
}

/** The action, or why it does nothing now. */
export function activated(state: ScreenState, action: ActionName): Message {
  const reason = bindingsOf(state).find((binding) => binding.action === action)?.whyOff?.(state) ?? null;
  return reason === null ? { kind: "key", action } : { kind: "key_off", reason };
}

/** They work also in a window that is too small to show anything. */
const unseen: readonly ActionName[] = ["quit", "interrupt", "redraw"];

/**
 * What a key press means. `key`: its name; `character`: what it types, or "". In a window that is too small, nobody
 * sees the question that a key would answer.
 */
export function pressed(state: ScreenState, key: string, character: string): Message | null {
  if (isTooSmall(state.size)) {
    const binding = bindingsOf(state).find(({ action, keys }) =>
      unseen.includes(action) && keys.includes(key)
    );
    return binding === undefined ? null : activated(state, binding.action);
  }
  const binding = findBinding(state, key);
  if (binding !== undefined) return activated(state, binding.action);
  return character === "" ? null : { kind: "typed", text: character };
}

export function hintOf(binding: KeyBinding, state: ScreenState): string {
  return typeof binding.hint === "function" ? binding.hint(state) : translated(binding.hint ?? "");
}
