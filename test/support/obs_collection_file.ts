/** A scene collection as OBS keeps it in a file: only so are groups made, which obs-websocket cannot make. */
import type { Collection, ItemsOfScene } from "./obs_setup.ts";

/** `media`: the file that media sources play. */
export function collectionFile(name: string, collection: Collection, media: string): string {
  const { scenes = { Main: {} }, groups = {}, inputs = {}, filters = {} } = collection;
  const first = Object.keys(scenes)[0] as string;
  const everyItem = Object.assign({}, ...Object.values(scenes), ...Object.values(groups));
  const all = new Map<string, [kind: string, settings: object]>();
  for (const source of Object.keys(everyItem)) {
    all.set(source, ["color_source_v3", { width: 40, height: 40 }]);
  }
  for (const [input, given] of Object.entries(inputs)) {
    const [kind, settings] = typeof given === "string" ? [given, {}] : given;
    const isMedia = kind === "ffmpeg_source";
    all.set(input, [
      kind,
      isMedia ? { local_file: media, restart_on_activate: false, ...settings } : settings,
    ]);
  }
  const unplaced = Object.keys(inputs).filter((input) => !(input in everyItem));
  const source = (kind: string, sourceName: string, settings: object) => ({
    id: kind.replace(/_v\d$/, ""),
    versioned_id: kind,
    name: sourceName,
    settings,
    filters: Object.entries(filters[sourceName] ?? {}).map(([filter, isOn]) => ({
      id: "color_filter",
      versioned_id: "color_filter_v2",
      name: filter,
      enabled: isOn,
      settings: {},
    })),
  });
  for (const container of [...Object.keys(scenes), ...Object.keys(groups)]) all.delete(container);
  return JSON.stringify({
    name,
    current_scene: first,
    current_program_scene: first,
    current_transition: "Cut",
    scene_order: Object.keys(scenes).map((scene) => ({ name: scene })),
    sources: [
      ...[...all].map(([input, [kind, settings]]) => source(kind, input, settings)),
      ...Object.entries(scenes).map(([scene, items]) => {
        const more = scene === first ? Object.fromEntries(unplaced.map((input) => [input, true])) : {};
        return source("scene", scene, itemsOf({ ...items, ...more }));
      }),
    ],
    groups: Object.entries(groups).map(([group, items]) =>
      source("group", group, { ...itemsOf(items), custom_size: true, cx: 100, cy: 100 })
    ),
  });
}

function itemsOf(shown: ItemsOfScene) {
  const items = Object.entries(shown)
    .flatMap(([name, places]) => [places].flat().map((visible) => ({ name, visible })))
    .map((item, index) => ({ ...item, id: index + 1, scale: { x: 1, y: 1 } }));
  return { items, id_counter: items.length };
}
