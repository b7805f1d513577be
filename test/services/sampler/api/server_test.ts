/** The HTTP interface, as other programs use it. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { commentBy, viewer } from "../../../support/overlay_events.ts";
import { get, PageStream, post } from "../../../support/page_stream.ts";
import { fakeKeys, FakeS3 } from "../../../support/fake_s3.ts";
import { type SamplerUnderTest, startSampler, testSampler } from "../../../support/sampler_under_test.ts";
import { withFolder } from "../../../support/temporary_store.ts";
import type { Messages } from "../../../../services/sampler/api/server.ts";

const link = "https://www.tiktok.com/@ana/video/7301234567890123456";

async function ask(
  { url, token }: SamplerUnderTest,
  path: string,
  { method = "GET", body, headers = {} }: {
    method?: string;
    body?: unknown;
    headers?: Record<string, string>;
  } = {},
) {
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    redirect: "manual",
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const isJson = response.headers.get("content-type") === "application/json" && bytes.length > 0;
  const json = isJson ? JSON.parse(new TextDecoder().decode(bytes)) : null;
  return { status: response.status, headers: response.headers, bytes, json };
}

testSampler(
  "A program with the token requests a sample, and gets the same one the next time",
  async (sampler) => {
    const first = await ask(sampler, "/samples", { method: "POST", body: { url: link } });
    assert.deepEqual([first.status, first.json.status, first.json.requestedBy], [202, "requested", "HTTP"]);
    const other = "https://m.tiktok.com/v/7301234567890123456.html?x=1";
    const second = await ask(sampler, "/samples", { method: "POST", body: { url: other } });
    assert.deepEqual([second.status, second.json.id], [200, first.json.id]);
    assert.equal((await post(`${sampler.url}/samples`, { url: link })).status, 401);
    assert.deepEqual((await ask(sampler, "/samples/1")).json, first.json);
  },
);

testSampler("A wrong request gets an answer that says what is wrong and what to do", async (sampler) => {
  sampler.add();
  const wrong: [
    string,
    { method?: string; body?: unknown; headers?: Record<string, string> },
    number,
    RegExp,
  ][] = [
    [
      "/samples",
      { method: "POST", body: { url: "https://example.com/x" } },
      400,
      /example\.com is not in the list/,
    ],
    ["/samples", { method: "POST", body: { url: "http://127.0.0.1/" } }, 400, /not in the list/],
    ["/samples", { method: "POST", body: { url: "file:///etc/passwd" } }, 400, /file:/],
    ["/samples", { method: "POST", body: { link } }, 400, /url/],
    ["/samples", { method: "POST" }, 415, /application\/json/],
    ["/samples", { method: "POST", body: { url: "x".repeat(20_000) } }, 413, /too large/],
    ["/samples", { method: "PUT" }, 405, /not possible/],
    ["/samples?bpm=fast", {}, 400, /90-110/],
    ["/samples?key=X", {}, 400, /"F#"/],
    ["/samples?limit=1000", {}, 400, /100/],
    ["/samples?serch=x", {}, 400, /serch/],
    ["/samples?cursor=x", {}, 400, /cursor/],
    ["/samples/999", {}, 404, /no such sample/],
    ["/samples/x", {}, 404, /no such sample/],
    ["/samples/1/flac", {}, 404, /no such/],
    ["/samples/1/mp3", { headers: { range: "bytes=1000-" } }, 416, /no such bytes/],
    ["/samples/1", { method: "DELETE", headers: { authorization: "Bearer no" } }, 401, /token/],
  ];
  for (const [path, request, status, error] of wrong) {
    const found = await ask(sampler, path, request);
    assert.equal(found.status, status, `${path} ${JSON.stringify(found.json)}`);
    assert.match(found.json.error, error, path);
    assert.ok(found.json.advice.length > 5, path);
  }
});

testSampler("Samples are found by text, tempo and key, in pages", async (sampler) => {
  const slow = sampler.add({
    description: "Lluvia de otoño",
    bpm: 70,
    halfBpm: 35,
    doubleBpm: 140,
    key: "F#",
  });
  for (let index = 0; index < 5; index++) sampler.add();
  const ids = async (query: string) =>
    (await ask(sampler, `/samples?${query}`)).json.samples.map(({ id }: { id: number }) => id);
  assert.deepEqual(await ids("search=otono"), [slow]);
  assert.deepEqual(await ids("bpm=135-145"), [slow]);
  assert.deepEqual(await ids("bpm=60-60&status=done&limit=3"), [6, 5, 4]);
  assert.deepEqual(await ids("key=Gb"), [slow]);
  assert.deepEqual(await ids("key=F%23&creator=ana&sort=bpm"), [slow]);
  const page = (await ask(sampler, "/samples?limit=4&sort=oldest")).json;
  assert.deepEqual(await ids(`limit=4&sort=oldest&cursor=${page.nextCursor}`), [5, 6]);
});

testSampler("A file comes whole, in ranges, and not at all if the program has it", async (sampler) => {
  const id = sampler.add();
  const path = `/samples/${id}/mp3`;
  const whole = await ask(sampler, path);
  assert.deepEqual([whole.status, whole.bytes.length, whole.headers.get("content-type")], [
    200,
    1000,
    "audio/mpeg",
  ]);
  assert.match(
    whole.headers.get("content-disposition") ?? "",
    /attachment; filename\*=UTF-8''A%20song%201\.mp3/,
  );
  const etag = whole.headers.get("etag") as string;
  const ranges: [string, number, number, string | null][] = [
    ["bytes=0-99", 206, 100, "bytes 0-99/1000"],
    ["bytes=990-", 206, 10, "bytes 990-999/1000"],
    ["bytes=-5", 206, 5, "bytes 995-999/1000"],
    ["bytes=900-5000", 206, 100, "bytes 900-999/1000"],
    ["bytes=5-1", 200, 1000, null],
    ["bytes=0-1,5-6", 200, 1000, null],
    ["lines=0-1", 200, 1000, null],
    ["bytes=1000-", 416, 0, "bytes */1000"],
    ["bytes=-0", 416, 0, "bytes */1000"],
  ];
  for (const [range, status, length, shown] of ranges) {
    const found = await ask(sampler, path, { headers: { range } });
    assert.deepEqual([found.status, found.headers.get("content-range")], [status, shown], range);
    if (status !== 416) assert.equal(found.bytes.length, length, range);
  }
  const middle = await ask(sampler, path, { headers: { range: "bytes=300-309", "if-range": etag } });
  assert.deepEqual(middle.bytes, whole.bytes.slice(300, 310));
  const changed = await ask(sampler, path, { headers: { range: "bytes=300-309", "if-range": '"other"' } });
  assert.equal(changed.status, 200);
  assert.equal((await ask(sampler, path, { headers: { "if-none-match": etag } })).status, 304);
  const head = await ask(sampler, path, { method: "HEAD" });
  assert.deepEqual([head.status, head.bytes.length, head.headers.get("content-length")], [200, 0, "1000"]);
  assert.equal((await ask(sampler, `/samples/${id}/wav`)).bytes.length, 5000);
  assert.equal((await ask(sampler, `/samples/${id}/waveform.png`)).headers.get("content-type"), "image/png");
});

testSampler(
  "A download counts once, whether it comes whole or in ranges, and playing counts none",
  async (sampler) => {
    const id = sampler.add();
    const path = `/samples/${id}/mp3`;
    const count = async () => (await ask(sampler, `/samples/${id}`)).json.downloads;
    await ask(sampler, path);
    assert.equal(await count(), 1);
    for (const range of ["bytes=0-1", "bytes=0-499", "bytes=500-999", "bytes=700-"]) {
      await ask(sampler, path, { headers: { range } });
    }
    assert.equal(await count(), 2);
    await ask(sampler, `${path}?play=1`);
    await ask(sampler, path, { method: "HEAD" });
    await ask(sampler, path, { headers: { range: "bytes=5000-" } });
    assert.equal(await count(), 2);
    await ask(sampler, `/samples/${id}/wav`);
    assert.equal(await count(), 3);
  },
);

testSampler(
  "A deleted sample is gone with its files, and one that is not done has none yet",
  async (sampler) => {
    const id = sampler.add();
    assert.equal((await ask(sampler, `/samples/${id}`, { method: "DELETE" })).status, 204);
    assert.equal((await ask(sampler, `/samples/${id}`)).status, 404);
    assert.deepEqual([...Deno.readDirSync(`${sampler.folder}/samples`)], []);
    const { json } = await ask(sampler, "/samples", { method: "POST", body: { url: link } });
    assert.match((await ask(sampler, `/samples/${json.id}/mp3`)).json.error, /not done yet/);
    sampler.samples.begin(json.id);
    const running = await ask(sampler, `/samples/${json.id}`, { method: "DELETE" });
    assert.deepEqual([running.status, running.json.error], [409, "Sample 2 is being made."]);
  },
);

testSampler("Pages hear of progress, and of what another program changed", async (sampler) => {
  await using page = await PageStream.connect<Messages>(sampler.url);
  assert.deepEqual(page.hello.counts, { requested: 0, running: 0, done: 0, failed: 0 });
  assert.equal((await post(`${sampler.url}/request`, { url: link })).status, 204);
  sampler.tested.clock.advance(250);
  const { samples: [sample] } = await page.heard("samples");
  assert.equal(sample?.requestedBy, "page");
  sampler.add();
  await sampler.tested.passSeconds(1);
  await page.heard("reload");
});

testSampler(
  "A moderator's comment requests the first link in it, and a viewer's does not",
  async (sampler) => {
    const comment =
      `listen https://www.tiktok.com/@ana/video/7301234567890123456, and https://www.tiktok.com/@b/video/7301234567890123457`;
    const { feed } = sampler.tested;
    await feed.add(1, commentBy(viewer("Ben"), comment));
    await feed.add(2, commentBy(viewer("Mo", { roles: ["moderator"] }), comment));
    await feed.add(3, commentBy(viewer("Mo", { roles: ["moderator"] }), "see tiktok.com/nothing"));
    const { samples } = (await ask(sampler, "/samples")).json;
    assert.equal(samples.length, 1);
    assert.equal(samples[0].videoKey, "tiktok:7301234567890123456");
  },
  {
    rules: [{
      when: "CommentEvent",
      if: { pattern: "tiktok\\.com/", role: "moderator" },
      do: { sample: "{comment}" },
    }],
  },
);

testSampler("The description of the interface names all that there is", async (sampler) => {
  const { json } = await ask(sampler, "/openapi.json");
  assert.equal(json.openapi, "3.1.0");
  assert.deepEqual(Object.keys(json.paths), [
    "/samples",
    "/samples/{id}",
    "/samples/{id}/mp3",
    "/samples/{id}/wav",
    "/samples/{id}/waveform.png",
  ]);
  assert.equal((await get(`${sampler.url}/`)).status, 200);
});

testSampler(
  "From a bucket, a download is a link to the file there, and counts",
  async (sampler) => {
    const id = sampler.add();
    const found = await ask(sampler, `/samples/${id}/mp3`);
    assert.equal(found.status, 302);
    const location = new URL(found.headers.get("location") ?? "");
    assert.deepEqual([location.host, location.pathname], ["127.0.0.1:9", `/music/samples/${id}/audio.mp3`]);
    assert.equal(location.searchParams.get("X-Amz-Expires"), "900");
    const head = await ask(sampler, `/samples/${id}/mp3`, { method: "HEAD" });
    assert.deepEqual([head.status, head.headers.get("content-length")], [200, "1000"]);
    assert.equal((await ask(sampler, `/samples/${id}`)).json.downloads, 1);
  },
  {
    storage: {
      kind: "s3",
      endpoint: "http://127.0.0.1:9",
      bucket: "music",
      access_key_id: "key",
      secret_access_key: "secret",
      link_seconds: 900,
    },
  },
);

testSampler(
  "Each request becomes one event for the service itself, also one from a command",
  async (sampler) => {
    const { samples, tested } = sampler;
    const urls = ["https://vm.tiktok.com/ZM1", "https://vm.tiktok.com/ZM2"];
    for (const url of urls) {
      samples.request({ url, videoKey: null, requestedBy: "command" });
      await tested.passSeconds(1);
      while (samples.unannounced().length > 0) await setImmediate();
    }
    assert.deepEqual(
      tested.feed.emissions.map(({ type, data, toSelf }) => [type, data, toSelf]),
      [1, 2].map((sampleId) => ["SampleRequestedEvent", { sampleId, request: 1 }, true]),
    );
  },
);

testSampler("Who has no token for the library gets a problem as any other", async ({ url }) => {
  const refused = await fetch(`${url}/samples`);
  assert.equal(refused.status, 403);
  const { error, advice } = await refused.json();
  assert.match(error, /The token is missing or wrong/);
  assert.match(advice, /sampler token/);
  assert.match(await (await fetch(`${url}/`)).text(), /^The token is missing or wrong\./);
}, { token: "a-token-of-the-user-12345" });

Deno.test("A storage that refuses the key is told at the start, before the first sample", () =>
  withFolder(async (folder) => {
    await using s3 = new FakeS3();
    s3.answer = () => new Response(null, { status: 403 });
    const storage = {
      kind: "s3",
      endpoint: s3.endpoint,
      bucket: "music",
      access_key_id: fakeKeys.accessKeyId,
      secret_access_key: fakeKeys.secretAccessKey,
    };
    await using sampler = await startSampler({ folder, options: { storage } });
    await sampler.tested.log.heard(/^samples cannot be stored now: /);
  }));
