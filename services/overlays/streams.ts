/** The open pages' event streams. One that does not read is closed, so that it holds up and costs nobody. */
import type { MessageName, Messages } from "./messages.ts";

type Controller = ReadableStreamDefaultController<Uint8Array>;

/** What may wait for a page that does not read. */
const maxBufferedBytes = 1_000_000;
/** More pages than a show has, and few enough for any computer. */
const maxStreams = 50;
/** Makes a connection that was cut unnoticed fail, so that it is closed here. */
const heartbeatMs = 15_000;

const encoder = new TextEncoder();
const heartbeat = encoder.encode(": still here\n\n");

export class Streams {
  readonly #closers = new Map<Controller, () => void>();
  readonly #timer = setInterval(() => this.#write(heartbeat), heartbeatMs);

  get count(): number {
    return this.#closers.size;
  }

  get isFull(): boolean {
    return this.#closers.size >= maxStreams;
  }

  /** A stream that begins with `hello`. `onClosed` is called once, whoever closes it. */
  open(hello: Messages["hello"], onClosed: () => void): ReadableStream<Uint8Array> {
    let opened: Controller;
    const source: UnderlyingDefaultSource<Uint8Array> = {
      start: (controller) => {
        opened = controller;
        this.#closers.set(controller, onClosed);
        controller.enqueue(encoded("hello", hello));
      },
      cancel: () => this.#forget(opened),
    };
    return new ReadableStream(source, new ByteLengthQueuingStrategy({ highWaterMark: maxBufferedBytes }));
  }

  send<Name extends MessageName>(name: Name, data: Messages[Name]): void {
    if (this.#closers.size > 0) this.#write(encoded(name, data));
  }

  /** For good. */
  close(): void {
    clearInterval(this.#timer);
    for (const controller of [...this.#closers.keys()]) {
      this.#forget(controller);
      controller.close();
    }
  }

  #write(message: Uint8Array): void {
    for (const controller of [...this.#closers.keys()]) {
      if ((controller.desiredSize ?? 0) > 0) {
        controller.enqueue(message);
      } else {
        this.#forget(controller);
        controller.error(new Error("the page does not read its stream"));
      }
    }
  }

  #forget(controller: Controller): void {
    const onClosed = this.#closers.get(controller);
    this.#closers.delete(controller);
    onClosed?.();
  }
}

/** JSON has no line breaks, which would end a message. */
function encoded<Name extends MessageName>(name: Name, data: Messages[Name]): Uint8Array {
  return encoder.encode(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}
