/** Reads the arguments of `list`, and says what is wrong with them. */
import { parseArgs } from "node:util";
import { nearestName } from "livecue/nearest_names";
import { UserError } from "livecue/service";
import { keyNames, readKey } from "./music_key.ts";
import { statuses } from "./sample.ts";
import { type Search, sorts } from "./search.ts";
import { readTempos } from "./tempo.ts";

const text = { type: "string" } as const;
const known = {
  search: text,
  creator: text,
  bpm: text,
  key: text,
  status: text,
  sort: text,
  json: { type: "boolean" },
} as const;

/** Throws a `UserError`. */
export function listArguments(args: string[]): Search & { isJson: boolean } {
  const { values } = parsed(args);
  const { search, creator, bpm, key, status, sort, json = false } = values;
  return {
    isJson: json,
    text: search,
    creator,
    bpm: bpm === undefined ? undefined : temposOf(bpm),
    key: key === undefined ? undefined : keyOf(key),
    status: status === undefined ? undefined : oneOf("status", status, statuses),
    sort: sort === undefined ? undefined : oneOf("sort", sort, sorts),
  };
}

function parsed(args: string[]) {
  for (const arg of args) {
    const [, name] = arg.match(/^--([^=]*)/) ?? [];
    if (name !== undefined && !Object.hasOwn(known, name)) {
      throw new UserError(unknown(`There is no option --${name}`, name, Object.keys(known), "--"));
    }
  }
  try {
    return parseArgs({ args, options: known });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const [sentence] = error.message.split(". ");
    throw new UserError(`${sentence}. Write it as: list --search "piano" --bpm 90-110 --key Am`);
  }
}

function temposOf(given: string): { from: number; to: number } {
  const tempos = readTempos(given);
  if (tempos === null) {
    throw new UserError(`--bpm is "${given}": write a range such as 90-110, or a tempo such as 120.`);
  }
  return tempos;
}

function keyOf(given: string) {
  const key = readKey(given);
  if (key === null) throw new UserError(unknown(`There is no key "${given}"`, given, keyNames));
  return key;
}

function oneOf<Name extends string>(option: string, given: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === given);
  if (found === undefined) throw new UserError(unknown(`There is no ${option} "${given}"`, given, names));
  return found;
}

function unknown(problem: string, given: string, names: readonly string[], before = ""): string {
  const nearest = nearestName(given, names);
  const advice = nearest === null ? "" : ` Did you mean ${before}${nearest}?`;
  return `${problem}: use ${names.map((name) => before + name).join(", ")}.${advice}`;
}
