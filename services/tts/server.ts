/** Serves the pages and the requests of other programs at one address. */
import { t } from "livecue/language";
import {
  answer,
  hasToken,
  jsonOf,
  type OpenPage,
  PageServer,
  refuse,
  refuseMethod,
  type Route,
  taking,
} from "livecue/pages";
import type { BaseQueueService } from "livecue/service";
import { z } from "zod";
import {
  type Hello,
  type Messages,
  messagesVersion,
  type SegmentOfPage,
  type SpokenText,
  type Status,
} from "./messages.ts";
import type { Options } from "./options.ts";
import type { Voice } from "./speech.ts";
import type { SpeechRecord } from "./speeches.ts";
import type { MadeSegment } from "./synthesis.ts";

/** A request to speak a text, from another program or from the test box. */
const askedSchema = z.strictObject({
  text: z.string().min(1),
  voice: z.string().max(100).optional(),
  priority: z.int().min(1).max(10).default(5),
  /** The viewer whose slots the text uses. */
  viewer: z.string().max(100).default(""),
});

export type Asked = z.output<typeof askedSchema>;

/** The reason for refusing a text, with the HTTP status. */
export interface Refusal {
  status: number;
  why: string;
}

/** The part of the service that the server uses. */
export interface Desk {
  status(): Status;
  interrupted(): SpokenText | null;
  openPage(): void;
  closePage(): void;
  hear(id: number, segment: number): void;
  finish(id: number): void;
  skip(id: number | null): boolean;
  setVolume(volume: number): Promise<void>;
  setMuted(isMuted: boolean): Promise<void>;
  /** Resolves to the id of the accepted text, or to a refusal. */
  ask(asked: Asked): Promise<number | Refusal>;
  find(id: number): SpeechRecord | null;
  /** null when there is no such speech or segment. */
  segment(id: number, index: number): Promise<MadeSegment | null>;
  health(): object;
  voices(): readonly Voice[];
}

type Host = Pick<BaseQueueService<Options>, "options" | "configFolder" | "log" | "state" | "trouble">;

/** The longest request. It has room for the longest text in any script. */
const maxAskedBytes = 100_000;

const wantsSpeech = ({ query }: OpenPage) => query.get("wants") === "speech";
const wantsCaptions = ({ query }: OpenPage) => query.get("wants") === "captions";

export class SpeechServer {
  readonly #desk: Desk;
  readonly #pages: PageServer<Messages>;

  constructor(host: Host, desk: Desk, routes: Record<string, Route> = {}) {
    this.#desk = desk;
    const id = z.strictObject({ id: z.int() });
    this.#pages = new PageServer<Messages>(host, {
      folder: new URL("./pages/", import.meta.url),
      about: t`shows how to hear it in OBS`,
      hello: (page) => this.#hello(page),
      onOpen: (page) => wantsSpeech(page) && desk.openPage(),
      onClose: (page) => wantsSpeech(page) && desk.closePage(),
      gets: {
        status: () => desk.status(),
        health: () => desk.health(),
        voices: () => desk.voices(),
      },
      posts: {
        heard: taking(
          z.strictObject({ id: z.int(), segment: z.int().min(0) }),
          (heard) => desk.hear(heard.id, heard.segment),
        ),
        finished: taking(id, (finished) => desk.finish(finished.id)),
        skip: taking(z.strictObject({ id: z.int().nullable() }), (skipped) => void desk.skip(skipped.id)),
        volume: taking(
          z.strictObject({ volume: z.number().min(0).max(1) }),
          ({ volume }) => desk.setVolume(volume),
        ),
        mute: taking(z.strictObject({ isMuted: z.boolean() }), ({ isMuted }) => desk.setMuted(isMuted)),
      },
      routes: {
        ...routes,
        say: (request) => this.#take(request),
        speak: (request) => request.method === "POST" ? this.#takeFromOutside(request) : null,
        speech: (request, rest) => this.#tell(request, rest),
        sound: (request, rest) => this.#sound(request, rest),
      },
    });
  }

  get url(): string {
    return this.#pages.url;
  }

  async start(): Promise<void> {
    await this.#pages.start();
  }

  async stop(): Promise<void> {
    await this.#pages.stop();
  }

  programToken(): Promise<string> {
    return this.#pages.programToken();
  }

  speak(text: SpokenText): void {
    this.#pages.send("speak", text, wantsSpeech);
  }

  caption(caption: Messages["caption"]): void {
    this.#pages.send("caption", caption, wantsCaptions);
  }

  end(end: Messages["end"]): void {
    this.#pages.send("end", end);
  }

  tellStatus(): void {
    this.#pages.send("status", this.#desk.status());
  }

  #hello(page: OpenPage): Hello {
    return {
      version: messagesVersion,
      ...this.#desk.status(),
      interrupted: wantsSpeech(page) ? this.#desk.interrupted() : null,
    };
  }

  async #takeFromOutside(request: Request): Promise<Response> {
    if (!hasToken(request, await this.programToken())) {
      return refuse(401, t`The token is missing or wrong: "deno task livecue tts token" prints it.`);
    }
    return await this.#take(request);
  }

  async #take(request: Request): Promise<Response> {
    if (request.method !== "POST") return refuseMethod("POST");
    const json = await jsonOf(request, { maxBytes: maxAskedBytes });
    if (json instanceof Response) return json;
    const asked = askedSchema.safeParse(json.value);
    if (!asked.success) return refuse(400, z.prettifyError(asked.error));
    const id = await this.#desk.ask(asked.data);
    return typeof id === "number" ? jsonAnswer({ id }, 202) : refuse(id.status, id.why);
  }

  #tell({ method }: Request, rest: string): Response {
    if (method !== "GET" && method !== "HEAD") return refuseMethod("GET");
    const speech = /^\d{1,15}$/.test(rest) ? this.#desk.find(Number(rest)) : null;
    if (speech === null) return refuse(404, t`There is no such speech.`);
    const { id, status, text, voice, priority, durationMs, words, files } = speech;
    return jsonAnswer({
      id,
      state: status,
      text,
      voice: voice.name,
      engine: voice.engine,
      priority,
      durationMs,
      words,
      files: files.map((_, index) => `/sound/${id}/${index}.mp3`),
    });
  }

  async #sound({ method }: Request, rest: string): Promise<Response> {
    if (method !== "GET" && method !== "HEAD") return refuseMethod("GET");
    const [, id, index, ending] = rest.match(/^(\d{1,15})\/(\d{1,5})\.(mp3|json)$/) ?? [];
    const made = id === undefined ? null : await this.#desk.segment(Number(id), Number(index));
    if (made === null) return refuse(404, t`There is no such sound.`);
    if (ending === "mp3") return answer(made.file, "audio/mpeg");
    const { from, to, durationMs, words } = made;
    return jsonAnswer({ from, to, durationMs, words: [...words] } satisfies SegmentOfPage);
  }
}

function jsonAnswer(value: object, status = 200): Response {
  return answer(JSON.stringify(value), "application/json", status);
}
