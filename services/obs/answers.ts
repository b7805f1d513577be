/** Validates OBS's answers, because another program or a future version of OBS may have sent them. */
import { t } from "livecue/language";
import { z } from "zod";
import { Refusal } from "./trouble.ts";

const sceneItems = z.object({
  sceneItems: z.array(
    z.looseObject({ sourceName: z.string(), sceneItemId: z.number(), isGroup: z.boolean().nullish() }),
  ),
});

const schemas: Record<string, z.ZodType> = {
  GetSceneCollectionList: z.object({ currentSceneCollectionName: z.string() }),
  GetSceneList: z.object({
    currentProgramSceneName: z.string(),
    scenes: z.array(z.looseObject({ sceneName: z.string() })),
  }),
  GetSceneItemList: sceneItems,
  GetGroupSceneItemList: sceneItems,
  GetSceneItemEnabled: z.object({ sceneItemEnabled: z.boolean() }),
  GetInputList: z.object({
    inputs: z.array(z.looseObject({ inputName: z.string(), inputKind: z.string() })),
  }),
  GetInputSettings: z.object({ inputKind: z.string(), inputSettings: z.record(z.string(), z.unknown()) }),
  GetMediaInputStatus: z.object({ mediaState: z.string() }),
  GetStudioModeEnabled: z.object({ studioModeEnabled: z.boolean() }),
  GetSourceActive: z.object({ videoActive: z.boolean() }),
  GetInputMute: z.object({ inputMuted: z.boolean() }),
  GetSourceFilterList: z.object({ filters: z.array(z.looseObject({ filterName: z.string() })) }),
  GetSourceFilter: z.object({ filterEnabled: z.boolean() }),
  GetVersion: z.object({ platform: z.string() }),
  GetVideoSettings: z.object({ baseWidth: z.number(), baseHeight: z.number() }),
  GetInputKindList: z.object({ inputKinds: z.array(z.string()) }),
  CreateInput: z.object({ sceneItemId: z.number() }),
  CreateSceneItem: z.object({ sceneItemId: z.number() }),
  GetHotkeyList: z.object({ hotkeys: z.array(z.string()) }),
};

/** OBS answers with no scene while it opens a scene collection; newer versions refuse with this code. */
class NotReady extends Refusal {
  readonly code = 207;
}

/** Returns the answer unchanged. Throws a `NotReady`, or a `Refusal` if a field that Livecue reads is missing. */
export function checkedAnswer<Answer>(type: string, answer: Answer): Answer {
  if (type === "GetSceneList" && Reflect.get(Object(answer), "currentProgramSceneName") === null) {
    throw new NotReady(t`OBS has no scene on air.`);
  }
  if (schemas[type]?.safeParse(answer).success === false) {
    throw new Refusal(
      t`OBS answers ${type} in a format that Livecue does not know. Update Livecue, and check that "port" is OBS's.`,
    );
  }
  return answer;
}
