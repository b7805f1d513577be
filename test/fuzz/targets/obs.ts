import assert from "node:assert/strict";
import fc from "fast-check";
import { UserError } from "../../../src/user_error.ts";
import { checkedAnswer } from "../../../services/obs/answers.ts";
import type { Call } from "../../../services/obs/connection.ts";
import { Holds } from "../../../services/obs/holds.ts";
import type { Action } from "../../../services/obs/options.ts";
import { mistakeIn, takeSurvey } from "../../../services/obs/survey.ts";
import { placesOf } from "../../../services/obs/scene_items.ts";
import type { Thing } from "../../../services/obs/things.ts";
import { troubleOf } from "../../../services/obs/trouble.ts";
import { hostileJson, hostileNumber, hostileText, spoiltFields } from "../inputs.ts";
import type { Target } from "../target.ts";

interface Input {
  answers: unknown[];
  name: string;
  code: number;
}

const text = fc.oneof(fc.constantFrom("Game", "Camera", "text_gdiplus_v2"), hostileText);
const item = spoiltFields({ sourceName: text, isGroup: fc.boolean(), sceneItemId: hostileNumber });
/** One that has whatever any answer has; some of it is spoilt. */
const answer = fc.oneof(
  spoiltFields({
    currentProgramSceneName: text,
    scenes: fc.array(spoiltFields({ sceneName: text }), { maxLength: 3 }),
    sceneItems: fc.array(item, { maxLength: 3 }),
    sceneItemId: hostileNumber,
    sceneItemEnabled: fc.boolean(),
    inputs: fc.array(spoiltFields({ inputName: text, inputKind: text }), { maxLength: 3 }),
    inputKind: text,
    inputSettings: spoiltFields({ text }),
    inputMuted: fc.boolean(),
    filters: fc.array(spoiltFields({ filterName: text }), { maxLength: 3 }),
    filterEnabled: fc.boolean(),
    hotkeys: fc.array(text, { maxLength: 3 }),
  }),
  fc.constant(undefined),
  hostileJson,
);

export const target: Target<Input> = {
  holds: "whatever OBS answers is read as it should be, or told in a sentence",
  inputs: fc.record({
    answers: fc.array(answer, { minLength: 1, maxLength: 8 }),
    name: text,
    code: hostileNumber,
  }, {
    noNullPrototype: true,
  }),
  async check({ answers, name, code }) {
    let asked = 0;
    const call =
      ((type: string) =>
        Promise.resolve(checkedAnswer(type, answers[asked++ % answers.length]))) as unknown as Call;
    const actions = [
      { action: "filter", source: name, filter: name, enabled: true },
      { action: "hotkey", hotkey: name },
    ] as unknown as Action[];
    const survey = await unlessRefused(() => takeSurvey(call, actions));
    for (const action of survey === null ? [] : actions) {
      const mistake = mistakeIn(action, survey!);
      assert.ok(mistake === null || mistake !== "");
    }
    const found = await unlessRefused(() => placesOf(call, { source: name }));
    const things: Thing[] = [{ kind: "scene" }, { kind: "text", source: name }, {
      kind: "mute",
      source: name,
    }];
    const open = { name, call };
    const holds = new Holds({
      withCollection: (act) => act(open),
      save: () => Promise.resolve(),
      load: () => Promise.resolve([]),
      onFailure: () => {},
    });
    for (const thing of [...things, ...found ?? []]) {
      await unlessRefused(() => holds.take(open, thing, (before) => before, 60));
    }
    await unlessRefused(() => holds.endAll());
    const { what } = troubleOf(Object.assign(new Error(name), { code }), "127.0.0.1:4455");
    assert.notEqual(what, "");
  },
};

async function unlessRefused<Value>(run: () => Promise<Value>): Promise<Value | null> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    assert.notEqual(error.message, "");
    return null;
  }
}
