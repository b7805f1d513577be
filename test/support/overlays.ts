/** The overlays in a real worker with just the permissions they need, and a page as a program sees it. */
import { fileURLToPath } from "node:url";
import type { Messages } from "../../services/overlays/messages.ts";
import type { ServiceConfig } from "../../src/service.ts";
import { openStream, PageStream, post } from "./page_stream.ts";
import { makeService, noPermissions, RunnerUnderTest } from "./runner_under_test.ts";

export const overlays = fileURLToPath(new URL("../../services/overlays/main.ts", import.meta.url));

/** On a port that is free; with what an earlier one has kept. */
export async function startOverlays(
  options: Record<string, unknown> = {},
  { kept = new Map(), ...given }: Partial<ServiceConfig> & { kept?: ReadonlyMap<string, unknown> } = {},
): Promise<{ tested: RunnerUnderTest; url: string }> {
  const service = makeService(overlays, {
    permissions: { ...noPermissions, net: ["127.0.0.1:0"] },
    options: { port: 0, reconnect_seconds: 0, ...options },
    maxConcurrency: 64,
    ...given,
  });
  const tested = new RunnerUnderTest(service);
  for (const [key, value] of kept) tested.feed.state.set(key, value);
  await tested.runner.start();
  return { tested, url: await urlOf(tested) };
}

export async function urlOf({ log }: Pick<RunnerUnderTest, "log">): Promise<string> {
  const { text } = await log.heard(/how to put them into OBS/);
  return text.match(/http:\/\/[^/]+/)?.[0] as string;
}

/** An open stream that can say what it has shown. */
export class OverlayPage extends PageStream<Messages> {
  readonly #url: string;

  private constructor(url: string, opened: Awaited<ReturnType<typeof openStream<Messages>>>) {
    super(opened);
    this.#url = url;
  }

  static async open(url: string, query = ""): Promise<OverlayPage> {
    return new OverlayPage(url, await openStream<Messages>(url, query));
  }

  async show(id: number): Promise<void> {
    const response = await post(`${this.#url}/shown`, { id });
    if (response.status !== 204) throw new Error(`/shown answered ${response.status}`);
  }
}
