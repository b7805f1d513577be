/**
 * Finds rules (of "livecue/rules") for events that their service does not get, or of sources that are not there:
 * nothing else reports why they never act.
 */
import { findNodeAtLocation, getNodePath, type Node } from "jsonc-parser";
import { eventTypes, isEventType, typeNamePattern } from "../event.ts";
import type { Finding } from "./config_error.ts";
import { isSource, sourceNames } from "./mismatches.ts";
import type { ConfigFile } from "./schema.ts";
import { nearestName } from "../nearest_names.ts";
import { rulesIn } from "./syntax.ts";

/** One finding for each active service and type, at the first place. `file`: the content of `root`. */
export function unheardRules(root: Node, file: ConfigFile): Finding[] {
  const emitted = Object.values(file.services).flatMap(({ emits }) => emits);
  return Object.entries(file.services).flatMap(([slug, { is_active, subscriptions }]) => {
    const options = findNodeAtLocation(root, ["services", slug, "options"]);
    if (!is_active || options === undefined) return [];
    const rules = rulesIn(options);
    const reported = new Set<string>();
    const unheard = rules.flatMap(typesOf).flatMap(({ type, node }): Finding[] => {
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
      return [findingAt(node, message)];
    });
    return [...unheard, ...rules.flatMap((rule) => strangeSources(rule, sourceNames(file)))];
  });
}

function findingAt(node: Node, message: string): Finding {
  return { offset: node.offset, path: getNodePath(node) as (string | number)[], message };
}

function strangeSources(rule: Node, sources: readonly string[]): Finding[] {
  return textsOf(rule, "sources").filter(({ text }) => !isSource(text, sources)).map(({ text, node }) => {
    const near = nearestName(text, sources);
    const advice = near === null ? `the config has ${sources.join(", ")}` : `did you mean "${near}"?`;
    return findingAt(node, `there is no source "${text}", so the rule never acts; ${advice}`);
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

/** The types in a rule's "when". The service itself reports invalid names. */
function typesOf(rule: Node): { type: string; node: Node }[] {
  return textsOf(rule, "when").flatMap(({ text, node }) =>
    typeNamePattern.test(text) ? [{ type: text, node }] : []
  );
}

/** The texts of a rule's key, which is a text or a list of them. */
function textsOf(rule: Node, key: string): { text: string; node: Node }[] {
  const value = rule.type === "object" ? findNodeAtLocation(rule, [key]) : undefined;
  const nodes = value?.type === "array" ? value.children ?? [] : value === undefined ? [] : [value];
  return nodes.flatMap((node) => typeof node.value === "string" ? [{ text: node.value, node }] : []);
}
