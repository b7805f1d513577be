/** A client that a generator makes from the description of the interface, with its types checked. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import { testSampler } from "../../../support/sampler_under_test.ts";

const config = fileURLToPath(new URL("../../../../deno.json", import.meta.url));

/** Uses each operation. What is wrong with its types fails the check. */
const program = `
import createClient from "openapi-fetch";
import type { components, paths } from "./api.ts";

const [baseUrl, token] = Deno.args as [string, string];
const client = createClient<paths>({ baseUrl, headers: { authorization: "Bearer " + token } });
type Sample = components["schemas"]["Sample"];

const url = "https://www.tiktok.com/@ana/video/7301234567890123456";
const requested = await client.POST("/samples", { body: { url } });
const sample: Sample | undefined = requested.data;
const refused = await client.POST("/samples", { body: { url: "https://example.com/" } });
const advice: string | undefined = refused.error?.advice;

const query = { search: "song", bpm: "110-130", key: "A minor", status: "done", sort: "bpm", limit: 1 } as const;
const page = await client.GET("/samples", { params: { query } });
const cursor = page.data?.nextCursor ?? undefined;
const next = await client.GET("/samples", {
  params: { query: { ...query, ...(cursor === undefined ? {} : { cursor }) } },
});
const one = await client.GET("/samples/{id}", { params: { path: { id: 1 } } });
const mp3 = await client.GET("/samples/{id}/mp3", {
  params: { path: { id: 1 } },
  parseAs: "arrayBuffer",
});
const deleted = await client.DELETE("/samples/{id}", { params: { path: { id: 1 } } });
const gone = await client.GET("/samples/{id}", { params: { path: { id: 1 } } });

// @ts-expect-error A sample has no such value.
sample?.tempo;
// @ts-expect-error There is no such order.
await client.GET("/samples", { params: { query: { sort: "oldets" } } });

console.log(JSON.stringify({
  requested: [requested.response.status, sample?.status],
  refused: [refused.response.status, typeof advice],
  pages: [page.data?.samples.map(({ id }) => id), next.data?.samples.map(({ id }) => id), next.data?.nextCursor],
  one: [one.data?.bpm, one.data?.key, one.data?.files.mp3?.bytes],
  mp3: mp3.data?.byteLength,
  deleted: deleted.response.status,
  gone: [gone.response.status, gone.error?.error],
}));
`;

testSampler("A generated client requests, finds, downloads and deletes samples", async (sampler) => {
  const [first, second] = [sampler.add(), sampler.add({ bpm: 125 })];
  const description = await (await fetch(`${sampler.url}/openapi.json`)).json();
  const folder = sampler.folder;
  await Deno.writeTextFile(join(folder, "api.ts"), astToString(await openapiTS(description)));
  await Deno.writeTextFile(join(folder, "program.ts"), program);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--check",
      "--quiet",
      `--config=${config}`,
      "--allow-net=127.0.0.1",
      join(folder, "program.ts"),
      sampler.url,
      sampler.token,
    ],
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), {
    requested: [202, "requested"],
    refused: [400, "string"],
    pages: [[first], [second], null],
    one: [120, "Am", 1000],
    mp3: 1000,
    deleted: 204,
    gone: [404, "There is no such sample, or no such file."],
  });
});
