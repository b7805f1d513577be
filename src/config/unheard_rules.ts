/** Rules, as those of "livecue/rules", for events that their service is not given: nothing else would say why they never act. */
import { findNodeAtLocation, getNodePath, type Node } from "jsonc-parser";
import { eventTypes, isEventType, typeNamePattern } from "../event.ts";
import type { Finding } from "./config_error.ts";
import type { ConfigFile } from "./schema.ts";
import { suggest } from "./suggest.ts";

/** One finding for each active service and type, where the type stands first. `file` is what `root` holds. */
export function unheardRules(root: Node, file: ConfigFile): Finding[] {
  const emitted = Object.values(file.services).flatMap(({ emits }) => emits);
  return Object.entries(file.services).flatMap(([slug, { is_active, subscriptions }]) => {
    const options = findNodeAtLocation(root, ["services", slug, "options"]);
    if (!is_active || options === undefined) return [];
    const told = new Set<string>();
    return rulesIn(options).flatMap(typesOf).flatMap(({ type, node }): Finding[] => {
      // A service may be given types that the config does not know, or with "*" all there are.
      const byType: Record<string, { is_enabled: boolean } | undefined> = subscriptions;
      const subscription = byType[type] ?? byType["*"];
      if (subscription?.is_enabled || told.has(type)) return [];
      told.add(type);
      const message = isEventType(type) || emitted.includes(type)
        ? `${slug} gets no ${type}, so the rule never acts on one; ${
          howToGet(type, byType[type] !== undefined)
        }`
        : `nothing makes a ${type}, so the rule never acts on one; ${whatIsMeant(type, emitted)}`;
      return [{ offset: node.offset, path: getNodePath(node) as (string | number)[], message }];
    });
  });
}

function howToGet(type: string, isSubscribed: boolean): string {
  return isSubscribed
    ? `set "is_enabled" of "${type}" in its "subscriptions" to true`
    : `add "${type}": {} to its "subscriptions"`;
}

function whatIsMeant(type: string, emitted: readonly string[]): string {
  const near = suggest(type, [...eventTypes, ...emitted]);
  const advice = `name it in the "emits" of the service that emits it`;
  return near === null ? advice : `did you mean "${near}"? Else ${advice}`;
}

/** The rules of each list with the name "rules", however deep. */
function rulesIn(node: Node): Node[] {
  const isRules = node.type === "property" && node.children?.[0]?.value === "rules" &&
    node.children[1]?.type === "array";
  return isRules ? node.children?.[1]?.children ?? [] : (node.children ?? []).flatMap(rulesIn);
}

/** What a rule's "when" names: a type or a list of them. What is no type's name is for the service to complain of. */
function typesOf(rule: Node): { type: string; node: Node }[] {
  const when = rule.type === "object" ? findNodeAtLocation(rule, ["when"]) : undefined;
  const nodes = when?.type === "array" ? when.children ?? [] : when === undefined ? [] : [when];
  return nodes.flatMap((node) =>
    typeof node.value === "string" && typeNamePattern.test(node.value) ? [{ type: node.value, node }] : []
  );
}
