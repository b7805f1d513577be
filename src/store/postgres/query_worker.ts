/** The worker of `query.ts`: keeps a connection that only reads, and answers one question at a time. */
import { backoffMs } from "../../backoff.ts";
import { systemClock } from "../../clock.ts";
import { abandon, type Client, openConnection, type Result, storable } from "./connection.ts";
import type { SqlValue } from "../query.ts";
import { kindsOf, numberedPlaceholders } from "./placeholders.ts";
import {
  type Answer,
  type FailureNote,
  QueryChannel,
  type QueryReply,
  type QueryRequest,
} from "./query_channel.ts";
import { endsConnection, sqlState } from "./trouble.ts";

declare const self: {
  onmessage: ((message: MessageEvent<QueryRequest>) => void) | null;
  postMessage(message: QueryReply): void;
  close(): void;
};

type Opening = QueryRequest & { kind: "open" };
type Question = QueryRequest & { kind: "ask" | "ask_later" };

interface Prepared {
  text: string;
  /** undefined: too many statements have names already. */
  name: string | undefined;
}

/** Some texts are put together from conditions, so their number has no bound of its own. */
const mostPrepared = 300;
const mostTexts = 3000;
const retry = { firstMs: 100, longestMs: 2000, jitter: 0.2 };
/** What the server says if it has forgotten a statement, or if the statement's table has changed. */
const outdated = ["26000", "0A000"];

let opening: Opening | null = null;
let channel: QueryChannel | null = null;
let client: Client | null = null;
let isBusy = false;
/** Nobody waits for the answer of the question that runs. */
let isGivenUp = false;
let failures = 0;
let preparedCount = 0;
/** By the kinds of the values, a space and the text of the question. */
const texts = new Map<string, Prepared>();

self.onmessage = async ({ data }) => {
  switch (data.kind) {
    case "open":
      opening = data;
      channel = new QueryChannel(data.memory);
      return await open();
    case "ask":
      return await ask(data, channel as QueryChannel);
    case "ask_later":
      return await askLater(data);
    case "give_up":
      isGivenUp = true;
      if (channel !== null && client !== null && !isBusy) channel.isReady = true;
      return;
    case "close":
      await close();
  }
};

async function close(): Promise<void> {
  const closing = client;
  client = null;
  if (closing !== null && !isBusy) await closing.end();
  self.close();
}

async function open(): Promise<void> {
  try {
    await connect();
    self.postMessage({ kind: "opened" });
  } catch (error) {
    const { message, code = null, syscall = null } = error as Error & Partial<FailureNote>;
    self.postMessage({ kind: "failed", message, code, syscall });
  }
}

async function connect(): Promise<void> {
  const { address, applicationName, timeoutMs } = opening as Opening;
  const opened = await openConnection({
    address,
    applicationName,
    clock: systemClock,
    settings: {
      default_transaction_read_only: "on",
      // A plan may be made while a table is still empty, and is kept.
      enable_seqscan: "off",
      // The server gives up before the asker does.
      statement_timeout: String(Math.max(1, Math.floor(timeoutMs * 0.9))),
    },
  });
  opened.on("error", () => lose(opened));
  opened.on("end", () => lose(opened));
  client = opened;
  preparedCount = 0;
  texts.clear();
  failures = 0;
  (channel as QueryChannel).isReady = true;
}

/** The connection is gone, or of no use: makes another one, however long that takes. */
function lose(lost: Client): void {
  if (client !== lost) return;
  client = null;
  (channel as QueryChannel).isReady = false;
  abandon(lost);
  reconnectLater();
}

function reconnectLater(): void {
  failures += 1;
  systemClock.after(failures === 1 ? 0 : backoffMs(failures - 1, retry), () => {
    connect().catch(reconnectLater);
  });
}

async function ask({ number, sql, values }: Question, channel: QueryChannel): Promise<void> {
  isBusy = true;
  isGivenUp = false;
  const asked = client;
  const { timeoutMs } = opening as Opening;
  const cancel = systemClock.after(timeoutMs, () => asked !== null && lose(asked));
  const answer = await answerTo(asked, sql, values.map(storable));
  cancel();
  isBusy = false;
  // Before the answer, so that the asker's next question is not refused; the connection may have been lost meanwhile.
  channel.isReady = client !== null;
  if (!isGivenUp) channel.put(number, answer);
}

/** The driver keeps the order of questions. The server's own limit ends one that takes too long. */
async function askLater({ number, sql, values }: Question): Promise<void> {
  const answer = await answerTo(client, sql, values.map(storable));
  self.postMessage({ kind: "answer", number, answer });
}

async function answerTo(asked: Client | null, sql: string, values: readonly SqlValue[]): Promise<Answer> {
  if (asked === null) return { error: null };
  try {
    const { rows, fields } = await rowsOf(asked, sql, values);
    return { columns: fields.map(({ name }) => name), rows };
  } catch (error) {
    if (!endsConnection(error)) {
      return { error: { message: (error as Error).message, code: sqlState(error) } };
    }
    lose(asked);
    return { error: null };
  }
}

async function rowsOf(asked: Client, sql: string, values: readonly SqlValue[]): Promise<Result<unknown[]>> {
  const kinds = kindsOf(values);
  const { text, name } = preparedFor(sql, kinds);
  const statement = { text, values, rowMode: "array" } as const;
  if (name === undefined) return await asked.query<unknown[]>(statement);
  try {
    return await asked.query<unknown[]>({ ...statement, name });
  } catch (error) {
    if (!outdated.includes(sqlState(error) ?? "")) throw error;
    // The name is used up, so the text gets another one.
    texts.delete(`${kinds} ${sql}`);
    return await asked.query<unknown[]>(statement);
  }
}

function preparedFor(sql: string, kinds: string): Prepared {
  const key = `${kinds} ${sql}`;
  let prepared = texts.get(key);
  if (prepared === undefined) {
    if (texts.size >= mostTexts) forgetUnnamed();
    const name = preparedCount < mostPrepared ? `q${++preparedCount}` : undefined;
    prepared = { text: numberedPlaceholders(sql, kinds), name };
    texts.set(key, prepared);
  }
  return prepared;
}

function forgetUnnamed(): void {
  for (const [key, { name }] of texts) if (name === undefined) texts.delete(key);
}
