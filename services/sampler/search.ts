/** Questions to the library: what to look for, in which order, and from where on. */
import { Buffer } from "node:buffer";
import { UserError } from "livecue/service";
import { z } from "zod";
import type { KeyName } from "./music_key.ts";
import type { SampleStatus } from "./sample.ts";

export const sorts = ["newest", "oldest", "bpm", "downloads", "duration"] as const;
export type Sort = (typeof sorts)[number];

export interface Search {
  /** The beginnings of words in the description, the creator's name or the tags; all have to be there. */
  text?: string | undefined;
  /** The creator's id or name. */
  creator?: string | undefined;
  /** A sample also counts with half and double its tempo. */
  bpm?: { from: number; to: number } | undefined;
  key?: KeyName | undefined;
  status?: SampleStatus | undefined;
  sort?: Sort | undefined;
  /** From the page before. */
  cursor?: string | undefined;
  /** The most samples of a page. */
  limit?: number | undefined;
}

type Value = string | number;

/** A part of a WHERE clause, with its values. */
interface Condition {
  sql: string;
  values: Value[];
}

/** The order's value; samples without one come last. `id` decides between equal ones. */
const orders: Record<Sort, { value: string; direction: "ASC" | "DESC" }> = {
  newest: { value: "sample.id", direction: "DESC" },
  oldest: { value: "sample.id", direction: "ASC" },
  bpm: { value: "ifnull(sample.bpm, 1e9)", direction: "ASC" },
  downloads: { value: "sample.downloads", direction: "DESC" },
  duration: { value: "ifnull(sample.seconds, 1e9)", direction: "ASC" },
};

const longestText = 200;
const mostWords = 20;

/** Text as it is searched: in small letters, without accents, and with each ideograph as a word. */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu, " $& ");
}

/** The order and its value, for the last sample of a page. */
const cursorSchema = z.tuple([z.enum(sorts), z.number(), z.int()]);

export function cursorOf(sort: Sort, value: number, id: number): string {
  return Buffer.from(JSON.stringify([sort, value, id])).toString("base64url");
}

/** The SELECT's parts. Throws a `UserError` if the cursor is not one of this order. */
export function queryOf(search: Search): { where: string; value: string; order: string; values: Value[] } {
  const sort = search.sort ?? "newest";
  const { value, direction } = orders[sort];
  const conditions = [{ sql: "sample.deleted_at IS NULL", values: [] }, ...conditionsOf(search)];
  if (search.cursor !== undefined) conditions.push(after(search.cursor, sort));
  return {
    where: conditions.map(({ sql }) => sql).join(" AND "),
    value,
    order: `${value} ${direction}, sample.id ${direction}`,
    values: conditions.flatMap(({ values }) => values),
  };
}

function conditionsOf({ text, creator, bpm, key, status }: Search): Condition[] {
  const conditions: Condition[] = [];
  if (text !== undefined && text.trim() !== "") conditions.push(textCondition(text));
  if (creator !== undefined) {
    const name = folded(creator.trim().replace(/^@/, ""));
    conditions.push({
      sql: "(sample_creator.folded_id = ? OR sample_creator.folded_name = ?)",
      values: [name, name],
    });
  }
  if (bpm !== undefined) {
    const { from, to } = bpm;
    const columns = ["bpm", "half_bpm", "double_bpm"];
    conditions.push({
      sql: `(${columns.map((column) => `sample.${column} BETWEEN ? AND ?`).join(" OR ")})`,
      values: columns.flatMap(() => [from, to]),
    });
  }
  if (key !== undefined) conditions.push({ sql: "sample.key = ?", values: [key] });
  if (status !== undefined) conditions.push({ sql: "sample.status = ?", values: [status] });
  return conditions;
}

/** Only letters and digits reach SQLite, each word in quotes, so that nothing in the text is an operator. */
function textCondition(text: string): Condition {
  const words = [...text.slice(0, longestText).matchAll(/\S+/g)].map(([part]) =>
    folded(part).replace(/[^\p{L}\p{N}]+/gu, " ").trim()
  ).filter((word) => word !== "").slice(0, mostWords);
  if (words.length === 0) return { sql: "0", values: [] };
  return {
    sql: "sample.id IN (SELECT rowid FROM sample_text WHERE sample_text MATCH ?)",
    values: [words.map((word) => `"${word}" *`).join(" ")],
  };
}

function after(cursor: string, sort: Sort): Condition {
  const { value, direction } = orders[sort];
  const read = cursorSchema.safeParse(jsonOf(Buffer.from(cursor, "base64url").toString()));
  if (!read.success) {
    throw new UserError("The cursor is not valid. Use the nextCursor of a page, or ask without a cursor.");
  }
  const [ofSort, lastValue, lastId] = read.data;
  if (ofSort !== sort) {
    throw new UserError(
      `The cursor is one for the order "${ofSort}". Ask with sort=${ofSort}, or without a cursor.`,
    );
  }
  return {
    sql: `(${value}, sample.id) ${direction === "ASC" ? ">" : "<"} (?, ?)`,
    values: [lastValue, lastId],
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
