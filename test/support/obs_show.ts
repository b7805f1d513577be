/** Rules that change much in OBS for a time, and an OBS that has what they name. */
import assert from "node:assert/strict";
import type { ObsInTest, Setup } from "./obs_setup.ts";
import { onWords } from "./obs_under_test.ts";
import type { RunnerUnderTest } from "./runner_under_test.ts";

const hour = 3600;

export const done = { kind: "completed" };

export const rules = onWords({
  rose: { action: "show", source: "Rose", seconds: hour },
  gone: { action: "hide", source: "Rose", seconds: hour },
  brief: { action: "show", source: "Rose", seconds: 0.1 },
  soon: { action: "show", source: "Rose", seconds: 0.5 },
  stay: { action: "show", source: "Rose" },
  camera: { action: "show", source: "Camera", seconds: 0.1 },
  confetti: { action: "show", source: "Confetti", seconds: 0.1 },
  party: { action: "scene", scene: "Party", seconds: hour },
  dance: { action: "scene", scene: "Dance", seconds: 0.2 },
  thanks: { action: "text", source: "Top", text: "Thanks {user}!", seconds: 0.1 },
  hello: { action: "text", source: "Top", text: "Hello {user}!", seconds: hour },
  grey: { action: "filter", source: "Camera", filter: "Grey", enabled: "toggle", seconds: 0.1 },
  quiet: { action: "mute", source: "Microphone", seconds: 0.1 },
  marker: { action: "hide", source: "Marker", seconds: 0.6 },
});

export const show: Setup = {
  groups: { Alerts: { Confetti: false } },
  scenes: {
    Main: { Camera: true, Rose: false, Alerts: true, Marker: true },
    Party: { Marker: true },
    Dance: {},
    Break: { Marker: true },
  },
  inputs: { Top: ["text_ft2_source_v2", { text: "Hello" }], Microphone: "pulse_input_capture" },
  filters: { Camera: { Grey: true } },
  collections: { Chess: { scenes: { Board: { Rose: false, Marker: true } } } },
};

/** Says each in turn. None waits for what lasts. */
export async function say(tested: RunnerUnderTest, ...words: string[]): Promise<void> {
  for (const [index, each] of words.entries()) {
    assert.deepEqual(await tested.feed.say(index, each), done, each);
  }
}

/** Something that ends later than what is tested has ended. */
export async function markerEnds(obs: ObsInTest, tested: RunnerUnderTest, scene = "Main"): Promise<void> {
  await say(tested, "marker");
  await obs.changed(`show ${scene}/Marker`);
}

export function stateOf(tested: RunnerUnderTest): unknown {
  return tested.feed.getState("service", "changes");
}
