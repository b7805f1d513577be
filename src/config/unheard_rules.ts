/** Rules, as those of "livecue/rules", for events that their service is not given: nothing else would say why they never act. */
import { findNodeAtLocation, getNodePath, type Node } from "jsonc-parser";
import { type EventType, eventTypes } from "../event.ts";
import type { Finding } from "./config_error.ts";
import type { ConfigFile } from "./schema.ts";

/** One finding for each active service and type, where the type stands first. `file` is what `root` holds. */
export function unheardRules(root: Node, file: ConfigFile): Finding[] {
  return Object.entries(file.services).flatMap(([slug, { is_active, subscriptions }]) => {
    const options = findNodeAtLocation(root, ["services", slug, "options"]);
    if (!is_active || options === undefined) return [];
    const told = new Set<EventType>();
    return rulesIn(options).flatMap(typesOf).flatMap(({ type, node }): Finding[] => {
      if (subscriptions[type]?.is_enabled || told.has(type)) return [];
      told.add(type);
      const advice = subscriptions[type] === undefined
        ? `add "${type}": {} to its "subscriptions"`
        : `set "is_enabled" of "${type}" in its "subscriptions" to true`;
      const message = `${slug} gets no ${type}, so the rule never acts on one; ${advice}`;
      return [{ offset: node.offset, path: getNodePath(node) as (string | number)[], message }];
    });
  });
}

/** The rules of each list with the name "rules", however deep. */
function rulesIn(node: Node): Node[] {
  const isRules = node.type === "property" && node.children?.[0]?.value === "rules" &&
    node.children[1]?.type === "array";
  return isRules ? node.children?.[1]?.children ?? [] : (node.children ?? []).flatMap(rulesIn);
}

/** What a rule's "when" names: a type or a list of them. What is no type is for the service to complain of. */
function typesOf(rule: Node): { type: EventType; node: Node }[] {
  const when = rule.type === "object" ? findNodeAtLocation(rule, ["when"]) : undefined;
  const nodes = when?.type === "array" ? when.children ?? [] : when === undefined ? [] : [when];
  return nodes.flatMap((node) => {
    const type = eventTypes.find((type) => type === node.value);
    return type === undefined ? [] : [{ type, node }];
  });
}
