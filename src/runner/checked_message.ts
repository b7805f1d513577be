/**
 * Checks everything that a worker sends before Livecue uses it, because the worker runs a third party's code.
 * Each check returns what is wrong, phrased to follow "the service", or null. The worker uses the same
 * checks, so that an author sees a mistake in the call that makes it.
 */
import { type Pane, paneKeyLetters } from "../pane.ts";
import { isEventType } from "../event.ts";
import { logLevels } from "../log/log.ts";
import { maxResultBytes } from "../step.ts";
import { newsMistake, queryMistake } from "./reading_messages.ts";
import type { ItemEnd } from "./protocol.ts";

export const maxEmissions = 100;
/** Characters of JSON for the data of all events of one item, because one message carries them all. */
export const maxEmittedCharacters = 800_000;
const maxDataBytes = 64 * 1024;
const maxValueBytes = 1024 * 1024;
/** Characters of a state key, an event's type or id, or a source's name. */
const maxNameLength = 200;
const maxTextLength = 20_000;
/** Characters of a JSON Schema. */
export const maxSchemaLength = 500_000;
/** No worker ever has more items than this; every other list is far shorter. */
const maxListLength = 4_096;
const maxPaneTitle = 40;
/** Characters of a label and of a value. The kit cuts longer ones, and the screen shows fewer still. */
export const maxPaneText = 300;
export const maxPaneLines = 50;
const maxPaneKeys = 5;
const maxTop = 1000;
const maxRetries = 1_000;
const longestStepMs = 366 * 24 * 60 * 60_000;
/** Nesting depth: far more than anyone needs, and far less than JSON.stringify and JSON.parse can handle. */
const maxLevels = 32;
/** Values in total: a list that contains the same list many times over could be enormous. */
const maxValues = 100_000;

type Fields = Record<string, unknown>;

/** What is wrong with a message of any content. `emissionMistake` checks the events that it emits. */
export function messageMistake(message: unknown): string | null {
  if (!isObject(message)) return "sent something that is not a message";
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
      "an item's end without the item's id",
    ),
  returned: ({ itemIds }) =>
    wrong(isList(itemIds) && itemIds.every(Number.isSafeInteger), "returned items without their ids"),
  show: ({ pane }) => paneMistake(pane),
  trouble: ({ text }) => wrong(text === null || isText(text), "a trouble that is not a text"),
  log: ({ level, text, option = [] }) => {
    if (!isKeyPath(option)) return "sent a log line about something that is not a path";
    return wrong(logLevels.some((each) => each === level) && isText(text), "a log line without text");
  },
  pong: ({ heapBytes }) =>
    wrong(
      Number.isFinite(heapBytes) && Number(heapBytes) >= 0,
      "an answer to a ping without its memory usage",
    ),
  crashed: ({ error, isBystander }) =>
    wrong(
      isText(error) && (isBystander === undefined || isBystander === true),
      "a crash without its reason",
    ),
  child: ({ pid, isRunning }) =>
    wrong(
      Number.isSafeInteger(pid) && Number(pid) > 1 && typeof isRunning === "boolean",
      "a program without its pid",
    ),
  request: ({ requestId, request }) =>
    Number.isSafeInteger(requestId) ? requestMistake(request) : "sent a request without an id",
  print: ({ text }) => wrong(typeof text === "string", "nothing to print"),
  commands: ({ commands, options }) =>
    wrong(isCommands(commands), "commands without their names") ??
      wrong(isOptionsView(options), "options that are not described"),
  command_ended: ({ failure, isMistake, inOptions }) =>
    wrong(
      (failure === null || isFailure(failure)) && typeof isMistake === "boolean" && isMistakes(inOptions),
      "an end without its reason",
    ),
};

/** What is wrong with a service's request. `emissionMistake` checks the event that it emits. */
export function requestMistake(request: unknown): string | null {
  if (!isObject(request)) return "sent a request of an unknown kind";
  if (request["kind"] === "use_folder" || request["kind"] === "will_fail") {
    return wrong(Number.isSafeInteger(request["itemId"]), "a request about no item");
  }
  if (Object.hasOwn(stepMistakes, String(request["kind"]))) return stepMistake(request);
  if (request["kind"] === "readings") return queryMistake(request["query"]);
  if (request["kind"] === "reading_news") return newsMistake(request["idle"]);
  if (!isLiveChoice(request["live"])) return "sent a request that names no live";
  const { kind, scope, key, value, count, emission, keep } = request;
  switch (kind) {
    case "get_state":
    case "set_state": {
      if (scope !== "service" && scope !== "live" && scope !== "session") {
        return `named the scope ${shown(scope)}: it is "service", "live" or "session"`;
      }
      if (!isName(key)) return `named a key that is not a string of 1 to ${maxNameLength} characters`;
      return value === undefined ? null : jsonMistake(value, maxValueBytes, `the value of "${key}"`);
    }
    case "totals":
      return null;
    case "top": {
      const isCount = Number.isSafeInteger(count) && Number(count) >= 1 && Number(count) <= maxTop;
      return isCount ? null : `asked for ${shown(count)} givers: ask for 1 to ${maxTop}`;
    }
    case "emit":
      if (!isObject(emission)) return "sent an emit request without an event";
      return keep === undefined ? null : keptMistake(keep);
    default:
      return "sent a request of an unknown kind";
  }
}

function keptMistake(keep: unknown): string | null {
  if (!isObject(keep) || !isName(keep["key"])) return "kept a value without a key";
  return jsonMistake(keep["value"], maxValueBytes, `the value of "${keep["key"]}"`);
}

const stepMistakes: Record<string, (request: Fields, step: string) => string | null> = {
  begin_step: ({ rules, sleepMs }, step) => {
    if (!isObject(rules)) return `began ${step} without its rules`;
    const { retries, backoffMs, timeoutMs } = rules;
    if (!isWhole(retries, 0, maxRetries)) {
      return `gave ${step} ${shown(retries)} as "retries": give a whole number up to ${maxRetries}`;
    }
    if (!isWhole(backoffMs, 0, longestStepMs)) {
      return `gave ${step} ${notMilliseconds("backoffMs", backoffMs)}`;
    }
    if (timeoutMs !== null && !isWhole(timeoutMs, 1, longestStepMs)) {
      return `gave ${step} ${notMilliseconds("timeoutMs", timeoutMs)}`;
    }
    return sleepMs === null || isWhole(sleepMs, 0, longestStepMs)
      ? null
      : `gave ${step} ${notMilliseconds("sleep", sleepMs)}`;
  },
  complete_step: ({ result }, step) => {
    if (result === undefined) return null;
    const mistake = jsonMistake(result, maxResultBytes, `the result of ${step}`);
    return mistake === null ? null : `${mistake}: return a path or an id, and keep the data in a file`;
  },
  fail_step: ({ error, isFinal, leastWaitMs }, step) => {
    if (!isText(error) || typeof isFinal !== "boolean") return `failed ${step} without a reason`;
    return isWhole(leastWaitMs, 0, longestStepMs)
      ? null
      : `failed ${step} with ${notMilliseconds("retryAfterMs", leastWaitMs)}`;
  },
  show_step: ({ fraction, text }, step) => {
    const isFraction = Number.isFinite(fraction) && Number(fraction) >= 0 && Number(fraction) <= 1;
    return isFraction && typeof text === "string" && text.length <= maxPaneText
      ? null
      : `showed a progress of ${step} that is not a number from 0 to 1 and a text`;
  },
};

function stepMistake(request: Fields): string | null {
  const { kind, itemId, name } = request;
  if (!Number.isSafeInteger(itemId)) return "sent a request about a step without its item";
  if (!isName(name)) {
    return `named a step ${shown(name)}: a step's name is a text of 1 to ${maxNameLength} characters`;
  }
  return stepMistakes[String(kind)]?.(request, `the step "${name}"`) ?? null;
}

function notMilliseconds(what: string, value: unknown): string {
  return `${shown(value)} as "${what}": give milliseconds, up to a year`;
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
}

/** `emits` lists the types that the service's config names. */
export function emissionMistake(emission: unknown, emits: readonly string[]): string | null {
  if (!isObject(emission)) return "emitted something that is not an event";
  const { type, data, id, toSelf } = emission;
  if (typeof type !== "string" || !emits.includes(type)) {
    const known = emits.length === 0 ? "which names none" : `which names ${emits.join(", ")}`;
    return `emitted ${shown(type)}, which is not in "emits" of its config, ${known}: ${
      typeAdvice(type, emits)
    }`;
  }
  if (id !== null && !isName(id)) {
    return `emitted ${type} with an id that is not a string of 1 to ${maxNameLength} characters`;
  }
  if (typeof toSelf !== "boolean") return `emitted ${type} with a toSelf that is not true or false`;
  if (!isObject(data)) {
    return `emitted ${type} with data that is not a JSON object: pass one, such as { prize: "a hat" }`;
  }
  return jsonMistake(data, maxDataBytes, `the data of ${type}`);
}

function typeAdvice(type: unknown, emits: readonly string[]): string {
  if (typeof type !== "string") return "pass the type as a string";
  const meant = emits.find((each) => each.toLowerCase() === type.toLowerCase());
  if (meant !== undefined) return `write "${meant}"`;
  if (isEventType(type)) return "emit a type of your own, and add it there";
  return "add it there";
}

/** What is wrong with an item's end, in a message that passed `messageMistake`. */
export function endMistake(
  { failure, emitted, isWaiting }: ItemEnd,
  emits: readonly string[],
): string | null {
  if (isWaiting !== undefined && isWaiting !== true) return "gave an item back without its reason";
  if (failure === null) return emittedMistake(emitted, emits);
  return wrong(isFailure(failure), "a failure without its reason");
}

/** What is wrong with the events that one item emits. */
function emittedMistake(emitted: unknown, emits: readonly string[]): string | null {
  if (!Array.isArray(emitted)) return "emitted something that is not a list of events";
  if (emitted.length > maxEmissions) return `emitted more than ${maxEmissions} events with one item`;
  for (const emission of emitted) {
    const mistake = emissionMistake(emission, emits);
    if (mistake !== null) return mistake;
  }
  return null;
}

export function paneMistake(pane: unknown): string | null {
  if (!isObject(pane) || !Array.isArray(pane["lines"])) {
    return "showed something that is not a pane: a pane is { title, lines: [{ label, value, part }] }";
  }
  const { title, lines } = pane as unknown as Pane;
  if (typeof title !== "string" || title.trim() === "" || [...title].length > maxPaneTitle) {
    return `showed a pane whose title is not a string of 1 to ${maxPaneTitle} characters`;
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
      `different meaning: use one of ${paneKeyLetters}`;
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

/** What is wrong with a value that must be plain JSON of a bounded size; `what` names the value. */
function jsonMistake(value: unknown, maxBytes: number, what: string): string | null {
  const budget = { values: maxValues };
  if (!isJson(value, maxLevels, budget)) {
    const isEndless = budget.values < 0;
    return `passed ${
      isEndless ? `over ${maxValues} values` : "data that is not JSON, or is nested too deeply,"
    } as ${what}`;
  }
  const text = JSON.stringify(value);
  const bytes = text.length * 3 > maxBytes ? new TextEncoder().encode(text).length : 0;
  if (bytes <= maxBytes) return null;
  return `passed ${Math.ceil(bytes / 1024)} KB as ${what}: the limit is ${maxBytes / 1024} KB`;
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
    mistakes.every((each) => isObject(each) && isText(each["message"]) && isKeyPath(each["path"]));
}

function isKeyPath(path: unknown): boolean {
  return isList(path) && path.every((key) => typeof key === "string" || typeof key === "number");
}

function isCommands(commands: unknown): boolean {
  return isList(commands) &&
    commands.every((each) =>
      isObject(each) &&
      [each["name"], each["usage"], each["description"]].every(isText)
    );
}

function isOptionsView(options: unknown): boolean {
  if (!isObject(options) || !isMistakes(options["mistakes"])) return false;
  const { schema } = options;
  return schema === null || (typeof schema === "string" && schema.length <= maxSchemaLength);
}

function isLiveChoice(choice: unknown): boolean {
  if (!isObject(choice)) return false;
  if ("itemId" in choice) return Number.isSafeInteger(choice["itemId"]);
  return choice["source"] === null || isName(choice["source"]);
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value !== "" && value.length <= maxNameLength && value.isWellFormed();
}

/** A line, a sentence or an error. The worker's side cuts each of them much shorter. */
function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= maxTextLength;
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length <= maxListLength;
}

/** A plain object: no class instance and no list. */
function isObject(value: unknown): value is Fields {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A value of any kind as a short text. */
function shown(value: unknown): string {
  return typeof value === "string"
    ? `"${value.slice(0, 60)}"`
    : typeof value === "number"
    ? `${value}`
    : typeof value;
}
