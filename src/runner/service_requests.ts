/** Answers a service's requests to the main thread. */
import type { Feed } from "./feed.ts";
import { emissionMistake } from "./checked_message.ts";
import type { PostedItems } from "./posted_items.ts";
import type { MessageToWorker, ServiceRequest } from "./protocol.ts";
import { boundedQuery, encodeAnswer } from "./reading_messages.ts";
import type { ReadingQuery } from "../reading_query.ts";

interface Asked {
  feed: Feed;
  /** The types that the service may emit. */
  emits: readonly string[];
  /** The items that the worker has. */
  items: PostedItems;
}

/** The answer for the worker, or the reason why there is none, as a sentence for the author. */
export async function replyTo(
  { requestId, request }: { requestId: number; request: ServiceRequest },
  asked: Asked,
): Promise<MessageToWorker> {
  return await reply(requestId, () => answer(request, asked));
}

/** As `replyTo`, for a command, which has no live and no items. */
export async function replyToCommand(
  { requestId, request }: { requestId: number; request: ServiceRequest },
  readings: Pick<Feed, "readings"> | undefined,
): Promise<MessageToWorker> {
  return await reply(requestId, () => {
    if (request.kind === "readings" && readings !== undefined) return answerQuery(request.query, readings);
    throw new Error("this command cannot ask for that");
  });
}

async function reply(requestId: number, answer: () => unknown): Promise<MessageToWorker> {
  try {
    return { kind: "reply", requestId, value: await answer() };
  } catch (thrown) {
    return { kind: "refusal", requestId, error: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

function answer(request: ServiceRequest, { feed, emits, items }: Asked): unknown {
  if (request.kind === "readings") return answerQuery(request.query, feed);
  if (request.kind === "reading_news") return feed.readingNews(request.idle);
  if (!("live" in request)) {
    const { itemId } = request;
    if (!items.has(itemId)) throw new Error(`item ${itemId} has ended: in processEvent, await each step`);
    if (request.kind === "use_folder") return feed.useFolder(itemId);
    if (request.kind === "will_fail") return feed.willFail(itemId);
    return items.duringStep(request, () => feed.step(request));
  }
  const { live } = request;
  if ("itemId" in live && !items.has(live.itemId)) {
    throw new Error(`item ${live.itemId} has ended: name the source whose live you mean`);
  }
  switch (request.kind) {
    case "get_state":
      return feed.getState(request.scope, request.key, live);
    case "set_state":
      return feed.setState(request.scope, request.key, request.value, live);
    case "totals":
      return feed.totals(live);
    case "top":
      return feed.top(request.count, live);
    case "emit": {
      const mistake = emissionMistake(request.emission, emits);
      if (mistake !== null) throw new Error(`the service ${mistake}`);
      return feed.emit(request.emission, live, request.keep);
    }
  }
}

async function answerQuery(query: ReadingQuery, feed: Pick<Feed, "readings">): Promise<unknown> {
  return encodeAnswer(query, await feed.readings(boundedQuery(query)));
}
