/**
 * Acts as the page that speaks, in a separate process: `deno run -A page.ts URL [real]`. It prints a `Heard` for each
 * text when it has received the sound of the first segment. With `real` it waits as long as the sound lasts.
 */
import type { SegmentOfPage, SpokenText } from "../../services/tts/messages.ts";
import { sleep, systemClock } from "../../src/clock.ts";
import { PageStream } from "../../test/support/page_stream.ts";

export interface Heard {
  text: string;
  /** Unix time in milliseconds. */
  at: number;
}

interface Messages {
  hello: unknown;
  speak: SpokenText;
}

async function post(url: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  await (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).body?.cancel();
}

async function play(url: string, { id, text, segmentCount }: SpokenText, isReal: boolean): Promise<void> {
  for (let segment = 0; segment < segmentCount; segment++) {
    const path = `${url}/sound/${id}/${segment}`;
    const [about] = await Promise.all([
      fetch(`${path}.json`).then((answer) => answer.json()) as Promise<SegmentOfPage>,
      fetch(`${path}.mp3`).then((answer) => answer.arrayBuffer()),
    ]);
    if (segment === 0) console.log(JSON.stringify({ text, at: Date.now() } satisfies Heard));
    await post(`${url}/heard`, { id, segment });
    if (isReal) await sleep(systemClock, about.durationMs);
  }
  await post(`${url}/finished`, { id });
}

if (import.meta.main) {
  const [url = "", pace] = Deno.args;
  const page = await PageStream.connect<Messages>(url, "?wants=speech");
  console.log(JSON.stringify({ text: "", at: Date.now() } satisfies Heard));
  for (let count = 0;; count++) {
    const spoken = () => page.messages.filter(({ name }) => name === "speak");
    await page.heard("speak", () => spoken().length > count);
    await play(url, spoken()[count]?.data as SpokenText, pace === "real");
  }
}
