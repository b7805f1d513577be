/** Measures how one viewer's 600 texts delay those of five others, who ask one after the other. */
import { withFolder } from "../../test/support/temporary_store.ts";
import { startTts, type TtsUnderTest } from "../../test/support/tts_under_test.ts";
import type { Figure } from "../benchmark.ts";

const floodTexts = 600;
const others = ["a", "b", "c", "d", "e"];
const textsOfEach = 10;

export async function* measureFlood(rounds: number): AsyncGenerator<Figure> {
  const alone: number[] = [];
  const beside: number[] = [];
  for (let round = 0; round < rounds; round++) {
    alone.push(...await timesOfOthers(0));
    beside.push(...await timesOfOthers(floodTexts));
  }
  const [usual, flooded] = [median(alone), median(beside)];
  const name = "five viewers' texts until their sound is there";
  yield { name: `${name}: median`, value: usual, unit: "ms" };
  yield {
    name: `${name}: what 600 texts of another add`,
    value: flooded - usual,
    unit: "ms",
    target: { atMost: 200 },
  };
}

async function timesOfOthers(flood: number): Promise<number[]> {
  const times: number[] = [];
  await withFolder(async (folder) => {
    await using tts = await startTts({ folder });
    await timeUntilMade(tts, { text: "Code is compiled in this one", viewer: "first" });
    const flooding = Array.from(
      { length: flood },
      (_, index) =>
        ask(tts, { text: `This is the text ${index} of somebody who wants to be heard`, viewer: "flood" }),
    );
    await Promise.all(flooding.slice(0, flood / 10));
    await Promise.all(others.map(async (viewer) => {
      for (let count = 0; count < textsOfEach; count++) {
        times.push(
          await timeUntilMade(tts, { text: `Here is ${viewer}, for the time number ${count}`, viewer }),
        );
      }
    }));
    await Promise.all(flooding);
  });
  return times;
}

interface Asked {
  text: string;
  viewer: string;
}

async function timeUntilMade(tts: TtsUnderTest, asked: Asked): Promise<number> {
  const begin = performance.now();
  const id = await ask(tts, asked);
  const sound = await fetch(`${tts.url}/sound/${id}/0.mp3`);
  await sound.arrayBuffer();
  return performance.now() - begin;
}

/** The text's id. */
async function ask({ url }: TtsUnderTest, asked: Asked): Promise<number> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/say`, { method: "POST", headers, body: JSON.stringify(asked) });
  return (await response.json()).id;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] as number;
}
