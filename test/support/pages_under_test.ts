/** The smallest service with pages in a real worker, on a port that is free, with just the permission for that. */
import { fileURLToPath } from "node:url";
import type { ServiceConfig } from "../../src/service.ts";
import { PageStream } from "./page_stream.ts";
import { makeService, noPermissions, RunnerUnderTest } from "./runner_under_test.ts";
import type { PagedMessages, PagedStatus } from "./services/paged/main.ts";

export const pagedModule = fileURLToPath(new URL("./services/paged/main.ts", import.meta.url));

/** `kept`: the state of an earlier run. */
export async function startPages(
  options: Record<string, unknown> = {},
  { kept = new Map(), ...given }: Partial<ServiceConfig> & { kept?: ReadonlyMap<string, unknown> } = {},
): Promise<{ tested: RunnerUnderTest; url: string }> {
  const tested = new RunnerUnderTest(makeService(pagedModule, {
    permissions: { ...noPermissions, net: ["127.0.0.1"] },
    options: { port: 0, ...options },
    maxConcurrency: 64,
    ...given,
  }));
  for (const [key, value] of kept) tested.feed.state.set(key, value);
  await tested.runner.start();
  return { tested, url: await pagesUrl(tested) };
}

export async function pagesUrl({ log }: Pick<RunnerUnderTest, "log">): Promise<string> {
  const { text } = await log.heard(/shows the pages/);
  return text.match(/http:\/\/[^/]+/)?.[0] as string;
}

export function openStreamOf(url: string, query = ""): Promise<PageStream<PagedMessages>> {
  return PageStream.connect<PagedMessages>(url, query);
}

export async function statusAt(url: string): Promise<PagedStatus> {
  return await (await fetch(`${url}/status`)).json();
}

/** Waits until so many pages have their line. */
export async function untilOpenCount(url: string, isRight: (count: number) => boolean): Promise<void> {
  while (!isRight((await statusAt(url)).openCount));
}
