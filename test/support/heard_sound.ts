/// <reference lib="dom" />
/** What a page lets be heard: its samples, taken where they go to the loudspeakers. */
import type { Page } from "puppeteer-core";

/** Lets a page sound without a click, as OBS does. */
export const soundArgs = ["--autoplay-policy=no-user-gesture-required"];

/** Before the page is opened: from then on all that it lets be heard is kept. */
export async function recordSound(page: Page): Promise<void> {
  // The recorder's script is the test's, not the page's.
  await page.setBypassCSP(true);
  await page.evaluateOnNewDocument(() => {
    const processor = `registerProcessor("recorder", class extends AudioWorkletProcessor {
      process([[samples]]) {
        this.port.postMessage(samples === undefined ? new Float32Array(128) : samples.slice());
        return true;
      }
    });`;
    const recorded: Float32Array[] = [];
    const keeper = globalThis as unknown as { recorded: Float32Array[]; rate: number };
    keeper.recorded = recorded;
    const connect = AudioNode.prototype.connect as (this: AudioNode, to: AudioNode) => AudioNode;
    AudioNode.prototype.connect = function (this: AudioNode, to: AudioNode) {
      const isHeard = to instanceof AudioDestinationNode && !(this.context instanceof OfflineAudioContext);
      if (isHeard) void record(this);
      return connect.call(this, to);
    } as typeof AudioNode.prototype.connect;
    async function record(node: AudioNode): Promise<void> {
      const address = `data:text/javascript,${encodeURIComponent(processor)}`;
      await node.context.audioWorklet.addModule(address);
      keeper.rate = node.context.sampleRate;
      const recorder = new AudioWorkletNode(node.context, "recorder", { numberOfOutputs: 0 });
      recorder.port.onmessage = ({ data }) => recorded.push(data);
      connect.call(node, recorder);
    }
  });
}

export interface HeardSound {
  /** Seconds of sound, from its first to its last audible moment, with the pauses in it. */
  seconds: number;
  /** The pauses in it longer than 50 ms, in seconds. */
  pauses: number[];
  /** From 0 to 1. */
  loudest: number;
}

const windowSeconds = 0.01;
const audible = 0.003;

/** What was heard since the page was opened. */
export async function heardSound(page: Page): Promise<HeardSound> {
  const { loudness } = await page.evaluate((windowSeconds) => {
    const { recorded, rate } = globalThis as unknown as { recorded: Float32Array[]; rate: number };
    const size = Math.round(rate * windowSeconds);
    const samples = recorded.flatMap((part) => [...part]);
    const loudness: number[] = [];
    for (let at = 0; at < samples.length; at += size) {
      loudness.push(
        samples.slice(at, at + size).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0),
      );
    }
    return { loudness };
  }, windowSeconds);
  const first = loudness.findIndex((value) => value > audible);
  const last = loudness.findLastIndex((value) => value > audible);
  const heard = first === -1 ? [] : loudness.slice(first, last + 1);
  const pauses: number[] = [];
  let silent = 0;
  for (const value of heard) {
    if (value <= audible) silent++;
    else {
      if (silent * windowSeconds > 0.05) pauses.push(silent * windowSeconds);
      silent = 0;
    }
  }
  return { seconds: heard.length * windowSeconds, pauses, loudest: Math.max(0, ...heard) };
}

/** How loud the next so many seconds are, from 0 to 1. */
export async function loudnessOfNext(page: Page, seconds: number): Promise<number> {
  const recordedCount = await page.evaluate(() =>
    (globalThis as unknown as { recorded: Float32Array[] }).recorded.length
  );
  const isRecorded = (count: number, seconds: number) => {
    const { recorded, rate } = globalThis as unknown as { recorded: Float32Array[]; rate: number };
    return recorded.slice(count).reduce((sum, { length }) => sum + length, 0) >= seconds * rate;
  };
  await page.waitForFunction(isRecorded, { polling: 50 }, recordedCount, seconds);
  return await page.evaluate((count) => {
    const { recorded } = globalThis as unknown as { recorded: Float32Array[] };
    return recorded.slice(count).reduce((most, part) => Math.max(most, ...part.map(Math.abs)), 0);
  }, recordedCount);
}
