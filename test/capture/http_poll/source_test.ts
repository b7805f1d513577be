/** The source that fetches JSON, with a real server on this computer. */
import assert from "node:assert/strict";
import { createHttpPollSource, type HttpPollOptions } from "../../../src/capture/http_poll/source.ts";
import { assertSentence } from "../../support/hostile_server.ts";
import { whileTimePasses } from "../../support/passing_time.ts";
import { SourceScene } from "../../support/source_scene.ts";

type Answer = (request: Request) => Response | Promise<Response>;

/** A server that gives these answers, the last one again and again. */
class FakePage implements AsyncDisposable {
  /** The headers of each request. */
  readonly requests: Headers[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(...answers: Answer[]) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      this.requests.push(new Headers([...request.headers]));
      const answer = answers[Math.min(this.requests.length, answers.length) - 1] as Answer;
      return answer(request);
    });
  }

  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }
}

function sceneOf(page: { host: string }, options: Partial<HttpPollOptions> = {}): SourceScene {
  return new SourceScene((clock) =>
    createHttpPollSource({
      name: "weather",
      url: `http://${page.host}/now?key=secret-key`,
      everyMs: 60_000,
      // In most tests time passes faster than the server can answer.
      timeoutMs: 86_400_000,
      channels: { temperature: "/current/0/temp", wind: "/current/0/wind" },
      time: "/at",
      timeForm: "unix_seconds",
      secret: {},
      labels: {},
      configFolder: "/",
      clock,
      ...options,
    })
  );
}

const weather = (at: number, temp: unknown, wind: unknown = 3) =>
  Response.json({ at, current: [{ temp, wind }] });

/** So many readings as [channel, value], however long it takes. */
async function readingsOf(scene: SourceScene, count: number) {
  await whileTimePasses(scene.clock, scene.until(() => scene.readings.length >= count), 100);
  return scene.readings.map(({ channel, value }) => [channel, value]);
}

Deno.test("HTTP source gives the values at the pointers by the JSON's time, each only once", async () => {
  await using page = new FakePage(
    () => weather(1_790_000_000, 20.5),
    () => weather(1_790_000_000, 20.5),
    () => weather(1_790_000_060, "21", null),
  );
  await using scene = sceneOf(page);
  const { title } = await scene.state("listening");
  assert.equal(title, `${page.host} every 60 s, 2 channels`);
  assert.deepEqual(await readingsOf(scene, 3), [["temperature", 20.5], ["wind", 3], ["temperature", 21]]);
  assert.equal(page.requests.length, 3);
  assert.deepEqual(scene.readings.map(({ at }) => at), [
    1_790_000_000_000,
    1_790_000_000_000,
    1_790_000_060_000,
  ]);
});

Deno.test("HTTP source asks only for what has changed, and a value that did not is a reading at its arrival", async () => {
  await using page = new FakePage(
    () =>
      Response.json({ temp: 5 }, {
        headers: { etag: '"a"', "last-modified": "Fri, 27 Nov 2026 12:00:00 GMT" },
      }),
    () => new Response(null, { status: 304 }),
  );
  await using scene = sceneOf(page, { channels: { temperature: "/temp" }, time: null, timeForm: "arrival" });
  await readingsOf(scene, 2);
  const [first, second] = page.requests;
  assert.equal(first?.get("if-none-match"), null);
  assert.equal(second?.get("if-none-match"), '"a"');
  assert.equal(second?.get("if-modified-since"), "Fri, 27 Nov 2026 12:00:00 GMT");
  const [before, after] = scene.readings;
  assert.ok((after?.at ?? 0) > (before?.at ?? 0));
});

Deno.test("HTTP source sends its token, and follows a redirect", async () => {
  await using page = new FakePage(
    (request) => Response.redirect(new URL("/elsewhere", request.url), 307),
    () => weather(1_790_000_000, 1),
  );
  await using scene = sceneOf(page, { secret: { token: "secret-key" } });
  await scene.state("listening");
  assert.equal(page.requests[1]?.get("authorization"), "Bearer secret-key");
});

for (
  const [name, answer, why] of [
    ["401", () => new Response("no", { status: 401 }), /refuses access \(401\)\. Check "token"\.$/],
    ["404", () => new Response("no", { status: 404 }), /^There is nothing at .*\(404\)/],
    ["429", () => new Response("no", { status: 429 }), /asks for fewer requests \(429\)/],
    ["503", () => new Response("no", { status: 503 }), /has failed \(503\)\.$/],
    ["418", () => new Response("no", { status: 418 }), /gives no JSON \(418\)/],
    ["304 without being asked", () => new Response(null, { status: 304 }), /gives no JSON \(304\)/],
    ["a page", () => new Response("<html>"), /is not JSON\. Check/],
    ["2 MB", () => new Response("x".repeat(2 * 1024 * 1024)), /has more than 1 MB\.$/],
    ["half of its answer", () => new Response(broken()), /cannot be reached/],
  ] as [string, Answer, RegExp][]
) {
  Deno.test(`HTTP source tells of a server that gives ${name} in a sentence, and asks again later`, async () => {
    await using page = new FakePage(answer, () => weather(1_790_000_000, 1));
    await using scene = sceneOf(page);
    const state = await scene.state("reconnecting");
    assertSentence(state.why);
    assert.match(state.why, why);
    assert.equal(state.nextAt - scene.clock.now(), 60_000);
    await readingsOf(scene, 2);
  });
}

function broken(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"at":'));
    },
    pull(controller) {
      controller.error(new Error("cut"));
    },
  });
}

Deno.test("HTTP source gives up an answer that does not come, and a server that is not there", async () => {
  const answered = Promise.withResolvers<Response>();
  await using page = new FakePage(() => answered.promise, () => weather(1_790_000_000, 1));
  await using scene = sceneOf(page, { timeoutMs: 10_000 });
  await scene.state("connecting");
  const state = await whileTimePasses(scene.clock, scene.state("reconnecting"), 100);
  answered.resolve(new Response("late"));
  assert.match(state.why, /^The server at http:\S+ did not answer within 10 s\.$/);
  const gone = new FakePage(() => new Response(""));
  const { host } = gone;
  await gone[Symbol.asyncDispose]();
  await using other = sceneOf({ host });
  const { why } = await other.state("reconnecting");
  assertSentence(why);
  assert.match(why, /cannot be reached \(.*refused.*\)/);
});

Deno.test("HTTP source waits as long as the server asks, longer after each failure, and at most an hour for the server", async () => {
  const limited = (after: string) => () =>
    new Response("", { status: 429, headers: { "retry-after": after } });
  await using page = new FakePage(
    limited("600"),
    limited("86400"),
    limited("soon"),
    () => weather(1_790_000_000, 1),
  );
  await using scene = sceneOf(page);
  for (const [attempt, expected] of [[1, 600_000], [2, 3_600_000], [3, 240_000]] as const) {
    const { nextAt } = await scene.state("reconnecting", attempt);
    assert.equal(nextAt - scene.clock.now(), expected);
    scene.clock.advance(expected);
  }
  await scene.state("listening");
});

Deno.test("HTTP source says once which pointer leads nowhere, and goes on with the others", async () => {
  await using page = new FakePage(
    () => Response.json({ at: 1_790_000_000, current: [{ temp: 1 }] }),
    () => Response.json({ at: 1_790_000_060, current: [{ temp: 2 }] }),
  );
  await using scene = sceneOf(page);
  assert.deepEqual(await readingsOf(scene, 2), [["temperature", 1], ["temperature", 2]]);
  const notices = scene.items.flatMap((item) => item.kind === "notice" ? [item.text] : []);
  assert.equal(notices.length, 1);
  assertSentence(notices[0] ?? "");
  assert.match(notices[0] ?? "", /has no value at \/current\/0\/wind, which is the channel wind/);
});
