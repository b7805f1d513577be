/**
 * Finds gifts in the config that Livecue has never seen and that the catalog does not have. TikTok may have them in
 * some country, but most are misspelt, and nothing else reports why their rules never act.
 */
import { dirname, resolve } from "node:path";
import { findNodeAtLocation, getNodePath, type Node } from "jsonc-parser";
import type { KnownGift } from "../gift.ts";
import { t } from "../language.ts";
import { nearestName } from "../nearest_names.ts";
import { simplified } from "../words.ts";
import type { Config } from "./config.ts";
import { describeProblem, excerpt, type Finding, maxFindings, toProblems } from "./config_error.ts";
import { isOwnService } from "./own_services.ts";
import { parseSyntax, properties, rulesIn } from "./syntax.ts";

/** One line for each active service and gift, at the first place. `gifts`: all that Livecue knows. */
export function unknownGifts(
  { text: fileText, path }: Pick<Config, "text" | "path">,
  gifts: readonly KnownGift[],
): string[] {
  const { text, root } = parseSyntax(fileText);
  const services = root === null ? undefined : findNodeAtLocation(root, ["services"]);
  if (services?.type !== "object") return [];
  const known = new Set<string | number>(gifts.flatMap(({ id, name }) => [id, simplified(name)]));
  const unknown = properties(services).flatMap(({ value: service }) => giftsIn(service, dirname(path)))
    .filter(({ value }) => !known.has(keyOf(value)));
  return toProblems(text, unknown.slice(0, maxFindings).map((node) => finding(node, gifts)))
    .map((problem) => describeProblem(path, problem));
}

/** The gifts in the rules of a service, and in the lists named "gifts" of one of Livecue's own; each gift once. */
function giftsIn(service: Node, folder: string): Node[] {
  const options = findNodeAtLocation(service, ["options"]);
  if (options === undefined || findNodeAtLocation(service, ["is_active"])?.value === false) return [];
  const file = findNodeAtLocation(service, ["service_class"])?.value;
  const isOwn = typeof file === "string" && isOwnService(resolve(folder, file));
  const nodes = [
    ...rulesIn(options).flatMap((rule) =>
      rule.type === "object" ? valuesOf(findNodeAtLocation(rule, ["if", "gift"])) : []
    ),
    ...(isOwn ? listsIn(options).flatMap(valuesOf) : []),
  ];
  const firsts = new Map(nodes.toReversed().map((node) => [keyOf(node.value), node]));
  return [...firsts.values()].reverse();
}

/** Rules compare names without case and accents. */
function keyOf(gift: string | number): string | number {
  return typeof gift === "string" ? simplified(gift) : gift;
}

function listsIn(node: Node): Node[] {
  const list = node.children?.[1];
  const isList = node.type === "property" && node.children?.[0]?.value === "gifts" && list?.type === "array";
  return isList ? [list] : (node.children ?? []).flatMap(listsIn);
}

/** The names and numbers in a value or a list of values. The service itself reports others. */
function valuesOf(node: Node | undefined): Node[] {
  const nodes = node?.type === "array" ? node.children ?? [] : node === undefined ? [] : [node];
  return nodes.filter(({ value }) =>
    typeof value === "number" || typeof value === "string" && value.trim() !== ""
  );
}

function finding(node: Node, gifts: readonly KnownGift[]): Finding {
  const path = getNodePath(node) as (string | number)[];
  return { offset: node.offset, path, message: messageOf(node.value, gifts) };
}

function messageOf(value: string | number, gifts: readonly KnownGift[]): string {
  if (typeof value === "number") {
    return t`no gift with the number ${value} was seen yet, and the catalog has none; ${listAdvice()}`;
  }
  const wanted = simplified(value);
  const renamed = gifts.find(({ earlier }) => earlier.some(({ name }) => simplified(name) === wanted));
  const shown = excerpt(JSON.stringify(value));
  if (renamed !== undefined) {
    const name = JSON.stringify(renamed.name);
    return renamed.id === 0
      ? t`TikTok now calls the gift ${shown} ${name}; use this name`
      : t`TikTok now calls the gift ${shown} ${name}; use this name, or its number, ${renamed.id}`;
  }
  const near = nearestName(value, gifts.map(({ name }) => name));
  return near === null
    ? t`no gift named ${shown} was seen yet, and the catalog has none; ${listAdvice()}`
    : t`no gift named ${shown} was seen yet, and the catalog has none; did you mean ${
      JSON.stringify(near)
    }? Otherwise ${listAdvice()}`;
}

const listAdvice = () => t`deno task livecue gifts --all lists the gifts that Livecue knows`;
