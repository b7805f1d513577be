/** The page of the stream with the sounds of a test in place of speech, and a clock of its choice. */
import { Hls } from "../../services/tts/hls/hls.ts";
import { LiveTimeline, type TimelineClock } from "../../services/tts/hls/live_timeline.ts";
import { PageServer } from "../../src/kit/pages/page_server.ts";
import { MemoryState } from "./memory_state.ts";
import { silentLog } from "./silent_log.ts";

export async function withStream(
  use: (stream: { url: string; live: LiveTimeline }) => Promise<void>,
  clock?: TimelineClock,
): Promise<void> {
  const live = new LiveTimeline(clock);
  const hls = new Hls({ live, desk: { voicesOf: () => [], clips: () => Promise.resolve([]) } });
  const host = {
    options: { host: "127.0.0.1", port: 0 },
    configFolder: "/",
    log: silentLog(),
    state: new MemoryState(),
    trouble() {},
  };
  const server = new PageServer<{ hello: null }>(host, {
    folder: new URL("../../services/tts/pages/", import.meta.url),
    hello: () => null,
    routes: { hls: hls.route },
  });
  await server.start();
  try {
    await use({ url: server.url, live });
  } finally {
    await server.stop();
  }
}
