/**
 * Finds subscriptions to types that only the service itself emits: no service gets its own events, and nothing else
 * reports this.
 */
import type { Node } from "jsonc-parser";
import { isEventType } from "../event.ts";
import type { Finding } from "./config_error.ts";
import type { ConfigFile } from "./schema.ts";
import { keyOffset } from "./validation.ts";

export function ownEvents(root: Node, { services }: ConfigFile): Finding[] {
  const emittedBy = (type: string) =>
    Object.keys(services).filter((slug) => services[slug]?.emits.includes(type));
  return Object.entries(services).flatMap(([slug, { subscriptions }]) =>
    Object.keys(subscriptions)
      .filter((type) => !isEventType(type) && emittedBy(type).every((emitter) => emitter === slug))
      .filter((type) => emittedBy(type).length > 0)
      .map((type) => {
        const path = ["services", slug, "subscriptions", type];
        const message =
          `only ${slug} emits ${type}, and no service gets its own events: act on it where you emit it, or ` +
          "subscribe another service";
        return { offset: keyOffset(root, path), path, message };
      })
  );
}
