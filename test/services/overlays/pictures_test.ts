/** Livecue loads the pictures of viewers itself, from TikTok's servers on the public internet only, within limits. */
import assert from "node:assert/strict";
import { type Network, Pictures } from "../../../services/overlays/pictures.ts";

const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3);
const publicAddress = "93.184.216.34";

const urlOf = (path: string) => `https://p16.tiktokcdn.com${path}`;

interface Scene {
  pictures: Pictures;
  /** The paths that the server was asked for. */
  asked: string[];
  forbidden: string[];
  /** Resolves when this picture is ready. */
  ready(path: string): Promise<void>;
}

/** A real server takes the place of TikTok's. */
async function withServer(
  answer: (path: string, request: Request) => Response | Promise<Response>,
  use: (scene: Scene) => Promise<void>,
  { addressesOf = (_host: string) => [publicAddress], mayReach = true, timeoutMs = 60_000 } = {},
): Promise<void> {
  const asked: string[] = [];
  const forbidden: string[] = [];
  const awaited = new Map<string, () => void>();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    return answer(pathname, request);
  });
  const network: Network = {
    resolve: (host) => Promise.resolve(addressesOf(host)),
    fetch: (url, init) => fetch(`http://127.0.0.1:${server.addr.port}${new URL(url).pathname}`, init),
    mayReach: () => mayReach,
  };
  const pictures = new Pictures({
    onReady: (url) => awaited.get(new URL(url).pathname)?.(),
    onForbidden: (host) => forbidden.push(host),
    network,
    timeoutMs,
  });
  const ready = (path: string) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    awaited.set(path, resolve);
    pictures.get(urlOf(path));
    return promise;
  };
  try {
    await use({ pictures, asked, forbidden, ready });
  } finally {
    pictures.stop();
  }
}

Deno.test("A picture is loaded once, and its type is that of its bytes, whatever the server says", async () => {
  const asHtml = () => new Response(png, { headers: { "content-type": "text/html" } });
  await withServer(asHtml, async ({ pictures, asked, ready }) => {
    assert.equal(pictures.get(urlOf("/a.png?x-signature=1")), null);
    await ready("/a.png");
    const picture = pictures.get(urlOf("/a.png?x-signature=2"));
    assert.deepEqual([picture?.content, picture?.contentType], [png, "image/png"]);
    assert.deepEqual(asked, ["/a.png"]);
  });
});

Deno.test("What is too large, no picture, an error or a redirect to elsewhere is no picture", async () => {
  const answers: Record<string, () => Response> = {
    "/large": () => new Response(new Blob([png, new Uint8Array(1_000_000)])),
    "/markup": () => new Response("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    "/error": () => new Response(png, { status: 403 }),
    "/elsewhere": () => new Response(null, { status: 302, headers: { location: "https://evil.example/x" } }),
    "/loop": () => new Response(null, { status: 302, headers: { location: urlOf("/loop") } }),
    "/moved": () => new Response(null, { status: 302, headers: { location: urlOf("/good") } }),
    "/good": () => new Response(png),
  };
  await withServer((path) => answers[path]?.() as Response, async ({ pictures, ready, asked }) => {
    const bad = ["/large", "/markup", "/error", "/elsewhere", "/loop"];
    for (const path of bad) pictures.get(urlOf(path));
    await ready("/moved");
    await ready("/good");
    for (const path of bad) assert.equal(pictures.get(urlOf(path)), null, path);
    // A failure is not repeated at once.
    assert.equal(asked.filter((path) => path === "/error").length, 1);
    assert.equal(asked.filter((path) => path === "/loop").length, 3);
  });
});

Deno.test("No picture is loaded from a private address, or from a host that is not TikTok's", async () => {
  const privately = { "p16.tiktokcdn.com": [publicAddress] } as Record<string, string[]>;
  const addresses = ["10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "::1", "fd00::1"];
  addresses.forEach((address, index) => privately[`p${index}.byteimg.com`] = [publicAddress, address]);
  await withServer(() => new Response(png), async ({ pictures, asked, ready }) => {
    for (const host of Object.keys(privately).slice(1)) pictures.get(`https://${host}/private.png`);
    // It is loaded only when one of those has been given up.
    await ready("/good");
    assert.deepEqual(asked, ["/good"]);
  }, { addressesOf: (host) => privately[host] as string[] });
  await withServer(() => new Response(png), async ({ pictures, asked, ready }) => {
    for (const url of ["http://p16.tiktokcdn.com/a", "https://evil.example/a", "file:///etc/passwd", ""]) {
      assert.equal(pictures.get(url), null);
    }
    await ready("/good");
    assert.deepEqual(asked, ["/good"]);
  });
});

Deno.test("Without the permission, nothing is asked for, and that is said once", async () => {
  await withServer(() => new Response(png), ({ pictures, asked, forbidden }) => {
    for (const path of ["/a", "/b", "/a"]) assert.equal(pictures.get(urlOf(path)), null);
    assert.deepEqual([asked, forbidden], [[], ["p16.tiktokcdn.com"]]);
    return Promise.resolve();
  }, { mayReach: false });
});

Deno.test("Servers that never answer hold up other pictures for the time limit only", async () => {
  const { promise: end, resolve: finish } = Promise.withResolvers<void>();
  const answer = async (path: string) => {
    if (path.startsWith("/stuck")) await end;
    return new Response(png);
  };
  await withServer(answer, async ({ pictures, ready, asked }) => {
    for (let index = 0; index < 6; index++) pictures.get(urlOf(`/stuck/${index}`));
    await ready("/good");
    assert.ok(asked.filter((path) => path.startsWith("/stuck")).length <= 6);
    finish();
  }, { timeoutMs: 30 });
});

Deno.test("At most six pictures are loaded at once, and at most 500 are kept", async () => {
  let open = 0;
  let most = 0;
  const answer = async () => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setImmediate(resolve));
    open--;
    return new Response(png);
  };
  await withServer(answer, async ({ pictures, ready }) => {
    for (let from = 0; from < 600; from += 100) {
      const paths = Array.from({ length: 100 }, (_, index) => `/${from + index}`);
      await Promise.all(paths.map(ready));
    }
    assert.ok(most <= 6, `${most} at once`);
    assert.equal(pictures.get(urlOf("/0")), null);
    assert.notEqual(pictures.get(urlOf("/599")), null);
  });
});
