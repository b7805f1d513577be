/** Serves the library page and the HTTP interface at one address. */
import { answer, hasToken, jsonOf, type OpenPage, PageServer, taking } from "livecue/pages";
import { type BaseQueueService, UserError } from "livecue/service";
import { z } from "zod";
import type { Options } from "../options.ts";
import { type Sample, sampleSchema, type SampleStatus } from "../sample.ts";
import { type Samples, TooManyWaiting } from "../samples.ts";
import type { Storage } from "../storage/storage.ts";
import { fileAnswer } from "./file_answer.ts";
import { openApi } from "./openapi.ts";
import { problem } from "./problem.ts";
import { pageSchema, requestSchema, searchSchema } from "./schemas.ts";

/** Pages of another version reload themselves. */
const version = 1;
const maxBodyBytes = 10_000;
const tokenAdvice = 'Send "Authorization: Bearer TOKEN" to the address of Livecue\'s log. ' +
  '"deno task livecue sampler token" prints both.';

/** The messages to the library page. */
export interface Messages extends Record<string, unknown> {
  hello: { version: number; counts: Record<SampleStatus, number> };
  /** Samples that changed. */
  samples: { samples: Sample[]; counts: Record<SampleStatus, number> };
  /** Another program changed the library: ask for the samples again. */
  reload: null;
}

/** The part of the service that the server uses. All throw a `UserError` that says what to do. */
export interface Desk {
  readonly samples: Samples;
  readonly storage: Storage;
  request(url: string, requestedBy: string): Promise<{ sample: Sample; isNew: boolean }>;
  retry(id: number): Promise<Sample>;
  delete(id: number): Promise<void>;
}

type Host = Pick<BaseQueueService<Options>, "options" | "configFolder" | "log" | "state" | "trouble">;

export class LibraryServer {
  readonly #desk: Desk;
  readonly #linkSeconds: number;
  readonly #pages: PageServer<Messages>;

  constructor(host: Host, desk: Desk) {
    this.#desk = desk;
    const { storage } = host.options;
    this.#linkSeconds = storage.kind === "s3" ? storage.link_seconds : 0;
    const id = z.strictObject({ id: z.int().min(1) });
    this.#pages = new PageServer<Messages>(host, {
      folder: new URL("../page/", import.meta.url),
      about: "shows the library of samples",
      hello: (_page: OpenPage) => ({ version, counts: desk.samples.counts() }),
      posts: {
        request: (value) => this.#takeFromPage(requestSchema, value, ({ url }) => desk.request(url, "page")),
        retry: (value) => this.#takeFromPage(id, value, (asked) => desk.retry(asked.id)),
        remove: (value) => this.#takeFromPage(id, value, (asked) => desk.delete(asked.id)),
      },
      refuseRoute: (status, why) => problem(status, why, tokenAdvice),
      routes: {
        samples: (request, rest) => this.#answer(request, rest),
        "openapi.json": ({ method }) =>
          isReading(method)
            ? answer(JSON.stringify(openApi(this.url)), "application/json")
            : wrongMethod("GET"),
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

  tell(samples: Sample[]): void {
    this.#pages.send("samples", { samples, counts: this.#desk.samples.counts() });
  }

  tellReload(): void {
    this.#pages.send("reload", null);
  }

  async #takeFromPage<Value>(
    schema: z.ZodType<Value>,
    value: unknown,
    take: (value: Value) => Promise<unknown>,
  ): Promise<string | null> {
    try {
      return await taking(schema, async (checked) => void await take(checked))(value);
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
  }

  async #answer(request: Request, rest: string): Promise<Response> {
    try {
      if (rest === "") return await this.#answerAll(request);
      const [, id = "", name] = rest.match(/^(\d{1,15})(?:\/(mp3|wav|waveform\.png))?$/) ?? [];
      const sample = id === "" ? null : this.#desk.samples.find(Number(id));
      if (sample === null) {
        return problem(404, "There is no such sample, or no such file.", "GET /samples lists the samples.");
      }
      if (name !== undefined) return await this.#sendFile(request, sample, name);
      if (request.method === "DELETE") return await this.#delete(request, sample);
      return isReading(request.method) ? jsonAnswer(sampleSchema, sample) : wrongMethod("GET, HEAD, DELETE");
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const status = error instanceof TooManyWaiting ? 503 : 400;
      return problem(status, error.message, "Change what the sentence names, and ask again.");
    }
  }

  async #answerAll(request: Request): Promise<Response> {
    if (request.method === "POST") return await this.#request(request);
    if (!isReading(request.method)) return wrongMethod("GET, HEAD, POST");
    const { token: _, ...given } = Object.fromEntries(new URL(request.url).searchParams);
    const search = searchSchema.safeParse(given);
    if (!search.success) return wrongInput(search.error, "GET /openapi.json lists the parameters.");
    const { search: text, ...others } = search.data;
    return jsonAnswer(pageSchema, this.#desk.samples.list({ text, ...others }));
  }

  async #request(request: Request): Promise<Response> {
    const refused = await this.#refusalOf(request);
    if (refused !== null) return refused;
    const json = await jsonOf(request, { maxBytes: maxBodyBytes });
    const advice = 'Send JSON such as {"url": "https://www.tiktok.com/…"}.';
    if (json instanceof Response) return problem(json.status, (await json.text()).trim(), advice);
    const asked = requestSchema.safeParse(json.value);
    if (!asked.success) return wrongInput(asked.error, advice);
    const { sample, isNew } = await this.#desk.request(asked.data.url, "HTTP");
    return jsonAnswer(sampleSchema, sample, isNew ? 202 : 200);
  }

  async #delete(request: Request, { id, status }: Sample): Promise<Response> {
    const refused = await this.#refusalOf(request);
    if (refused !== null) return refused;
    if (status === "running") {
      return problem(409, `Sample ${id} is being made.`, "Delete it when it is done.");
    }
    await this.#desk.delete(id);
    const done = answer("", "text/plain");
    return new Response(null, { status: 204, headers: done.headers });
  }

  async #refusalOf(request: Request): Promise<Response | null> {
    if (hasToken(request, await this.programToken())) return null;
    return problem(
      401,
      "The token is missing or wrong.",
      tokenAdvice,
    );
  }

  async #sendFile(request: Request, sample: Sample, name: string): Promise<Response> {
    if (!isReading(request.method)) return wrongMethod("GET, HEAD");
    const kind = name === "mp3" || name === "wav" ? name : "waveform";
    const isForPage = kind === "waveform" || new URL(request.url).searchParams.has("play");
    return await fileAnswer({
      request,
      sample,
      kind,
      storage: this.#desk.storage,
      linkSeconds: isForPage ? null : this.#linkSeconds,
      onDownload: () => {
        if (!isForPage) this.#desk.samples.countDownload(sample.id);
      },
    });
  }
}

function isReading(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

function wrongMethod(allowed: string): Response {
  const response = problem(405, "This method is not possible here.", `Use ${allowed}.`);
  response.headers.set("allow", allowed);
  return response;
}

function wrongInput(error: z.ZodError, advice: string): Response {
  return problem(400, z.prettifyError(error), advice);
}

/** The schema checks that the answer is as /openapi.json describes it. */
function jsonAnswer<Value>(schema: z.ZodType<Value>, value: Value, status = 200): Response {
  return answer(JSON.stringify(schema.parse(value)), "application/json", status);
}
