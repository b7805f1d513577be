/**
 * Pictures of viewers, gifts and emotes. Livecue fetches them from TikTok's servers when a page asks for one, so that
 * pages connect to nobody else. A page that asks too early is told later (`onReady`) and meanwhile shows something
 * else, so a slow server holds up nothing.
 */
import { lookup } from "node:dns/promises";
import { limit } from "livecue/limit";
import { pictureUrlOf } from "livecue/pages";
import { isPublicAddress } from "livecue/public_address";

export interface Picture {
  content: Uint8Array<ArrayBuffer>;
  contentType: string;
}

/** How the internet is reached. Tests have a network of their own. */
export interface Network {
  /** All addresses of a host. Rejects if there are none. */
  resolve(host: string): Promise<string[]>;
  fetch(url: string, init: RequestInit): Promise<Response>;
  mayReach(host: string): boolean;
}

export interface PicturesOptions {
  /** The picture of this address can now be had. */
  onReady(url: string): void;
  /** Called once, if the permission to reach this host is missing. */
  onForbidden(host: string): void;
  network?: Network;
  /** For all of one picture. */
  timeoutMs?: number;
}

const maxBytes = 1_000_000;
const usualTimeoutMs = 5_000;
const maxRedirects = 2;
const maxPictures = 500;
const maxBytesOfAll = 32_000_000;
const maxLoading = 6;
const maxWaiting = 200;
/** After a failure, the next try is this much later. */
const pauseMs = 60_000;
const maxFailed = 500;

const internet: Network = {
  async resolve(host) {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  },
  fetch: (url, init) => fetch(url, init),
  mayReach: (host) => Deno.permissions.querySync({ name: "net", host }).state === "granted",
};

export class Pictures {
  readonly #options: PicturesOptions;
  readonly #network: Network;
  /** By key, the one that was used last at the end. */
  readonly #pictures = new Map<string, Picture>();
  #bytesOfAll = 0;
  /** Addresses by key, oldest first. */
  readonly #waiting = new Map<string, string>();
  readonly #loading = new Set<string>();
  /** By key, when they failed, in milliseconds of `performance.now()`, oldest first. */
  readonly #failed = new Map<string, number>();
  readonly #stopping = new AbortController();
  #isForbiddenTold = false;

  constructor(options: PicturesOptions) {
    this.#options = options;
    this.#network = options.network ?? internet;
  }

  /** The picture of this address, or null. If it can be had, it is loaded, and `onReady` is called. */
  get(given: string): Picture | null {
    const url = pictureUrlOf(given);
    if (url === "") return null;
    const key = keyOf(url);
    const picture = this.#pictures.get(key);
    if (picture === undefined) {
      this.#want(key, url);
      return null;
    }
    this.#pictures.delete(key);
    this.#pictures.set(key, picture);
    return picture;
  }

  /** Ends all loading. */
  stop(): void {
    this.#stopping.abort(new Error("Livecue stops"));
    this.#waiting.clear();
  }

  #want(key: string, url: string): void {
    if (this.#stopping.signal.aborted || this.#loading.has(key) || this.#waiting.has(key)) return;
    if (performance.now() - (this.#failed.get(key) ?? -Infinity) < pauseMs || !this.#isAllowed(url)) return;
    this.#waiting.set(key, url);
    // The oldest has probably left the screen. A page that still shows it asks again with the viewer's next event.
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= maxWaiting) break;
      this.#waiting.delete(oldest);
    }
    this.#loadNext();
  }

  #isAllowed(url: string): boolean {
    const { hostname } = new URL(url);
    if (this.#network.mayReach(hostname)) return true;
    if (!this.#isForbiddenTold) this.#options.onForbidden(hostname);
    this.#isForbiddenTold = true;
    return false;
  }

  #loadNext(): void {
    for (const [key, url] of this.#waiting) {
      if (this.#loading.size >= maxLoading) return;
      this.#waiting.delete(key);
      this.#loading.add(key);
      void this.#load(key, url);
    }
  }

  async #load(key: string, url: string): Promise<void> {
    const timing = new AbortController();
    const { timeoutMs = usualTimeoutMs } = this.#options;
    const cancel = limit(timeoutMs, () => timing.abort(new Error("the server is too slow")));
    try {
      const signal = AbortSignal.any([timing.signal, this.#stopping.signal]);
      this.#keep(key, await fetchPicture(url, this.#network, signal));
      this.#failed.delete(key);
      this.#options.onReady(url);
    } catch {
      this.#failed.set(key, performance.now());
      dropOldest(this.#failed, maxFailed);
    } finally {
      cancel();
      this.#loading.delete(key);
      this.#loadNext();
    }
  }

  #keep(key: string, picture: Picture): void {
    this.#pictures.set(key, picture);
    this.#bytesOfAll += picture.content.length;
    for (const [oldest, { content }] of this.#pictures) {
      if (this.#pictures.size <= maxPictures && this.#bytesOfAll <= maxBytesOfAll) break;
      this.#pictures.delete(oldest);
      this.#bytesOfAll -= content.length;
    }
  }
}

/** TikTok signs the same picture differently each time, in the query. */
function keyOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}

async function fetchPicture(start: string, network: Network, signal: AbortSignal): Promise<Picture> {
  let url = start;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    await checkAddresses(new URL(url).hostname, network, signal);
    const response = await network.fetch(url, { redirect: "manual", signal, headers: { accept: "image/*" } });
    const location = response.status >= 300 && response.status < 400
      ? response.headers.get("location")
      : null;
    if (location === null) return await pictureIn(response);
    await response.body?.cancel();
    url = pictureUrlOf(new URL(location, url).href);
    if (url === "") throw new Error("the redirect leads to a server that is not TikTok's");
  }
  throw new Error("there are too many redirects");
}

/**
 * Throws unless all addresses of the host are public. A name that changes its address afterwards leads nowhere,
 * because the server there has no certificate for it.
 */
async function checkAddresses(host: string, network: Network, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    const addresses = await Promise.race([network.resolve(host), aborted]);
    if (addresses.length > 0 && addresses.every(isPublicAddress)) return;
  } finally {
    signal.removeEventListener("abort", abort);
  }
  throw new Error(`${host} is not on the public internet`);
}

/** Reads an answer that has a picture, and cancels any other. */
async function pictureIn(response: Response): Promise<Picture> {
  const reader = response.body?.getReader();
  try {
    if (response.status !== 200) throw new Error(`the server answered ${response.status}`);
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (let piece = await reader?.read(); piece?.value !== undefined; piece = await reader?.read()) {
      length += piece.value.length;
      if (length > maxBytes) throw new Error("the picture is too large");
      pieces.push(piece.value);
    }
    const content = new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
    const contentType = typeOf(content);
    if (contentType === null) throw new Error("it is not a picture");
    return { content, contentType };
  } finally {
    await reader?.cancel().catch(() => {});
  }
}

/** The type by the first bytes, whatever the server says; null if it is not a picture of pixels. */
function typeOf(content: Uint8Array): string | null {
  const start = String.fromCharCode(...content.subarray(0, 12));
  if (start.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (/^GIF8[79]a/.test(start)) return "image/gif";
  if (/^RIFF[^]{4}WEBP/.test(start)) return "image/webp";
  if (/^[^]{4}ftypavi[fs]/.test(start)) return "image/avif";
  return null;
}

function dropOldest(map: Map<string, unknown>, max: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= max) return;
    map.delete(oldest);
  }
}
