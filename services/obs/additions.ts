/** Adds one thing to OBS, and says in words what it is. */
import { t } from "livecue/language";
import type { Call } from "./connection.ts";
import type { Addition } from "./scene_list.ts";
import { fontFor, inputFor, type Offer } from "./source_forms.ts";
import { quote } from "./things.ts";

/** `row`: how many texts are above it. Throws OBS's error, or a `Refusal`. */
export async function add(
  call: Call,
  addition: Addition,
  { row, offer }: { row: number; offer: Offer },
): Promise<void> {
  switch (addition.kind) {
    case "scene":
      await call("CreateScene", { sceneName: addition.scene });
      await call("CreateSceneItem", { sceneName: addition.scene, sourceName: addition.shows });
      return;
    case "place": {
      const { source, scene, isHidden } = addition;
      await call("CreateSceneItem", { sceneName: scene, sourceName: source, sceneItemEnabled: !isHidden });
      return;
    }
    case "source": {
      const { source, scene, form, isHidden } = addition;
      const { inputKind, inputSettings, place } = inputFor(form, { source, row, offer });
      const { sceneItemId } = await call("CreateInput", {
        sceneName: scene,
        inputName: source,
        inputKind,
        inputSettings,
        sceneItemEnabled: !isHidden,
      });
      await call("SetSceneItemTransform", { sceneName: scene, sceneItemId, sceneItemTransform: place });
      return;
    }
    case "filter": {
      const named = { sourceName: addition.source, filterName: addition.filter };
      // A new filter is on. It gets its effect when it is off, so that viewers do not see it.
      await call("CreateSourceFilter", { ...named, filterKind: "color_filter_v2" });
      await call("SetSourceFilterEnabled", { ...named, filterEnabled: false });
      await call("SetSourceFilterSettings", { ...named, filterSettings: { saturation: -1 } });
    }
  }
}

/** As "the scene “Party”, which shows “Main”". */
export function describe(addition: Addition, offer: Offer): string {
  switch (addition.kind) {
    case "scene":
      return t`the scene ${quote(addition.scene)}, which shows ${quote(addition.shows)}`;
    case "place":
      return addition.isHidden
        ? t`${quote(addition.source)} to the scene ${quote(addition.scene)} (hidden)`
        : t`${quote(addition.source)} to the scene ${quote(addition.scene)}`;
    case "filter":
      return t`the filter ${quote(addition.filter)} to ${
        quote(addition.source)
      }: a color correction to grey, off`;
    case "source": {
      const { source, scene, form } = addition;
      const where = addition.isHidden
        ? t`${quote(source)} to ${quote(scene)} (hidden)`
        : t`${quote(source)} to ${quote(scene)}`;
      switch (form.kind) {
        case "text":
          return t`the text ${where}, with the font ${fontFor(offer).face}`;
        case "picture":
          return t`the image ${where}`;
        case "media":
          return t`the media source ${where}, which plays only when a rule plays it`;
        case "page":
          return t`the browser source ${where}, which shows ${form.url.replace(/[?].*/, "")}`;
      }
    }
  }
}

export function nameOf(addition: Addition): string {
  const { kind } = addition;
  return quote(kind === "filter" ? addition.filter : kind === "scene" ? addition.scene : addition.source);
}

/** What is left for the streamer to do after the additions. */
export function nextSteps(added: readonly Addition[], offer: Offer): string[] {
  const sources = added.filter((each) => each.kind === "source");
  const steps: string[] = [];
  if (sources.some(({ form }) => form.kind === "text")) {
    const { face, has } = fontFor(offer);
    steps.push(t`OBS cannot list its fonts, so the texts have the font ${face}. ${has}`);
  }
  const files = sources.filter(({ form }) => form.kind === "picture" || form.kind === "media");
  if (files.length > 0) {
    const names = files.map(({ source }) => quote(source)).join(t` and `);
    steps.push(t`In OBS, double-click ${names} and choose a file.`);
  }
  return steps;
}
