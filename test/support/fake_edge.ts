/** Stands in for Microsoft's server of voices: a tone for each word, in MP3, with the words' times. */
import { createMp3Encoder } from "wasm-media-encoders";

/**
 * How the server does: it may also refuse, end in the midst, fall silent in the midst or at once, send the sound much
 * more slowly than it is heard, or talk rubbish: in place of JSON, of the times of words, or of MP3.
 */
export type Mood =
  | "well"
  | "refuse"
  | "cut"
  | "stall"
  | "silent"
  | "slow"
  | "rubbish"
  | "timeless"
  | "noise"
  | "soundless";

const rate = 24_000;
const wordMs = 300;
const leadMs = 100;

export class FakeEdge {
  mood: Mood = "well";
  /** The SSML of each text that was asked for. */
  readonly texts: string[] = [];
  readonly addresses: URL[] = [];
  readonly browsers: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #open = new Set<WebSocket>();

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/readaloud`;
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.close();
    await this.#server.shutdown();
  }

  #answer(request: Request): Response {
    const address = new URL(request.url);
    this.addresses.push(address);
    this.browsers.push(request.headers.get("user-agent") ?? "");
    if (this.mood === "refuse") return new Response("no", { status: 403 });
    if (address.pathname.endsWith("/voices/list")) {
      return Response.json([
        { ShortName: "en-GB-RyanNeural", Locale: "en-GB", Gender: "Male" },
        { ShortName: "en-US-AriaNeural", Locale: "en-US", Gender: "Female" },
        { ShortName: "es-MX-DaliaNeural", Locale: "es-MX", Gender: "Female" },
      ]);
    }
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    this.#open.add(socket);
    socket.onclose = () => this.#open.delete(socket);
    socket.onmessage = ({ data }) => {
      const [head = "", body = ""] = String(data).split("\r\n\r\n");
      if (head.includes("Path:ssml")) void this.#speak(socket, body);
    };
    return response;
  }

  async #speak(socket: WebSocket, ssml: string): Promise<void> {
    this.texts.push(ssml);
    if (this.mood === "silent") return;
    socket.send("X-RequestId:1\r\nPath:turn.start\r\n\r\n{}");
    if (this.mood === "rubbish") return socket.send("Path:audio.metadata\r\n\r\n{ rubbish");
    if (this.mood === "timeless") {
      return socket.send(
        'Path:audio.metadata\r\n\r\n{"Metadata":[{"Type":"WordBoundary","Data":{"text":{"Text":5}}}]}',
      );
    }
    if (this.mood === "noise") {
      this.#sendSound(socket, noise());
      return socket.send("Path:turn.end\r\n\r\n{}");
    }
    const words = ssml.replace(/<[^>]*>/g, "").split(" ").filter((word) => word !== "");
    const mp3 = await toneOf(words.length);
    const half = Math.floor(mp3.length / 2);
    if (this.mood === "slow") return this.#sendSlowly(socket, mp3);
    if (this.mood !== "soundless") this.#sendSound(socket, mp3.slice(0, half));
    if (this.mood === "cut") return socket.close();
    if (this.mood === "stall") return;
    for (const [index, word] of words.entries()) {
      const Data = {
        Offset: (leadMs + index * wordMs) * 10_000,
        Duration: wordMs * 10_000,
        text: { Text: word.replace(/[.,!?]$/, ""), Length: word.length, BoundaryType: "WordBoundary" },
      };
      const metadata = { Metadata: [{ Type: "WordBoundary", Data }] };
      socket.send(`X-RequestId:1\r\nPath:audio.metadata\r\n\r\n${JSON.stringify(metadata)}`);
    }
    if (this.mood !== "soundless") this.#sendSound(socket, mp3.slice(half));
    socket.send("X-RequestId:1\r\nPath:turn.end\r\n\r\n{}");
  }

  #sendSlowly(socket: WebSocket, mp3: Uint8Array): void {
    let sent = 0;
    const timer = setInterval(() => this.#sendSound(socket, mp3.slice(sent, sent += 10)), 20);
    socket.addEventListener("close", () => clearInterval(timer));
  }

  #sendSound(socket: WebSocket, mp3: Uint8Array): void {
    const head = new TextEncoder().encode("X-RequestId:1\r\nContent-Type:audio/mpeg\r\nPath:audio\r\n");
    const message = new Uint8Array(2 + head.length + mp3.length);
    new DataView(message.buffer).setUint16(0, head.length);
    message.set(head, 2);
    message.set(mp3, 2 + head.length);
    socket.send(message);
  }
}

/** Bytes in which a decoder finds what it takes for frames of MP3. */
function noise(): Uint8Array {
  const bytes = new Uint8Array(40_000);
  for (let index = 0, seed = 1; index < bytes.length; index++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    bytes[index] = seed >> 16;
  }
  return bytes;
}

async function toneOf(wordCount: number): Promise<Uint8Array> {
  const encoder = await createMp3Encoder();
  encoder.configure({ sampleRate: rate, channels: 1, bitrate: 48 });
  const length = rate * (leadMs + wordCount * wordMs) / 1000;
  const tone = Float32Array.from({ length }, (_, index) => Math.sin(2 * Math.PI * 440 * index / rate) / 2);
  const begun = encoder.encode([tone]).slice();
  const ended = encoder.finalize().slice();
  const whole = new Uint8Array(begun.length + ended.length);
  whole.set(begun);
  whole.set(ended, begun.length);
  return whole;
}
