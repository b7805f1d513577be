/** Finds settings that are valid alone but do not fit the rest of the config: unknown names, duplicates. */
import type { Node } from "jsonc-parser";
import { detectorTypes, eventTypes } from "../event.ts";
import { t } from "../language.ts";
import { ownSources } from "../source.ts";
import { everyType } from "../subscription.ts";
import type { Finding, KeyPath } from "./config_error.ts";
import { bareHandle } from "../handle.ts";
import type { ConfigFile } from "./schema.ts";
import { nearestName } from "../nearest_names.ts";
import { keyMistakes } from "./key_choices.ts";
import { findingAt, keyOffset, unknownKeyWords } from "./validation.ts";

type Sources = NonNullable<ConfigFile["sources"]>;

/** `file`: the content of `root`. */
export function mismatches(root: Node, file: ConfigFile): Finding[] {
  return [
    ...userAndSources(root, file),
    ...sourceMistakes(root, file.sources ?? {}),
    ...serviceMistakes(root, file),
    ...hostMistakes(root, file),
    ...keyMistakes(root, file),
  ];
}

function userAndSources(root: Node, { tiktok, sources }: ConfigFile): Finding[] {
  if (sources === undefined || tiktok.user.trim() === "") return [];
  const message = t`"sources" is set too: put the user into a source of type "tiktok", and delete this line`;
  return [findingAt(root, ["tiktok", "user"], message)];
}

function sourceMistakes(root: Node, sources: Sources): Finding[] {
  const users = new Map<string, string>();
  const ports = new Map<number, string>();
  return Object.entries(sources).flatMap(([name, source]): Finding[] => {
    if (isOwn(name)) return [ownName(root, name)];
    switch (source.type) {
      case "tiktok": {
        const user = bareHandle(source.user) || null;
        const other = user === null ? undefined : users.get(user);
        if (user !== null) users.set(user, other ?? name);
        if (other === undefined) return [];
        return [
          findingAt(root, ["sources", name, "user"], t`the source "${other}" already captures @${user}`),
        ];
      }
      case "webhook": {
        const other = ports.get(source.port);
        ports.set(source.port, other ?? name);
        return [
          ...(other === undefined ? [] : [
            findingAt(
              root,
              ["sources", name, "port"],
              t`the source "${other}" already listens on ${source.port}; set another port`,
            ),
          ]),
          ...followMistakes(root, name, source.for, sources),
        ];
      }
      case "tikfinity":
      case "lightstreamer":
      case "http_poll":
      case "mqtt":
        return [];
    }
  });
}

/** The names of the config's own sources. */
export function sourceNames({ sources }: ConfigFile): string[] {
  return Object.keys(sources ?? { tiktok: null });
}

/** Whether events may come from a source of this name. `sources`: those of the config. */
export function isSource(name: string, sources: readonly string[]): boolean {
  return sources.includes(name) || /^(replay:.*|demo)$/.test(name) || isOwn(name);
}

const isOwn = (name: string) => Object.values<string>(ownSources).includes(name);

function ownName(root: Node, name: string): Finding {
  const path = ["sources", name];
  const message = t`"${name}" is the name of a source of Livecue's own; choose another name`;
  return { offset: keyOffset(root, path), path, message };
}

function followMistakes(root: Node, name: string, follows: string | undefined, sources: Sources): Finding[] {
  if (follows === undefined) return [];
  const choices = Object.entries(sources).filter(([, { type }]) => type !== "webhook").map(([other]) =>
    other
  );
  if (choices.includes(follows)) return [];
  return [findingAt(root, ["sources", name, "for"], noOwnLive(follows, choices))];
}

function serviceMistakes(root: Node, file: ConfigFile): Finding[] {
  const emitted = Object.values(file.services).flatMap(({ emits }) => emits);
  const types = [...eventTypes, ...detectorTypes, ...emitted, everyType];
  const sources = sourceNames(file);
  return Object.entries(file.services).flatMap(([slug, { emits, subscriptions }]) => [
    ...emits.flatMap((type, index) => emitMistakes(root, ["services", slug, "emits", index], type)),
    ...Object.entries(subscriptions).flatMap(([type, subscription]) => {
      const path = ["services", slug, "subscriptions", type];
      return [
        ...(types.includes(type) ? [] : [unknownType(root, path, type, types)]),
        ...(subscription.sources ?? []).flatMap((source, index) => {
          if (isSource(source, sources)) return [];
          return [findingAt(root, [...path, "sources", index], noSource(source, sources))];
        }),
      ];
    }),
  ]);
}

/** In a database for several machines, hosts announce themselves. */
function hostMistakes(root: Node, { database, hosts, services }: ConfigFile): Finding[] {
  if (/^postgres(ql)?:/i.test(database)) return [];
  const names = Object.keys(hosts);
  return Object.entries(services).flatMap(([slug, { runs_on }]) => {
    const path = ["services", slug, "runs_on"];
    if (!Array.isArray(runs_on)) {
      return runs_on === undefined || names.includes(runs_on)
        ? []
        : [findingAt(root, path, noHost(runs_on, names))];
    }
    return runs_on.flatMap((name, index) =>
      names.includes(name) ? [] : [findingAt(root, [...path, index], noHost(name, names))]
    );
  });
}

function noHost(found: string, choices: string[]): string {
  const nearest = nearestName(found, choices);
  if (nearest !== null) return t`there is no host "${found}" in "hosts", did you mean "${nearest}"?`;
  return t`there is no host "${found}" in "hosts": add it with its address and its token`;
}

/** A service cannot emit events with streaks, because only sources count streaks. */
function emitMistakes(root: Node, path: KeyPath, type: string): Finding[] {
  if (type !== "GiftEvent" && type !== "LikeEvent") return [];
  return [
    findingAt(root, path, t`a service cannot emit a ${type}, which has a streak; emit your own type`),
  ];
}

function unknownType(root: Node, path: KeyPath, type: string, types: string[]): Finding {
  return { offset: keyOffset(root, path), path, message: unknownKeyWords(type, [...new Set(types)]) };
}

function noSource(found: string, choices: string[]): string {
  const nearest = nearestName(found, choices);
  if (nearest !== null) return t`there is no source "${found}", did you mean "${nearest}"?`;
  return choices.length === 0
    ? t`there is no source "${found}"`
    : t`there is no source "${found}"; there are ${choices.join(", ")}`;
}

function noOwnLive(found: string, choices: string[]): string {
  const nearest = nearestName(found, choices);
  if (nearest !== null) return t`there is no source "${found}" with its own live, did you mean "${nearest}"?`;
  return choices.length === 0
    ? t`there is no source "${found}" with its own live`
    : t`there is no source "${found}" with its own live; there are ${choices.join(", ")}`;
}
