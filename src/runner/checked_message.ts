/**
 * What a worker sends is checked before it goes anywhere: the code in it is another's. Each check returns what is
 * wrong, as words that go on after "the service", or null. The worker's own side uses the same checks, so that an
 * author hears of a mistake in the call that makes it.
 */
import { type Pane, paneKeyLetters } from "../pane.ts";
import { isEventType } from "../event.ts";
import { logLevels } from "../log/log.ts";
import type { ItemEnd } from "./protocol.ts";

export const maxEmissions = 100;
/** Of the data of all events of one item, as JSON: they come in one message. */
export const maxEmittedLetters = 800_000;
const maxDataBytes = 64 * 1024;
const maxValueBytes = 1024 * 1024;
/** Letters of a key of the state, an event's type or id, a source's name. */
const maxNameLength = 200;
const maxTextLength = 20_000;
/** Of items in a worker there are no more, and of all else far fewer. */
const maxListLength = 4_096;
const maxPaneTitle = 40;
/** Of a label and of a value: the kit cuts what is longer. The screen shows fewer letters. */
export const maxPaneText = 300;
export const maxPaneLines = 50;
const maxPaneKeys = 5;
const maxTop = 1000;
/** Lists in lists: far more than anyone needs, and far fewer than JSON can be written and read with. */
const maxLevels = 32;
/** Values in all: one list that is in another many times over could be endless. */
const maxValues = 100_000;

type Fields = Record<string, unknown>;

/** What is wrong with a message, whatever it is. What it emits is looked at by `emissionMistake`. */
export function messageMistake(message: unknown): string | null {
  if (!isObject(message)) return "sent no message";
  const { kind } = message;
  if (typeof kind !== "string" || !Object.hasOwn(mistakeByKind, kind)) {
    return "sent a message of an unknown kind";
  }
  return mistakeByKind[kind]?.(message) ?? null;
}

const wrong = (isRight: boolean, what: string) => isRight ? null : `sent ${what}`;

const mistakeByKind: Record<string, (message: Fields) => string | null> = {
  ready: () => null,
  held: () => null,
  began: () => null,
  stopped: () => null,
  start_failed: ({ failure, isMistake, inOptions }) =>
    wrong(
      isFailure(failure) && typeof isMistake === "boolean" && isMistakes(inOptions),
      "a failed start without its reason",
    ),
  ended: ({ ends }) =>
    wrong(
      isList(ends) && ends.every((end) => isObject(end) && Number.isSafeInteger(end["itemId"])),
      "the end of no item",
    ),
  returned: ({ itemIds }) =>
    wrong(isList(itemIds) && itemIds.every(Number.isSafeInteger), "items back that have no id"),
  show: ({ pane }) => paneMistake(pane),
  log: ({ level, text }) =>
    wrong(
      logLevels.some((each) => each === level) && isText(text),
      "a line of the log without a text",
    ),
  pong: ({ heapBytes }) =>
    wrong(Number.isFinite(heapBytes) && Number(heapBytes) >= 0, "a sign of life without its memory"),
  crashed: ({ error }) => wrong(isText(error), "a crash without its reason"),
  child: ({ pid, isRunning }) =>
    wrong(
      Number.isSafeInteger(pid) && Number(pid) > 1 && typeof isRunning === "boolean",
      "a program without its pid",
    ),
  request: ({ requestId, request }) =>
    Number.isSafeInteger(requestId) ? requestMistake(request) : "asked without a number",
  print: ({ text }) => wrong(typeof text === "string", "nothing to print"),
  commands: ({ commands }) => wrong(isCommands(commands), "commands without their names"),
  command_ended: ({ failure, isMistake, inOptions }) =>
    wrong(
      (failure === null || isFailure(failure)) && typeof isMistake === "boolean" && isMistakes(inOptions),
      "an end without its reason",
    ),
};

/** What is wrong with what a service asks for. What it emits is looked at by `emissionMistake`. */
export function requestMistake(request: unknown): string | null {
  if (!isObject(request) || !isLiveChoice(request["live"])) return "asked about no live";
  const { kind, scope, key, value, count, emission } = request;
  switch (kind) {
    case "get_state":
    case "set_state": {
      if (scope !== "service" && scope !== "live" && scope !== "session") {
        return `named the scope ${shown(scope)}: it is "service", "live" or "session"`;
      }
      if (!isName(key)) return `named a key that is no text of 1 to ${maxNameLength} letters`;
      return value === undefined ? null : jsonMistake(value, maxValueBytes, `the value of "${key}"`);
    }
    case "totals":
      return null;
    case "top": {
      const isCount = Number.isSafeInteger(count) && Number(count) >= 1 && Number(count) <= maxTop;
      return isCount ? null : `asked for ${shown(count)} givers: ask for 1 to ${maxTop}`;
    }
    case "emit":
      return isObject(emission) ? null : "emitted no event";
    default:
      return "asked for something unknown";
  }
}

/** `emits`: the types that the service's config names. */
export function emissionMistake(emission: unknown, emits: readonly string[]): string | null {
  if (!isObject(emission)) return "emitted no event";
  const { type, data, id } = emission;
  if (typeof type !== "string" || !emits.includes(type)) {
    const known = emits.length === 0 ? "which names none" : `which names ${emits.join(", ")}`;
    return `emitted ${shown(type)}, which is not in "emits" of its config, ${known}: ${
      typeAdvice(type, emits)
    }`;
  }
  if (id !== null && !isName(id)) {
    return `emitted ${type} with an id that is no text of 1 to ${maxNameLength} letters`;
  }
  if (!isObject(data)) {
    return `emitted ${type} with data that is no JSON object: give one, as { prize: "a hat" }`;
  }
  return jsonMistake(data, maxDataBytes, `the data of ${type}`);
}

function typeAdvice(type: unknown, emits: readonly string[]): string {
  if (typeof type !== "string") return "give the type as a text";
  const meant = emits.find((each) => each.toLowerCase() === type.toLowerCase());
  if (meant !== undefined) return `write "${meant}"`;
  if (isEventType(type)) return "emit a type of your own, and name it there";
  return "add it there";
}

/** What is wrong with an item's end, in a message that is right. */
export function endMistake({ failure, emitted }: ItemEnd, emits: readonly string[]): string | null {
  if (failure === null) return emittedMistake(emitted, emits);
  return wrong(isFailure(failure), "a failure without its reason");
}

/** What one item emits. */
function emittedMistake(emitted: unknown, emits: readonly string[]): string | null {
  if (!Array.isArray(emitted)) return "emitted no list of events";
  if (emitted.length > maxEmissions) return `emitted over ${maxEmissions} events with one item`;
  for (const emission of emitted) {
    const mistake = emissionMistake(emission, emits);
    if (mistake !== null) return mistake;
  }
  return null;
}

export function paneMistake(pane: unknown): string | null {
  if (!isObject(pane) || !Array.isArray(pane["lines"])) {
    return "showed no pane: it is { title, lines: [{ label, value, part }] }";
  }
  const { title, lines } = pane as unknown as Pane;
  if (typeof title !== "string" || title.trim() === "" || [...title].length > maxPaneTitle) {
    return `showed a pane whose title is no text of 1 to ${maxPaneTitle} letters`;
  }
  if (lines.length > maxPaneLines) {
    return `showed the pane "${title}" with over ${maxPaneLines} lines: show fewer`;
  }
  if (!lines.every(isPaneLine)) {
    return `showed the pane "${title}" with a line that is not { label: text, value: text, part: number }`;
  }
  return paneKeysMistake(pane as unknown as Pane);
}

function paneKeysMistake({ title, keys = [] }: Pane): string | null {
  if (!Array.isArray(keys) || keys.length > maxPaneKeys || !keys.every(isPaneKey)) {
    return `showed the pane "${title}" with keys that are not up to ${maxPaneKeys} of { key: letter, does: text }`;
  }
  const strange = keys.find(({ key }) => !paneKeyLetters.includes(key));
  return strange === undefined
    ? null
    : `showed the pane "${title}" with the key "${strange.key}", which has a ` +
      `meaning of its own: take one of ${paneKeyLetters}`;
}

function isPaneKey(paneKey: unknown): boolean {
  if (!isObject(paneKey)) return false;
  const { key, does } = paneKey;
  return typeof key === "string" && key.length === 1 && typeof does === "string" && does.trim() !== "" &&
    does.length <= maxPaneText;
}

function isPaneLine(line: unknown): boolean {
  if (!isObject(line)) return false;
  const { label, value = "", part = 0 } = line;
  return [label, value].every((text) => typeof text === "string" && text.length <= maxPaneText) &&
    Number.isFinite(part);
}

/** Whether a value is plain JSON of a bounded size; `what` names it. */
function jsonMistake(value: unknown, maxBytes: number, what: string): string | null {
  const budget = { values: maxValues };
  if (!isJson(value, maxLevels, budget)) {
    const isEndless = budget.values < 0;
    return `gave for ${what} ${
      isEndless ? `over ${maxValues} values` : "something that is not JSON, or is nested too deep"
    }`;
  }
  const text = JSON.stringify(value);
  const bytes = text.length * 3 > maxBytes ? new TextEncoder().encode(text).length : 0;
  if (bytes <= maxBytes) return null;
  return `gave ${Math.ceil(bytes / 1024)} KB for ${what}: give at most ${maxBytes / 1024} KB`;
}

function isJson(value: unknown, levels: number, budget: { values: number }): boolean {
  if (--budget.values < 0 || levels < 0) return false;
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object": {
      if (value === null) return true;
      if (Array.isArray(value)) return value.every((each) => isJson(each, levels - 1, budget));
      return isObject(value) && Object.values(value).every((each) => isJson(each, levels - 1, budget));
    }
    default:
      return false;
  }
}

function isFailure(failure: unknown): boolean {
  if (!isObject(failure)) return false;
  const { sentence, place, isUserError } = failure;
  return isText(sentence) && (place === null || isText(place)) && typeof isUserError === "boolean";
}

function isMistakes(mistakes: unknown): boolean {
  return isList(mistakes) &&
    mistakes.every((each) =>
      isObject(each) && isText(each["message"]) && isList(each["path"]) &&
      each["path"].every((key) => typeof key === "string" || typeof key === "number")
    );
}

function isCommands(commands: unknown): boolean {
  return isList(commands) &&
    commands.every((each) =>
      isObject(each) &&
      [each["name"], each["usage"], each["description"]].every(isText)
    );
}

function isLiveChoice(choice: unknown): boolean {
  if (!isObject(choice)) return false;
  if ("itemId" in choice) return Number.isSafeInteger(choice["itemId"]);
  return choice["source"] === null || isName(choice["source"]);
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value !== "" && value.length <= maxNameLength && value.isWellFormed();
}

/** Of a line, a sentence, an error: the worker's own side cuts each far shorter. */
function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= maxTextLength;
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length <= maxListLength;
}

/** A plain one: nothing with a class of its own, and no list. */
function isObject(value: unknown): value is Fields {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A value of any kind as a few letters. */
function shown(value: unknown): string {
  return typeof value === "string"
    ? `"${value.slice(0, 60)}"`
    : typeof value === "number"
    ? `${value}`
    : typeof value;
}
