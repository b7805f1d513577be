/** The help: all keys with what they do, and the search in it. */
import { helpPages, seePage } from "../../../help_page.ts";
import { shownKey } from "../../../key.ts";
import { t, translated } from "../../../language.ts";
import { simplified } from "../../../words.ts";
import { bindingsOf, type KeyBinding, placeOf } from "../keys.ts";
import type { ScreenState } from "../state.ts";
import type { Line } from "../theme.ts";
import { fit, textWidth, wrap } from "../width.ts";

export interface HelpEntry {
  keys: readonly string[];
  does: string;
  /** Why the key does not work here and now; null if it does. */
  note: string | null;
}

/** The keys of the place where the help was opened first. `text`: only those that have it. */
export function helpLines(state: ScreenState, text: string): Line[] {
  const below = { ...state, views: state.views.slice(0, -1) };
  const place = placeOf(below);
  const bindings = bindingsOf(state);
  const here = bindings.filter(({ places }) => places.includes(place))
    .map((binding) => entryOf(binding, state, binding.whyOff?.(below) ?? null));
  const others = bindings.filter(({ places }) => !places.includes(place))
    .map((binding) => entryOf(binding, state, t`in: ${binding.places.map(placeName).join(", ")}`));
  return foundLines({ here, others, text, width: state.size.columns });
}

/** The keys that have the text, under the text. */
export function foundLines(
  { here, others, text, width }: { here: HelpEntry[]; others: HelpEntry[]; text: string; width: number },
): Line[] {
  const found = (entries: HelpEntry[]) => entries.filter((entry) => has(entry, text));
  const searched: Line = [{ text: ` ${t`Search`}: `, style: "strong" }, {
    text: `${text}▏`,
    style: "accent",
  }];
  if (found(here).length + found(others).length === 0) {
    return [searched, [], [{ text: `   ${t`No key has this in its name or its text.`}`, style: "warning" }]];
  }
  return [
    searched,
    ...section(t`Here`, found(here), width),
    ...section(t`Elsewhere`, found(others), width),
    ...(text === "" ? [[], [{ text: ` ${seePage(helpPages.trouble)}` }]] : []),
  ];
}

function entryOf(
  { keys, description, does }: KeyBinding,
  state: ScreenState,
  note: string | null,
): HelpEntry {
  return { keys: keys.map(shownKey), does: does?.(state) ?? translated(description), note };
}

function has({ keys, does, note }: HelpEntry, text: string): boolean {
  const wanted = simplified(text.trim());
  return keys.some((key) => simplified(key) === wanted) ||
    simplified(`${keys.join(" ")} ${does} ${note ?? ""}`).includes(wanted);
}

function section(title: string, entries: HelpEntry[], width: number): Line[] {
  if (entries.length === 0) return [];
  return [
    [],
    [{ text: ` ${title}`, style: "strong" }],
    ...entries.flatMap((entry) => entryLines(entry, width)),
  ];
}

function placeName(place: KeyBinding["places"][number]): string {
  return place === "log_line" ? "log line" : place;
}

const keysWidth = 20;

/** Keys with what they do, on as many rows as they need. */
function entryLines({ keys, does, note }: HelpEntry, width: number): Line[] {
  const texts = wrap(note === null ? does : `${does}  (${note})`, width - keysWidth - 4);
  const keyRows = keysIn(keys);
  let left = does.length;
  return Array.from({ length: Math.max(texts.length, keyRows.length) }, (_, index): Line => {
    const row = texts[index] ?? "";
    const own = row.slice(0, Math.max(0, left));
    left -= row.length + 1;
    return [
      { text: `   ${fit(keyRows[index] ?? "", keysWidth)}`, style: "strong" },
      { text: own },
      { text: row.slice(own.length), style: "warning" },
    ];
  });
}

/** The keys in rows, none of them cut. */
function keysIn(keys: readonly string[]): string[] {
  return keys.reduce<string[]>((rows, key) => {
    const joined = rows.length === 0 ? key : `${rows.at(-1)} ${key}`;
    return textWidth(joined) < keysWidth ? [...rows.slice(0, -1), joined] : [...rows, key];
  }, []);
}
