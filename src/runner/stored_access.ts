/** The worker's access to what Livecue stores for it and knows of its live, by requests to the main thread. */
import type { LiveOptions, ServiceContext, StateOptions } from "../kit/service.ts";
import type { LiveChoice } from "./feed.ts";
import { keptValue } from "./hosted_item.ts";
import type { ServiceRequest } from "./protocol.ts";

export interface Asking {
  ask<Value>(request: ServiceRequest): Promise<Value>;
  /** The live that the running code means. */
  choice(options?: LiveOptions): LiveChoice;
}

export function stateOf({ ask, choice }: Asking): ServiceContext["state"] {
  const of = ({ scope = "service", source }: StateOptions = {}) => {
    return { scope, live: scope === "service" ? { source: null } : choice({ source }) };
  };
  return {
    get: (key, options) => ask({ kind: "get_state", key, ...of(options) }),
    set: (key, value, options) =>
      ask({ kind: "set_state", key, value: keptValue(key, value), ...of(options) }),
  };
}

export function liveOf({ ask, choice }: Asking): ServiceContext["live"] {
  return {
    totals: (options) => ask({ kind: "totals", live: choice(options) }),
    top: (count, options) => ask({ kind: "top", count, live: choice(options) }),
  };
}
