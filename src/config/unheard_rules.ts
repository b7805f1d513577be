/**
 * Finds rules (of "livecue/rules") for events that their service does not get, or of sources that are not there:
 * nothing else reports why they never act.
 */
import { findNodeAtLocation, getNodePath, type Node } from "jsonc-parser";
import { eventTypes, isEventType, typeNamePattern } from "../event.ts";
import { t } from "../language.ts";
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
        ? notGotten(slug, type, byType[type] !== undefined)
        : nowhere(type, emitted);
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
    const message = near === null
      ? t`there is no source "${text}", so the rule never acts; the config has ${sources.join(", ")}`
      : t`there is no source "${text}", so the rule never acts; did you mean "${near}"?`;
    return findingAt(node, message);
  });
}

function notGotten(slug: string, type: string, isSubscribed: boolean): string {
  return isSubscribed
    ? t`${slug} does not get ${type}, so the rule never acts; set "is_enabled" of "${type}" in its "subscriptions" to true`
    : t`${slug} does not get ${type}, so the rule never acts; add "${type}": {} to its "subscriptions"`;
}

function nowhere(type: string, emitted: readonly string[]): string {
  const near = nearestName(type, [...eventTypes, ...emitted]);
  return near === null
    ? t`no source or service has a ${type}, so the rule never acts; add it to the "emits" of the service that emits it`
    : t`no source or service has a ${type}, so the rule never acts; did you mean "${near}"? Otherwise add it to the "emits" of the service that emits it`;
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
