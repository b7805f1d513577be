/** What is typed and chosen in a dialog: part of the reducer, pure as it is. */
import { mainEventTypes } from "../../event.ts";
import type { Action } from "../../control.ts";
import { formatCount } from "./format.ts";
import { stepThrough } from "./keys.ts";
import { type Dialog, formFields, isCapturing, type ScreenState, type Step } from "./state.ts";

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const maxTyped = 200;
const maxAmountDigits = 6;

/** The text that is being typed into; null where a choice or a question stands. */
function typedText(dialog: Dialog): string | null {
  switch (dialog.kind) {
    case "username":
    case "filter":
      return dialog.text;
    case "form":
      return dialog.field === "type" ? null : dialog[dialog.field];
    case "confirm":
      return null;
  }
}

function withText(state: ScreenState, text: string): ScreenState {
  const { dialog } = state;
  switch (dialog?.kind) {
    case "username":
    case "filter":
      return { ...state, dialog: { ...dialog, text: text.slice(0, maxTyped) } };
    case "form":
      return dialog.field === "amount"
        ? { ...state, dialog: { ...dialog, amount: text.replace(/\D/g, "").slice(0, maxAmountDigits) } }
        : { ...state, dialog: { ...dialog, [dialog.field]: text.slice(0, maxTyped) } };
    default:
      return state;
  }
}

/** Adds what was typed or pasted, on one line. */
export function withTyped(state: ScreenState, text: string): ScreenState {
  const present = state.dialog === null ? null : typedText(state.dialog);
  return present === null ? state : withText(state, present + text.replace(/[\p{Cc}\p{Cs}]+/gv, " "));
}

export function eraseTyped(state: ScreenState, what: "letter" | "all"): ScreenState {
  const present = state.dialog === null ? null : typedText(state.dialog);
  if (present === null) return state;
  const letters = [...graphemes.segment(present)].map(({ segment }) => segment);
  return withText(state, what === "all" ? "" : letters.slice(0, -1).join(""));
}

/** A filter's earlier text comes back by itself: the reducer takes it from the dialog that was left. */
export function cancelDialog(state: ScreenState): ScreenState {
  return { ...state, dialog: null };
}

export function stepField(state: ScreenState, by: 1 | -1): ScreenState {
  const { dialog } = state;
  if (dialog?.kind !== "form") return state;
  return { ...state, dialog: { ...dialog, field: stepThrough(formFields, dialog.field, by) } };
}

export function stepChoice(state: ScreenState, by: 1 | -1): ScreenState {
  const { dialog } = state;
  if (dialog?.kind !== "form" || dialog.field !== "type") return state;
  return { ...state, dialog: { ...dialog, type: stepThrough(mainEventTypes, narrow(dialog.type), by) } };
}

function narrow(type: string): typeof mainEventTypes[number] {
  return mainEventTypes.find((main) => main === type) ?? mainEventTypes[0];
}

export function acceptDialog(state: ScreenState): Step {
  const { dialog } = state;
  const closed = { ...state, dialog: null };
  switch (dialog?.kind) {
    case "username":
      return switchUser(closed, dialog.text.trim().replace(/^@/, ""));
    case "form": {
      const event = {
        type: dialog.type,
        amount: Math.max(1, Number(dialog.amount)),
        text: dialog.text.trim(),
      };
      return { state: closed, effects: [{ kind: "dispatch", action: { kind: "send_test_event", event } }] };
    }
    default:
      return { state: closed, effects: [] };
  }
}

/** Leaving a live that is being captured asks first. */
function switchUser(state: ScreenState, username: string): Step {
  if (username === "") return { state, effects: [] };
  const action: Action = { kind: "switch_user", username };
  const { connection, eventCount } = state.snapshot;
  if (!isCapturing(state) || connection.phase === "idle" || connection.phase === "waiting") {
    return { state, effects: [{ kind: "dispatch", action }] };
  }
  const question = `Leave the live of @${connection.username} (${
    formatCount(eventCount)
  } events so far) for @${username}?`;
  return { state: { ...state, dialog: { kind: "confirm", question, action } }, effects: [] };
}

/** Whether a test event of this type says how many, and whether it says something. */
export function formUses(type: string): { amount: string; text: string } {
  switch (type) {
    case "GiftEvent":
      return { amount: "how many", text: "gift" };
    case "LikeEvent":
      return { amount: "how many", text: "" };
    case "SubscribeEvent":
      return { amount: "month", text: "" };
    case "CommentEvent":
      return { amount: "", text: "comment" };
    default:
      return { amount: "", text: "" };
  }
}
