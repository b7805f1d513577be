/** Reads `keys`: which keys of the screen do what. Finds unknown actions and keys, and keys that would do two things. */
import type { Node } from "jsonc-parser";
import { helpPages } from "../help_page.ts";
import { isCharacter, namedKeys, parseKey, sameInTerminal, shownKey } from "../key.ts";
import { msg, t, translated } from "../language.ts";
import { nearestName } from "../nearest_names.ts";
import { paneKeyLetters } from "../pane.ts";
import {
  type ActionName,
  boundActions,
  isForTyping,
  type KeyChoices,
  keysFor,
  type Place,
  screenActions,
} from "../screen_keys.ts";
import { excerpt, type Finding, type KeyPath } from "./config_error.ts";
import type { ConfigFile } from "./schema.ts";
import { findingAt, keyOffset } from "./validation.ts";

/** The keys that the file sets. Keys that do not exist are left out. */
export function keyChoices({ keys }: ConfigFile): KeyChoices {
  return Object.fromEntries(
    Object.entries(keys).flatMap(([action, written]) => {
      const known = writtenKeys(written).flatMap(({ text }) => parseKey(text) ?? []);
      return isAction(action) && known.length > 0 ? [[action, known as [string, ...string[]]]] : [];
    }),
  );
}

export function keyMistakes(root: Node, file: ConfigFile): Finding[] {
  const choices = keyChoices(file);
  return Object.entries(file.keys).flatMap(([action, written]) => {
    if (!isAction(action)) return [unknownAction(root, action)];
    return writtenKeys(written).flatMap(({ text, path }) => {
      const message = whyNotAKey(text) ?? whyTaken(action, parseKey(text) as string, choices);
      return message === null ? [] : [findingAt(root, ["keys", action, ...path], message)];
    });
  });
}

function writtenKeys(written: ConfigFile["keys"][string]): { text: string; path: KeyPath }[] {
  if (typeof written === "string") return [{ text: written, path: [] }];
  return written.map((text, index) => ({ text, path: [index] }));
}

function isAction(name: string): name is ActionName {
  return (boundActions as readonly string[]).includes(name);
}

function unknownAction(root: Node, name: string): Finding {
  const path = ["keys", name];
  if (name === "interrupt") {
    return { offset: keyOffset(root, path), path, message: t`Ctrl-C always quits; delete this line` };
  }
  const nearest = nearestName(name, boundActions);
  const found = excerpt(JSON.stringify(name));
  const message = nearest === null
    ? t`there is no action ${found}; ${helpPages.screen} lists all`
    : t`there is no action ${found}, did you mean "${nearest}"?`;
  return { offset: keyOffset(root, path), path, message };
}

const plainNames = namedKeys.filter((name) => !/^F\d/.test(name)).join(", ");

function whyNotAKey(text: string): string | null {
  const key = parseKey(text);
  if (key === null) {
    const nearest = /^alt/i.test(text.trim()) ? null : nearestName(text, namedKeys);
    const found = excerpt(JSON.stringify(text));
    return nearest === null
      ? t`there is no key ${found}; a key is a character, as "p", Ctrl with a letter, as "Ctrl-X", a key from "F1" to "F12", or one of ${plainNames}`
      : t`there is no key ${found}, did you mean "${nearest}"?`;
  }
  if (key === "ctrl-c") return t`Ctrl-C always quits; choose another key`;
  const same = sameInTerminal(key);
  if (same === null) return null;
  return t`a terminal cannot tell ${shownKey(key)} from ${shownKey(same)}; choose another key`;
}

/** Why this key cannot be the action's; null if it can. */
function whyTaken(action: ActionName, key: string, choices: KeyChoices): string | null {
  const { places } = screenActions[action];
  const hasCharacter = isCharacter(key) || key === "space";
  if (hasCharacter && places.every(isForTyping)) {
    return t`${shownKey(key)} types a character there; choose a key such as F2 or Ctrl-X`;
  }
  if (places.includes("shown") && paneKeyLetters.includes(key)) {
    return t`"${key}" is for the services' own panes; choose another key`;
  }
  for (const other of boundActions) {
    // If both actions are in the file, the second one is the mistake.
    const isLater = other in choices &&
      Object.keys(choices).indexOf(other) > Object.keys(choices).indexOf(action);
    if (other === action || isLater || !keysFor(choices, other).includes(key)) continue;
    const place = places.find((place) => placesOf(other).includes(place));
    if (place === undefined) continue;
    const where = translated(placeNames[place]);
    return other in choices
      ? t`${shownKey(key)} is the key of "${other}" in ${where}; choose another key`
      : t`${
        shownKey(key)
      } is the key of "${other}" in ${where}; choose another key, or set one for "${other}" too`;
  }
  return null;
}

function placesOf(action: ActionName): readonly Place[] {
  return screenActions[action].places;
}

const placeNames: Record<Place, string> = {
  sessions: msg("the past sessions"),
  events: msg("the events"),
  services: msg("the services"),
  workers: msg("the workers"),
  log: msg("the log"),
  shown: msg("the services' own panes"),
  channels: msg("the channels"),
  gifts: msg("the gifts"),
  channel: msg("an open channel"),
  service: msg("an open service"),
  event: msg("an open event"),
  log_line: msg("an open log line"),
  viewer: msg("a viewer"),
  help: msg("the help"),
  prompt: msg("an input line"),
  user: msg("the choice of a user"),
  form: msg("the test event"),
  confirm: msg("a question"),
  rooms: msg("the rooms"),
};
