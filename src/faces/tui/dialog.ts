/** Typing and choosing in a dialog: a part of the reducer, and pure as well. */
import type { Action } from "../../control.ts";
import { bareHandle, notAHandle } from "../../handle.ts";
import { counted, noun, t } from "../../language.ts";
import { maxNoteLength } from "../../viewer.ts";
import { acceptLine } from "./event_search.ts";
import { formatCount } from "./format.ts";
import { stepThrough } from "./list.ts";
import {
  chosenUser,
  type Dialog,
  type Effect,
  type Message,
  type ScreenState,
  sourceNames,
  type Step,
  topView,
  withTopView,
} from "./state.ts";
import {
  choiceIn,
  eventOfForm,
  typedInForm,
  withFormChoice,
  withFormStep,
  withFormText,
} from "./test_form.ts";

/** Characters of a text, other than a note. */
const maxTyped = 200;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
/** The known gifts that the arrow keys go through. */
const maxMatches = 50;

/** The text that is being edited; null if there is none, as for a choice or a question. */
function typedText(state: ScreenState): string | null {
  const { dialog } = state;
  const view = topView(state);
  switch (dialog?.kind) {
    case undefined:
      return view.kind === "help" ? view.text : null;
    case "username":
    case "filter":
    case "line":
      return dialog.text;
    case "form":
      return typedInForm(dialog.form);
    case "confirm":
      return null;
  }
}

function withText(state: ScreenState, text: string): ScreenState {
  const { dialog } = state;
  switch (dialog?.kind) {
    case "filter":
      return { ...state, dialog: { ...dialog, text: text.slice(0, maxTyped) } };
    case "username":
    case "line": {
      const max = dialog.kind === "line" && dialog.asks === "note" ? maxNoteLength : maxTyped;
      const why = text.length > max ? t`At most ${formatCount(max)} characters fit here.` : "";
      return { ...state, dialog: { ...dialog, text: text.slice(0, max), why } };
    }
    case "form":
      return { ...state, dialog: { ...dialog, form: withFormText(dialog.form, text) } };
    default: {
      const view = topView(state);
      if (view.kind !== "help") return state;
      return withTopView(state, { ...view, text: text.slice(0, maxTyped), scroll: 0 });
    }
  }
}

/** Adds typed or pasted text, as one line. */
export function withTyped(state: ScreenState, text: string): ScreenState {
  const present = typedText(state);
  return present === null ? state : withText(state, present + text.replace(/[\p{Cc}\p{Cs}]+/gv, " "));
}

export function eraseTyped(state: ScreenState, what: "character" | "all"): ScreenState {
  const present = typedText(state);
  if (present === null) return state;
  const characters = [...graphemes.segment(present)].map(({ segment }) => segment);
  return withText(state, what === "all" ? "" : characters.slice(0, -1).join(""));
}

/** Asks for the known gifts when the typed name of a gift has changed. */
export function giftQuery(before: Dialog | null, { dialog }: ScreenState): Effect[] {
  if (dialog?.kind !== "form" || dialog.form.giftId !== null) return [];
  const { gift: text } = dialog.form;
  const isSame = before?.kind === "form" && before.form.gift === text && before.form.giftId === null;
  return isSame ? [] : [{
    kind: "query",
    query: { kind: "gifts", text, order: null, isAll: true, session: null, first: 0, limit: maxMatches },
    asked: 0,
  }];
}

/** The reducer restores a filter's earlier text from the dialog that was closed. */
export function cancelDialog(state: ScreenState): ScreenState {
  return { ...state, dialog: null };
}

export function stepField(state: ScreenState, by: 1 | -1): ScreenState {
  const { dialog } = state;
  if (dialog?.kind !== "form") return state;
  return { ...state, dialog: { ...dialog, form: withFormStep(dialog.form, by, sourceNames(state)) } };
}

/** The choice that the left and right keys change; null if they do nothing. */
export function choiceOf(state: ScreenState): string | null {
  const { dialog } = state;
  if (dialog?.kind === "username") return state.snapshot.switchable.length > 1 ? "source" : null;
  if (dialog?.kind !== "form") return null;
  return choiceIn(dialog.form, sourceNames(state));
}

export function stepChoice(state: ScreenState, by: 1 | -1): ScreenState {
  const { dialog } = state;
  switch (dialog?.kind) {
    case "form":
      return { ...state, dialog: { ...dialog, form: withFormChoice(dialog.form, by, sourceNames(state)) } };
    case "username": {
      const names = state.snapshot.switchable;
      if (names.length < 2) return state;
      return { ...state, dialog: { ...dialog, source: stepThrough(names, dialog.source ?? "", by) } };
    }
    default:
      return state;
  }
}

/** Asks for a user. With several sources, it starts with the one whose events are shown. */
export function askUsername(state: ScreenState): ScreenState {
  const names = state.snapshot.switchable;
  const shown = names.find((name) => name === state.eventFilter.source);
  return { ...state, dialog: { kind: "username", source: shown ?? names[0] ?? null, text: "", why: "" } };
}

/** Puts the next of the last users into the field; before and after them, the field is empty. */
export function stepUser(state: ScreenState, by: 1 | -1): ScreenState {
  const { dialog, snapshot } = state;
  if (dialog?.kind !== "username") return state;
  const choices = ["", ...snapshot.recentUsers];
  const present = choices.includes(dialog.text) ? dialog.text : "";
  return { ...state, dialog: { ...dialog, text: stepThrough(choices, present, by), why: "" } };
}

export function forgetUser(state: ScreenState): Step {
  const username = chosenUser(state);
  if (username === null || state.dialog?.kind !== "username") return { state, effects: [] };
  const forgotten = { ...state, dialog: { ...state.dialog, text: "" } };
  return { state: forgotten, effects: [{ kind: "dispatch", action: { kind: "forget_user", username } }] };
}

/** The dialog again with a name that was refused, to edit it; null if the message is about something else. */
export function withRefusedUser(
  state: ScreenState,
  { result, action }: Message & { kind: "status" },
): ScreenState | null {
  if (!result.isError || action?.kind !== "switch_user" || state.dialog !== null) return null;
  const { source, username: text } = action;
  return { ...state, dialog: { kind: "username", source, text, why: result.text } };
}

export function acceptDialog(state: ScreenState): Step {
  const { dialog } = state;
  const closed = { ...state, dialog: null };
  switch (dialog?.kind) {
    case "username":
      return acceptUser(state, dialog);
    case "form": {
      const event = eventOfForm(dialog.form);
      return { state: closed, effects: [{ kind: "dispatch", action: { kind: "send_test_event", event } }] };
    }
    case "line":
      return acceptLine(state, dialog);
    default:
      return { state: closed, effects: [] };
  }
}

function acceptUser(state: ScreenState, dialog: Dialog & { kind: "username" }): Step {
  const username = bareHandle(dialog.text);
  if (username === null) {
    return { state: { ...state, dialog: { ...dialog, why: notAHandle(dialog.text) } }, effects: [] };
  }
  const closed = { ...state, dialog: null };
  return username === "" ? { state: closed, effects: [] } : switchUser(closed, dialog.source, username);
}

/** Asks for confirmation before it leaves a live that is being captured. */
function switchUser(state: ScreenState, name: string | null, username: string): Step {
  const action: Action = { kind: "switch_user", source: name, username };
  const source = state.snapshot.sources.find((source) => source.name === name);
  if (source === undefined || source.session === null) {
    return { state, effects: [{ kind: "dispatch", action }] };
  }
  const soFar = counted(source.storedCount, noun("event"), formatCount(source.storedCount));
  const question = sourceNames(state).length > 1
    ? t`${source.name}: leave the live of @${source.user} (${soFar} so far) for @${username}?`
    : t`Leave the live of @${source.user} (${soFar} so far) for @${username}?`;
  return { state: { ...state, dialog: { kind: "confirm", question, action } }, effects: [] };
}
