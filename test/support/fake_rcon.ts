/**
 * A game server's RCON, from the description of Valve's protocol and from how the games differ:
 *
 * - source: an empty response before the answer to a password; mirrors an empty response, and sends another
 *   one with four bytes behind it
 * - minecraft: treats each read as one packet, and gives up if it is not one; replies in parts of
 *   4096 characters; answers an unknown command with "Unknown request"
 * - unmarked: leaves an empty response unanswered, as Factorio does
 * - touchy: ends the connection over one
 * - loose: answers everything with the id 0, and a password with the type of its request
 */
export type FakeKind = "source" | "minecraft" | "unmarked" | "touchy" | "loose";

/**
 * What becomes of a command: a reply, none, the end of the connection, or that of the login, as where the
 * password was set anew.
 */
export type Answer = string | { then: "silence" | "cut" | "logout" };

export interface FakeRconOptions {
  kind?: FakeKind;
  password?: string;
  port?: number;
  hostname?: string;
  answer?: (command: string) => Answer;
  /** Sends each byte on its own, or all that is to be said at a time in one piece. */
  delivery?: "whole" | "bytes" | "joined";
  /** Accepts and says nothing, closes at once, or talks another protocol. */
  manner?: "well" | "mute" | "closing" | "web";
  /** Sends what the game prints as well, as Rust does. */
  isChatty?: boolean;
}

const encoder = new TextEncoder();

function packet(id: number, type: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(14 + body.length);
  const view = new DataView(bytes.buffer);
  [10 + body.length, id, type].forEach((value, index) => view.setInt32(index * 4, value, true));
  bytes.set(body, 12);
  return bytes;
}

export class FakeRcon implements AsyncDisposable {
  readonly commands: string[] = [];
  readonly #options: Settings;
  readonly #listener: Deno.TcpListener;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #serving: Promise<void>[] = [];
  #connectionCount = 0;
  #passwordCount = 0;
  readonly #waiting: { isMet: () => boolean; resolve: () => void }[] = [];

  constructor({ port = 0, hostname = "127.0.0.1", ...options }: FakeRconOptions = {}) {
    this.#options = {
      kind: "source",
      password: "swordfish",
      answer: () => "",
      delivery: "whole",
      manner: "well",
      isChatty: false,
      ...options,
    };
    this.#listener = Deno.listen({ hostname, port });
    this.#serving.push(this.#accept());
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  get connectionCount(): number {
    return this.#connectionCount;
  }

  /** Passwords that were tried. */
  get passwordCount(): number {
    return this.#passwordCount;
  }

  /** Resolves when so many commands have come. */
  heard(count: number): Promise<void> {
    return this.#until(() => this.commands.length >= count);
  }

  /** Resolves when so many connections have been made. */
  connected(count: number): Promise<void> {
    return this.#until(() => this.#connectionCount >= count);
  }

  /** As a server that goes down with its connections open. */
  dropConnections(): void {
    for (const socket of this.#open) close(socket);
    this.#open.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.dropConnections();
    await Promise.all(this.#serving);
  }

  #until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ isMet, resolve }));
  }

  #changed(): void {
    for (const { isMet, resolve } of this.#waiting) if (isMet()) resolve();
  }

  async #accept(): Promise<void> {
    for await (const socket of this.#listener) {
      this.#open.add(socket);
      this.#connectionCount++;
      this.#changed();
      this.#serving.push(this.#serve(socket));
    }
  }

  async #serve(socket: Deno.TcpConn): Promise<void> {
    try {
      if (this.#options.manner === "closing") return;
      if (this.#options.manner === "web") {
        await socket.write(encoder.encode("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"));
      }
      await new Talk(socket, this.#options, {
        onPassword: () => this.#passwordCount++,
        onCommand: (command) => {
          this.commands.push(command);
          this.#changed();
        },
      }).run();
    } catch {
      // The other side is gone, or this one was told to go.
    } finally {
      this.#open.delete(socket);
      close(socket);
    }
  }
}

type Settings = Required<Omit<FakeRconOptions, "port" | "hostname">>;

interface Listener {
  onPassword(): void;
  onCommand(command: string): void;
}

/** One connection. */
class Talk {
  #isAuthenticated = false;
  #unread = new Uint8Array();
  readonly #socket: Deno.TcpConn;
  readonly #options: Settings;
  readonly #on: Listener;

  constructor(socket: Deno.TcpConn, options: Settings, on: Listener) {
    this.#socket = socket;
    this.#options = options;
    this.#on = on;
  }

  async run(): Promise<void> {
    const buffer = new Uint8Array(this.#options.kind === "minecraft" ? 1460 : 65_536);
    while (true) {
      const length = await this.#socket.read(buffer);
      if (length === null) return;
      if (this.#options.manner !== "well") continue;
      this.#unread = new Uint8Array([...this.#unread, ...buffer.subarray(0, length)]);
      if (this.#options.kind === "minecraft" && this.#nextSize() !== this.#unread.length) return;
      while (this.#unread.length >= 4 && this.#unread.length >= this.#nextSize()) {
        const isOver = !await this.#take(this.#unread.slice(0, this.#nextSize()));
        if (isOver) return;
      }
    }
  }

  #nextSize(): number {
    return 4 + new DataView(this.#unread.buffer).getInt32(0, true);
  }

  /** False if the connection is to end. */
  async #take(bytes: Uint8Array): Promise<boolean> {
    this.#unread = this.#unread.slice(bytes.length);
    const view = new DataView(bytes.buffer);
    const [id, type] = [view.getInt32(4, true), view.getInt32(8, true)];
    const body = new TextDecoder().decode(bytes.slice(12, -2));
    if (type === 3) return await this.#checkPassword(id, body);
    if (!this.#isAuthenticated) {
      await this.#say([packet(-1, 2, encoder.encode(""))]);
      return true;
    }
    if (type === 2) return await this.#run(id, body);
    return await this.#meetUnknown(id, type);
  }

  async #checkPassword(id: number, password: string): Promise<boolean> {
    this.#on.onPassword();
    this.#isAuthenticated = password === this.#options.password;
    const empty = encoder.encode("");
    const isLoose = this.#options.kind === "loose";
    const answer = packet(this.#isAuthenticated ? this.#shown(id) : -1, isLoose ? 3 : 2, empty);
    await this.#say(this.#options.kind === "source" ? [packet(id, 0, empty), answer] : [answer]);
    return true;
  }

  async #run(id: number, command: string): Promise<boolean> {
    this.#on.onCommand(command);
    if (this.#options.isChatty) {
      await this.#say([packet(0, 4, encoder.encode("saved")), packet(-1, 4, encoder.encode("Ben: hi"))]);
    }
    const answer = this.#options.answer(command);
    if (typeof answer === "string") {
      await this.#say(this.#parts(answer).map((part) => packet(this.#shown(id), 0, part)));
    } else if (answer.then === "logout") {
      this.#isAuthenticated = false;
      await this.#say([packet(-1, 2, encoder.encode(""))]);
    }
    return typeof answer === "string" || answer.then !== "cut";
  }

  #shown(id: number): number {
    return this.#options.kind === "loose" ? 0 : id;
  }

  /** Minecraft cuts between characters, the others anywhere. */
  #parts(text: string): Uint8Array[] {
    if (this.#options.kind === "unmarked") return [encoder.encode(text)];
    if (this.#options.kind === "minecraft") {
      const count = Math.max(1, Math.ceil(text.length / 4096));
      return Array.from(
        { length: count },
        (_, index) => encoder.encode(text.slice(index * 4096, (index + 1) * 4096)),
      );
    }
    const bytes = encoder.encode(text);
    const count = Math.max(1, Math.ceil(bytes.length / 4086));
    return Array.from({ length: count }, (_, index) => bytes.slice(index * 4086, (index + 1) * 4086));
  }

  async #meetUnknown(id: number, type: number): Promise<boolean> {
    switch (this.#options.kind) {
      case "source":
      case "loose":
        await this.#say([
          packet(this.#shown(id), 0, encoder.encode("")),
          packet(this.#shown(id), 0, new Uint8Array([0, 1, 0, 0])),
        ]);
        return true;
      case "minecraft":
        await this.#say([packet(id, 0, encoder.encode(`Unknown request ${type.toString(16)}`))]);
        return true;
      case "unmarked":
        return true;
      case "touchy":
        return false;
    }
  }

  async #say(packets: Uint8Array[]): Promise<void> {
    const pieces = this.#options.delivery === "whole"
      ? packets
      : this.#options.delivery === "joined"
      ? [new Uint8Array(packets.flatMap((each) => [...each]))]
      : packets.flatMap((each) => Array.from(each, (byte) => new Uint8Array([byte])));
    for (const piece of pieces) {
      for (let sent = 0; sent < piece.length;) sent += await this.#socket.write(piece.subarray(sent));
    }
  }
}

function close(socket: Deno.TcpConn): void {
  try {
    socket.close();
  } catch {
    // It was closed already.
  }
}
