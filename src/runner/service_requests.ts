/** Answers a service's requests to the main thread. */
import type { Feed } from "./feed.ts";
import { emissionMistake } from "./checked_message.ts";
import type { ServiceRequest } from "./protocol.ts";

/** `emits` lists the types that the service may emit. Throws, or rejects, with a sentence for the author. */
export function answerRequest(
  request: ServiceRequest,
  { feed, emits, isRunning }: { feed: Feed; emits: readonly string[]; isRunning(itemId: number): boolean },
): unknown {
  const { live } = request;
  if ("itemId" in live && !isRunning(live.itemId)) {
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
      return feed.emit(request.emission, live);
    }
  }
}
