/**
 * Finds subscriptions whose waiting events crowd out more important ones. When a queue is full, a new event replaces
 * only a waiting one that is discardable and has a lower priority. Otherwise the new event is discarded.
 */
import type { Node } from "jsonc-parser";
import { spoken, t } from "../language.ts";
import type { Finding } from "./config_error.ts";
import type { ConfigFile } from "./schema.ts";
import { keyOffset } from "./validation.ts";

/** One finding for each active service, at its first such subscription. `file`: the content of `root`. */
export function crowding(root: Node, { services }: ConfigFile): Finding[] {
  return Object.entries(services).flatMap(([slug, { is_active, emits, subscriptions }]) => {
    const enabled = Object.entries(subscriptions).filter(([, { is_enabled }]) => is_enabled);
    const [highest] = enabled.toSorted(([, a], [, b]) => b.priority - a.priority);
    if (!is_active || highest === undefined) return [];
    // An event that the service has emitted to itself is work that it has already accepted.
    const kept = enabled.filter(([type, { priority, is_discardable }]) =>
      priority < highest[1].priority && !is_discardable && !emits.includes(type)
    ).map(([type]) => type);
    const [first] = kept;
    if (first === undefined) return [];
    const path = ["services", slug, "subscriptions", first];
    const message = t`when the queue of ${slug} is full of ${listed(kept)}, Livecue discards a new "${
      highest[0]
    }", though its priority is higher; add "is_discardable": true to ${listed(kept)}`;
    return [{ offset: keyOffset(root, path), path, message }];
  });
}

/** As `"ShareEvent" and "LikeEvent"`. */
function listed(types: readonly string[]): string {
  return new Intl.ListFormat(spoken().tag).format(types.map((type) => `"${type}"`));
}
