import assert from "node:assert/strict";
import { FinalError, RetryLaterError } from "livecue/service";
import fc from "fast-check";
import { isPublicAddress } from "../../../../src/kit/public_address.ts";
import { Guard, type Network } from "../../../../services/sampler/download/guard.ts";
import {
  guardedFetch,
  type GuardedRequest,
  throwUnlessFound,
} from "../../../../services/sampler/download/guarded_fetch.ts";
import { UserError } from "../../../../src/user_error.ts";
import { FakeVideoHost } from "../../../support/fake_video_host.ts";
import { cert, key } from "../../../support/video_test_certificate.ts";

interface Settings {
  hosts?: string[];
  allow_private?: string[];
  network?: Network;
}

function requestOf(url: string, settings: Settings = {}, more: Partial<GuardedRequest> = {}): GuardedRequest {
  const { hosts = ["*"], allow_private = [], network } = settings;
  return {
    url: new URL(url),
    guard: new Guard({ hosts, media_hosts: [], allow_private }, network),
    hop: "links",
    maxBytes: 1_000_000,
    maxRedirects: 3,
    timeoutMs: 20_000,
    idleMs: 20_000,
    signal: new AbortController().signal,
    ...more,
  };
}

/** Of a host that the settings allow in spite of its private address. */
function requestTo(host: FakeVideoHost, path: string, more: Partial<GuardedRequest> = {}): GuardedRequest {
  return requestOf(host.origin + path, { hosts: [host.host], allow_private: [host.host] }, more);
}

async function bytesOf(request: GuardedRequest): Promise<number> {
  await using answer = await guardedFetch(request);
  throwUnlessFound(answer);
  let count = 0;
  for await (const piece of answer.body()) count += piece.length;
  return count;
}

async function errorOf(request: GuardedRequest): Promise<UserError> {
  try {
    await bytesOf(request);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, /^\S.*\.$/s);
    return error;
  }
  assert.fail("nothing was thrown");
}

Deno.test("No address of a private network, of this machine or of a special purpose is public", () => {
  const ipv4 = ["127.0.0.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"];
  ipv4.push("100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.0.8");
  const ipv6 = ["::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1"];
  ipv6.push(
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2002:a00:1::",
    "2001::1",
    "::7f00:1",
    "2001:db8::1",
    "1::1",
    "4000::1",
  );
  for (const address of [...ipv4, ...ipv6, "", "localhost"]) assert.ok(!isPublicAddress(address), address);
  for (const address of ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1"]) {
    assert.ok(isPublicAddress(address));
  }
});

Deno.test("An address of IPv4 is refused in every form in which a link may write it", async () => {
  const privateIpv4 = fc.oneof(
    fc.tuple(fc.constant(127), fc.nat(255), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(10), fc.nat(255), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(192), fc.constant(168), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(169), fc.constant(254), fc.nat(255), fc.nat(255)),
  );
  const written = fc.constantFrom("dotted", "decimal", "hex", "octal", "short", "mapped", "full-width");
  await fc.assert(
    fc.asyncProperty(privateIpv4, written, async ([a, b, c, d], form) => {
      const number = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
      const host = {
        dotted: `${a}.${b}.${c}.${d}`,
        decimal: String(number),
        hex: `0x${number.toString(16)}`,
        octal: [a, b, c, d].map((part) => `0${part.toString(8)}`).join("."),
        short: `${a}.${number % 2 ** 24}`,
        mapped: `[::ffff:${a}.${b}.${c}.${d}]`,
        "full-width": `${a}。${b}．${c}.${d}`,
      }[form];
      const { message } = await errorOf(requestOf(`http://${host}/`));
      assert.match(message, /is not on the public internet/);
    }),
    { numRuns: 200 },
  );
});

Deno.test("A name with one private address among public ones is refused, and nothing connects", async () => {
  await using host = new FakeVideoHost();
  for (const addresses of [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["2606:4700::1", "::ffff:127.0.0.1"]]) {
    const network = { resolve: () => Promise.resolve(addresses) };
    const error = await errorOf(
      requestOf(`http://video.test:${host.port}/`, { hosts: [`video.test:${host.port}`], network }),
    );
    assert.ok(error instanceof FinalError);
    assert.match(error.message, /127\.0\.0\.1, which is not on the public internet\. If you trust/);
  }
  assert.deepEqual(host.requests, []);
});

Deno.test("A name is resolved once for each connection, which goes to the address that was checked", async () => {
  await using host = new FakeVideoHost();
  host.files.set("a", new Uint8Array(10));
  const asked: string[] = [];
  const network = {
    resolve: (name: string) => {
      asked.push(name);
      return Promise.resolve(["127.0.0.1"]);
    },
  };
  const name = `video.test:${host.port}`;
  const request = requestOf(`http://${name}/files/a`, { hosts: [name], allow_private: [name], network });
  assert.equal(await bytesOf(request), 10);
  assert.deepEqual(asked, ["video.test"]);
});

Deno.test("Over TLS the certificate has to be that of the name", async () => {
  await using host = new FakeVideoHost({ cert, key });
  host.files.set("a", new Uint8Array(10));
  const network = { resolve: () => Promise.resolve(["127.0.0.1"]), ca: cert };
  const at = (name: string) =>
    requestOf(`https://${name}:${host.port}/files/a`, {
      hosts: ["*", `${name}:${host.port}`],
      allow_private: [`${name}:${host.port}`],
      network,
    });
  assert.equal(await bytesOf(at("video.test")), 10);
  assert.match((await errorOf(at("evil.test"))).message, /The connection to evil\.test failed/);
});

Deno.test("A redirect into this machine, to a file or to another scheme is refused", async () => {
  await using host = new FakeVideoHost();
  await using other = new FakeVideoHost();
  const refusals: Record<string, RegExp> = {
    [`http://127.0.0.1:${other.port}/files/a`]: /is not in the list "media_hosts"/,
    "http://localhost/": /is not in the list/,
    "http://169.254.169.254/latest/meta-data": /is not in the list/,
    "file:///etc/passwd": /leads to "file:", which is not a web address/,
    "ftp://example.com/a.mp4": /leads to "ftp:"/,
    "data:video/mp4;base64,AAAA": /leads to "data:"/,
    "gopher://example.com/": /leads to "gopher:"/,
    [`http://me:you@${host.host}/files/a`]: /contains a user name/,
  };
  for (const [to, why] of Object.entries(refusals)) {
    const error = await errorOf(requestTo(host, `/redirect?to=${encodeURIComponent(to)}`));
    assert.ok(error instanceof FinalError, to);
    assert.match(error.message, why);
  }
  // Even where any host may be reached, its address has to be public.
  const path = `${host.origin}/redirect?to=${encodeURIComponent("http://127.0.0.2/")}`;
  const error = await errorOf(requestOf(path, { hosts: ["*", host.host], allow_private: [host.host] }));
  assert.match(error.message, /127\.0\.0\.2, which is not on the public internet/);
  assert.deepEqual(other.requests, []);
});

Deno.test("Redirects are followed up to their limit", async () => {
  await using host = new FakeVideoHost();
  host.files.set("a", new Uint8Array(10));
  const twice = `/redirect?to=${encodeURIComponent("/redirect?to=/files/a")}`;
  assert.equal(await bytesOf(requestTo(host, twice)), 10);
  assert.match((await errorOf(requestTo(host, "/loop"))).message, /redirected more than 3 times/);
  assert.equal(host.count("/loop"), 4);
});

Deno.test("An answer of 10 GB stops at the limit, with a length and without", async () => {
  await using host = new FakeVideoHost();
  for (const path of ["/endless", "/endless?length=1"]) {
    const error = await errorOf(requestTo(host, path));
    assert.ok(error instanceof FinalError);
    assert.match(error.message, /sent more than 1 MB \("max_mb"\)/);
  }
  assert.ok(host.madeBytes < 20_000_000, String(host.madeBytes));
});

Deno.test("A bomb stops at the limit, whatever encodes it", async () => {
  await using host = new FakeVideoHost();
  for (const coding of ["gzip", "deflate", "br"]) {
    const error = await errorOf(requestTo(host, `/bomb/${coding}`));
    assert.ok(error instanceof FinalError);
    assert.match(error.message, /sent more than 1 MB/, coding);
  }
});

Deno.test("A cut, a silence and a long wait are errors that a further try may mend", async () => {
  await using host = new FakeVideoHost();
  host.files.set("a", new Uint8Array(1000));
  const cut = await errorOf(requestTo(host, "/cut/400/1/a"));
  assert.match(cut.message, /cut the connection|failed/);
  const silent = await errorOf(requestTo(host, "/hang", { idleMs: 50 }));
  assert.match(silent.message, /sent nothing for 0\.05 s\. Try again later/);
  const halfway = await errorOf(requestTo(host, "/hang-after-head", { idleMs: 50 }));
  assert.match(halfway.message, /sent nothing for 0\.05 s/);
  const slow = await errorOf(requestTo(host, "/hang-after-head", { timeoutMs: 50 }));
  assert.match(slow.message, /took longer than 0\.05 s/);
  for (const error of [cut, silent, halfway, slow]) assert.ok(!(error instanceof FinalError), error.message);
});

Deno.test("The signal ends a request at once, with its own reason", async () => {
  await using host = new FakeVideoHost();
  const stopping = new AbortController();
  const answering = guardedFetch(requestTo(host, "/hang", { signal: stopping.signal }));
  stopping.abort(new Error("stopped"));
  await assert.rejects(answering, /stopped/);
});

Deno.test("A status tells a video that is gone from a host that is busy", async () => {
  await using host = new FakeVideoHost();
  for (const status of [404, 410, 401, 400]) {
    assert.ok(await errorOf(requestTo(host, `/status/${status}`)) instanceof FinalError, String(status));
  }
  for (const status of [429, 500, 503]) {
    const error = await errorOf(requestTo(host, `/status/${status}?after=7`));
    assert.ok(error instanceof RetryLaterError && !(error instanceof FinalError), String(status));
    assert.equal(error.retryAfterMs, 7000);
  }
});

Deno.test("A host that nobody finds is told, and may be tried again", async () => {
  const network = { resolve: () => Promise.reject(new Error("ENOTFOUND")) };
  const error = await errorOf(requestOf("https://video.test/", { network }));
  assert.equal(error.message, "The host video.test was not found. Check the internet connection.");
  assert.ok(!(error instanceof FinalError));
});
