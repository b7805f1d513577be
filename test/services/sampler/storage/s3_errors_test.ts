/** What a user reads when an S3 server refuses, and which requests are repeated. */
import assert from "node:assert/strict";
import { FinalError } from "livecue/service";
import { fakeKeys, FakeS3, refusal } from "../../../support/fake_s3.ts";

const signal = new AbortController().signal;

/** The error of `check` when the server always gives this answer. */
async function errorFor(give: () => Response, given = {}): Promise<{ error: Error; requests: number }> {
  await using server = new FakeS3();
  server.answer = give;
  const error = await server.storage(given).check(signal).then(
    () => new Error("no error"),
    (reason) => reason,
  );
  assert.ok(!error.message.includes(fakeKeys.secretAccessKey), error.message);
  return { error, requests: server.requests.length };
}

const page = () =>
  new Response("<!DOCTYPE html><title>Console</title>", { headers: { "content-type": "text/html" } });

const finals: [string, () => Response, RegExp][] = [
  ["a wrong secret", () => refusal(403, "SignatureDoesNotMatch"), /"secret_access_key" does not belong to/],
  [
    "an unknown key",
    () => refusal(403, "InvalidAccessKeyId"),
    /does not know the key: check "access_key_id"/,
  ],
  ["a missing bucket", () => refusal(404, "NoSuchBucket"), /There is no bucket music: create it/],
  ["a missing permission", () => refusal(403, "AccessDenied"), /no permission for this.*allow s3:PutObject/],
  [
    "a wrong region in AWS's words",
    () => refusal(400, "AuthorizationHeaderMalformed", { more: "<Region>eu-west-3</Region>" }),
    /in the region eu-west-3, not in us-east-1: set "region" to "eu-west-3"/,
  ],
  [
    "a wrong region in a redirect",
    () => refusal(301, "PermanentRedirect", { headers: { "x-amz-bucket-region": "eu-west-3" } }),
    /set "region" to "eu-west-3"/,
  ],
  [
    "a redirect",
    () =>
      new Response(null, {
        status: 307,
        headers: { location: "https://other.example.com/a?X-Amz-Signature=1" },
      }),
    /redirects to https:\/\/other\.example\.com \(status 307\)/,
  ],
  ["a web page", page, /answers with a web page.*set "endpoint" to the address of the API/],
  [
    "a request that is refused for another reason",
    () => refusal(400, "Odd", { more: `<Message>no ${fakeKeys.secretAccessKey} Signature=abc</Message>` }),
    /status 400, Odd: no \[secret\] Signature=\[secret\]/,
  ],
];

for (const [what, give, sentence] of finals) {
  Deno.test(`About ${what} there is a sentence, and no second try`, async () => {
    const { error, requests } = await errorFor(give);
    assert.match(error.message, sentence);
    assert.ok(error instanceof FinalError);
    assert.equal(requests, 1);
  });
}

Deno.test("A clock that is wrong is told with by how much", async () => {
  await using server = new FakeS3();
  server.answer = () => refusal(403, "RequestTimeTooSkewed");
  const message = (hours: number) =>
    server.storage({}, () => Date.now() + hours * 3600_000).check(signal).catch((error) => error.message);
  assert.match(await message(-3), /clock of this computer is 3 hours behind the clock of the storage/);
  assert.match(await message(72), /clock of this computer is 3 days ahead of the clock of the storage/);
});

Deno.test("An overloaded storage is asked again after growing waits, or after the wait that it names", async () => {
  await using server = new FakeS3();
  server.answerTimes(3, () => refusal(503, "SlowDown"));
  await server.storage().check(signal);
  const [first = 0, second = 0, third = 0] = server.pauses.splice(0);
  assert.ok(first >= 1000 && second >= 2000 && third >= 4000, `${first}, ${second}, ${third}`);

  server.answerTimes(1, () => refusal(503, "SlowDown", { headers: { "retry-after": "17" } }));
  await server.storage().check(signal);
  assert.deepEqual(server.pauses.splice(0), [17_000]);

  server.answerTimes(1, () => refusal(503, "SlowDown", { headers: { "retry-after": "3600" } }));
  await assert.rejects(server.storage().check(signal), {
    message: /overloaded \(503 SlowDown\): wait some minutes/,
  });
  assert.deepEqual(server.pauses, []);
});

Deno.test("Five refusals for a passing reason are an error that a later try can fix", async () => {
  for (const [status, code] of [[503, "SlowDown"], [500, "InternalError"], [400, "BadDigest"]] as const) {
    const { error, requests } = await errorFor(() => refusal(status, code));
    assert.equal(requests, 5, code);
    assert.ok(error.name === "UserError" && !(error instanceof FinalError), code);
  }
});

Deno.test("A storage that cannot be reached is told, without an address with a signature", async () => {
  const gone = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const endpoint = `http://127.0.0.1:${gone.addr.port}`;
  gone.close();
  await using server = new FakeS3();
  const storage = server.storage({ endpoint });
  await assert.rejects(storage.check(signal), {
    message:
      `${endpoint} cannot be reached, or broke the connection: check "endpoint", the network and the server`,
  });
  assert.equal(server.pauses.length, 4);
});

Deno.test("An endpoint without TLS is told after one try", async () => {
  await using server = new FakeS3();
  const storage = server.storage({ endpoint: server.endpoint.replace("http:", "https:") });
  await assert.rejects(storage.check(signal), (error: Error) => {
    assert.match(error.message, /does not answer with TLS.*write "http:\/\/" in "endpoint"/);
    return error instanceof FinalError;
  });
  assert.deepEqual(server.pauses, []);
});

Deno.test("An abort ends the wait for an answer", async () => {
  await using server = new FakeS3();
  const stop = new AbortController();
  server.answer = () => {
    stop.abort();
    return refusal(503, "SlowDown");
  };
  await assert.rejects(server.storage().check(stop.signal), { name: "AbortError" });
});

Deno.test("check discards uploads below the prefix that are over a week old", async () => {
  await using server = new FakeS3();
  const upload = (key: string, days: number) =>
    `<Upload><Key>samples/${key}</Key><UploadId>007</UploadId><Initiated>${
      new Date(Date.now() - days * 24 * 3600_000).toISOString()
    }</Initiated></Upload>`;
  server.uploads = upload("old.wav", 8) + upload("new.wav", 6);
  await server.storage().check(signal);
  const aborted = server.requests.filter((line) => line.startsWith("DELETE ") && line.includes("uploadId"));
  assert.deepEqual(aborted, ["DELETE /music/samples/old.wav?uploadId=007"]);
  server.requests.length = 0;
  await server.storage({ prefix: "" }).check(signal);
  assert.ok(!server.requests.some((line) => line.includes("upload")));
});
