/** The worker of `link_thread.ts`. */
import { FaultyLink } from "./faulty_link.ts";
import type { LinkCommand } from "./link_thread.ts";

declare const self: {
  onmessage: ((message: MessageEvent<LinkCommand>) => void) | null;
  postMessage(address: string): void;
  close(): void;
};

let link: FaultyLink | null = null;

self.onmessage = async ({ data }) => {
  if (data.kind === "start") link = await FaultyLink.start({ to: data.to });
  else if (data.kind === "close") await link?.[Symbol.asyncDispose]();
  else link?.[data.kind]();
  self.postMessage(link?.address ?? "");
  if (data.kind === "close") self.close();
};
