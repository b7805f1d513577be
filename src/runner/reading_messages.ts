/**
 * Questions about readings, as a service may ask them, and their answers as text: a window's numbers are long, so they
 * are sent as base64.
 */
import type { ReadingAnswer, ReadingQuery, ReadingWindow, Rollup } from "../reading_query.ts";

/** The most readings or summaries of an answer to a service. */
export const maxAnswer = 20_000;
const maxSourceLength = 200;
const longestItem = 200;

/** Questions without further fields. */
const wholeQuestions = ["channels", "version", "times", "latest"];

type Fields = Record<string, unknown>;

/** What is wrong with a question, to follow "the service"; null: nothing. */
export function queryMistake(query: unknown): string | null {
  if (typeof query !== "object" || query === null) return "asked for readings without saying which";
  const { kind, channel, from, to, at, limit, stepMs, points } = query as Fields;
  if (wholeQuestions.includes(String(kind))) return null;
  if (!isChannel(channel)) return "asked for readings of a channel that is not { source, item }";
  if (kind === "before") {
    return Number.isFinite(at) ? null : 'asked for a reading before an "at" that is no time';
  }
  if (!Number.isFinite(from) || !Number.isFinite(to)) {
    return "asked for readings without numbers as from and to";
  }
  const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 1;
  switch (kind) {
    case "window":
      return limit === undefined || isCount(limit)
        ? null
        : 'asked for readings with a "limit" that is no number';
    case "csv":
      return null;
    case "series":
      return isCount(points) && Number(points) <= maxAnswer
        ? null
        : `asked for over ${maxAnswer} points of a chart`;
    case "rollups":
      return Number(stepMs) > 0 && (Number(to) - Number(from)) / Number(stepMs) <= maxAnswer
        ? null
        : `asked for over ${maxAnswer} summaries: ask for longer steps or a shorter span`;
    default:
      return "asked an unknown question about readings";
  }
}

/** The question with a limit for its answer. */
export function boundedQuery(query: ReadingQuery): ReadingQuery {
  return query.kind === "window" ? { ...query, limit: Math.min(query.limit ?? maxAnswer, maxAnswer) } : query;
}

export function encodeAnswer({ kind }: ReadingQuery, answer: ReadingAnswer): unknown {
  if (kind !== "window") return answer;
  const { at, value, nextFrom } = answer as ReadingWindow;
  return { at: toBase64(at), value: toBase64(value), nextFrom };
}

export function decodeAnswer({ kind }: ReadingQuery, encoded: unknown): ReadingAnswer {
  switch (kind) {
    case "window": {
      const { at, value, nextFrom } = encoded as { at: string; value: string; nextFrom: number | null };
      return { at: fromBase64(at), value: fromBase64(value), nextFrom };
    }
    case "rollups":
    case "series":
      // JSON has neither NaN nor infinite numbers.
      return (encoded as Rollup[]).map((rollup) => ({ ...rollup, sum: rollup.sum ?? NaN }));
    default:
      return encoded as ReadingAnswer;
  }
}

/** What is wrong with the times for which a service waits. */
export function newsMistake(idle: unknown): string | null {
  const isTime = (time: unknown) =>
    typeof time === "object" && time !== null && Number.isFinite((time as Fields)["until"]) &&
    Number.isFinite((time as Fields)["setBacks"]);
  const isRight = typeof idle === "object" && idle !== null && Object.values(idle).every(isTime);
  return isRight ? null : "waited for readings without times by source";
}

function isChannel(channel: unknown): boolean {
  if (typeof channel !== "object" || channel === null) return false;
  const { source, item } = channel as Fields;
  return typeof source === "string" && source.length <= maxSourceLength && typeof item === "string" &&
    item.length <= longestItem;
}

function toBase64({ buffer, byteOffset, byteLength }: Float64Array<ArrayBuffer>): string {
  return new Uint8Array(buffer, byteOffset, byteLength).toBase64();
}

function fromBase64(text: string): Float64Array<ArrayBuffer> {
  return new Float64Array(Uint8Array.fromBase64(text).buffer);
}
