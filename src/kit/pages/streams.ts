/**
 * The event streams of open pages. A stream may serve several pages of one browser. A stream that is not read is
 * closed, so that it costs no memory.
 */
import { every, systemClock } from "../../clock.ts";

type Controller = ReadableStreamDefaultController<Uint8Array>;

/** An open page, or several pages of one browser with the same query. */
export interface OpenPage {
  /** The query that it passed to `listen`, without the token. */
  readonly query: URLSearchParams;
}

interface OpenStream {
  pages: readonly OpenPage[];
  /** Whether each message lists the pages that should get it. */
  isShared: boolean;
}

export interface StreamsOptions {
  /** The first message to each page. */
  hello(page: OpenPage): unknown;
  onOpen(page: OpenPage): void;
  /** Called once for each page, regardless of who closes its stream. */
  onClose(page: OpenPage): void;
}

/** The most bytes that may wait for a browser that does not read. */
const maxBufferedBytes = 1_000_000;
/** More than any show needs, and few enough for any computer. */
const maxStreams = 50;
/** More than fit into the address of a stream. */
const maxPages = 100;
/** Makes writes to a lost connection fail, so that it is closed. */
const heartbeatMs = 15_000;

const encoder = new TextEncoder();
const heartbeat = encoder.encode(": still here\n\n");

export class Streams {
  readonly #options: StreamsOptions;
  readonly #open = new Map<Controller, OpenStream>();
  #stopHeartbeat: (() => void) | null = null;

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  /** Pages of one browser with the same query count as one. */
  get pageCount(): number {
    return [...this.#open.values()].reduce((sum, { pages }) => sum + pages.length, 0);
  }

  get isFull(): boolean {
    return this.#open.size >= maxStreams;
  }

  /**
   * Opens a stream that starts with a `hello` for each page. Each parameter `page` of the address is a page's query.
   * Without one, the address itself is the query of the only page.
   */
  open(address: URLSearchParams): ReadableStream<Uint8Array> {
    const queries = address.getAll("page").slice(0, maxPages);
    const isShared = queries.length > 0;
    const pages = (isShared ? queries.map((query) => new URLSearchParams(query)) : [address])
      .map((query) => ({ query }));
    const stream = { pages, isShared };
    let opened: Controller;
    const source: UnderlyingDefaultSource<Uint8Array> = {
      start: (controller) => {
        opened = controller;
        this.#stopHeartbeat ??= every(systemClock, heartbeatMs, () => this.#beat());
        for (const page of pages) this.#options.onOpen(page);
        this.#open.set(controller, stream);
        for (const [index, page] of pages.entries()) {
          controller.enqueue(
            encoded("hello", JSON.stringify(this.#options.hello(page)), isShared && [index]),
          );
        }
      },
      cancel: () => this.#forget(opened),
    };
    return new ReadableStream(source, new ByteLengthQueuingStrategy({ highWaterMark: maxBufferedBytes }));
  }

  send(name: string, data: unknown, isFor: (page: OpenPage) => boolean): void {
    if (this.#open.size === 0) return;
    const json = JSON.stringify(data);
    for (const [controller, { pages, isShared }] of [...this.#open]) {
      const indices = [...pages.keys()].filter((index) => isFor(pages[index] as OpenPage));
      if (indices.length > 0) this.#write(controller, encoded(name, json, isShared && indices));
    }
  }

  /** Closes all streams permanently. */
  close(): void {
    this.#stopHeartbeat?.();
    for (const controller of [...this.#open.keys()]) {
      this.#forget(controller);
      controller.close();
    }
  }

  #beat(): void {
    for (const controller of [...this.#open.keys()]) this.#write(controller, heartbeat);
  }

  #write(controller: Controller, message: Uint8Array): void {
    if ((controller.desiredSize ?? 0) > 0) return controller.enqueue(message);
    this.#forget(controller);
    controller.error(new Error("the page does not read its stream"));
  }

  #forget(controller: Controller): void {
    const stream = this.#open.get(controller);
    this.#open.delete(controller);
    for (const page of stream?.pages ?? []) this.#options.onClose(page);
  }
}

/** JSON has no line breaks, so it cannot end a message. */
function encoded(name: string, json: string, pages: number[] | false): Uint8Array {
  return encoder.encode(
    pages === false
      ? `event: ${name}\ndata: ${json}\n\n`
      : `data: [${JSON.stringify(name)},${JSON.stringify(pages)},${json}]\n\n`,
  );
}
