/**
 * Finds rules (of "livecue/rules") for events that their service does not get: nothing else reports why they never
 * act.
 */
import { findNodeAtLocation, getNodePath, type Node } from "jsonc-parser";
import { eventTypes, isEventType, typeNamePattern } from "../event.ts";
import type { Finding } from "./config_error.ts";
import type { ConfigFile } from "./schema.ts";
import { nearestName } from "../nearest_names.ts";

/** One finding for each active service and type, at the first place. `file`: the content of `root`. */
export function unheardRules(root: Node, file: ConfigFile): Finding[] {
  const emitted = Object.values(file.services).flatMap(({ emits }) => emits);
  return Object.entries(file.services).flatMap(([slug, { is_active, subscriptions }]) => {
    const options = findNodeAtLocation(root, ["services", slug, "options"]);
    if (!is_active || options === undefined) return [];
    const reported = new Set<string>();
    return rulesIn(options).flatMap(typesOf).flatMap(({ type, node }): Finding[] => {
      // A service may subscribe to types that the config does not know, or to all with "*".
      const byType: Record<string, { is_enabled: boolean } | undefined> = subscriptions;
      const subscription = byType[type] ?? byType["*"];
      if (subscription?.is_enabled || reported.has(type)) return [];
      reported.add(type);
      const message = isEventType(type) || emitted.includes(type)
        ? `${slug} does not get ${type}, so the rule never acts; ${
          howToGet(type, byType[type] !== undefined)
        }`
        : `no source or service has a ${type}, so the rule never acts; ${suggestion(type, emitted)}`;
      return [{ offset: node.offset, path: getNodePath(node) as (string | number)[], message }];
    });
  });
}

function howToGet(type: string, isSubscribed: boolean): string {
  return isSubscribed
    ? `set "is_enabled" of "${type}" in its "subscriptions" to true`
    : `add "${type}": {} to its "subscriptions"`;
}

function suggestion(type: string, emitted: readonly string[]): string {
  const near = nearestName(type, [...eventTypes, ...emitted]);
  const advice = `add it to the "emits" of the service that emits it`;
  return near === null ? advice : `did you mean "${near}"? Otherwise ${advice}`;
}

/** The rules in all lists named "rules", at any depth. */
function rulesIn(node: Node): Node[] {
  const isRules = node.type === "property" && node.children?.[0]?.value === "rules" &&
    node.children[1]?.type === "array";
  return isRules ? node.children?.[1]?.children ?? [] : (node.children ?? []).flatMap(rulesIn);
}

/** The types in a rule's "when", which is a type or a list. The service itself reports invalid names. */
function typesOf(rule: Node): { type: string; node: Node }[] {
  const when = rule.type === "object" ? findNodeAtLocation(rule, ["when"]) : undefined;
  const nodes = when?.type === "array" ? when.children ?? [] : when === undefined ? [] : [when];
  return nodes.flatMap((node) =>
    typeof node.value === "string" && typeNamePattern.test(node.value) ? [{ type: node.value, node }] : []
  );
}
