import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { type PageOptions, pageOptions, PageServer } from "../../../src/kit/pages/page_server.ts";
import { MemoryState } from "../../support/memory_state.ts";
import { get, post, sendRaw, statusOf } from "../../support/page_stream.ts";
import { openStreamOf, pagedModule, pagesUrl, startPages, statusAt } from "../../support/pages_under_test.ts";
import { noPermissions, startRunner } from "../../support/runner_under_test.ts";
import { withFolder } from "../../support/temporary_store.ts";

Deno.test("Pages, their assets and the status are served, with nothing let in from elsewhere", async () => {
  const { tested, url } = await startPages();
  await using _ = tested;
  const page = await get(`${url}/wall`);
  assert.equal(page.status, 200);
  assert.match(page.headers.get("content-type") as string, /^text\/html/);
  const policy = page.headers.get("content-security-policy") as string;
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /frame-ancestors 'self'/);
  assert.doesNotMatch(policy, /unsafe|https:(?!\/\/\*\.)/);
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  assert.equal(page.headers.get("access-control-allow-origin"), null);
  const style = await get(`${url}/assets/wall.css`);
  assert.match(style.headers.get("content-type") as string, /^text\/css/);
  const status = await statusAt(url);
  assert.deepEqual(status.pages.map(({ name }) => name), ["wall"]);
  assert.equal(status.url, url);
});

Deno.test("Other sites' pages can neither read nor drive it", async () => {
  const { tested, url } = await startPages();
  await using _ = tested;
  await using page = await openStreamOf(url);
  for (const path of ["/", "/status", "/stream", "/assets/wall.css"]) {
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1"]) {
      assert.equal((await get(url + path, { origin })).status, 403, `${path} from ${origin}`);
    }
    for (const site of ["cross-site", "same-site"]) {
      assert.equal((await get(url + path, { "sec-fetch-site": site })).status, 403, `${path} from ${site}`);
    }
  }
  const test = { text: "hello" };
  assert.equal((await post(`${url}/say`, test, { origin: "https://evil.example" })).status, 403);
  assert.equal((await post(`${url}/say`, test, { "sec-fetch-site": "cross-site" })).status, 403);
  // What a form can send without being asked for.
  assert.equal((await post(`${url}/say`, test, { "content-type": "text/plain" })).status, 415);
  assert.equal((await post(`${url}/say`, test, { origin: url })).status, 204);
  await page.heard("said");
  assert.equal(page.messages.length, 1);
});

Deno.test("A link on another site leads to the index page, and to nothing else", async () => {
  const { tested, url } = await startPages();
  await using _ = tested;
  const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  const index = await get(`${url}/`, link);
  assert.equal(index.status, 200);
  assert.equal(index.headers.get("cross-origin-opener-policy"), "same-origin");
  for (const path of ["/wall", "/stream", "/status"]) {
    assert.equal((await get(url + path, link)).status, 403, path);
  }
  assert.equal((await get(`${url}/`, { ...link, "sec-fetch-dest": "iframe" })).status, 403);
  assert.equal((await get(`${url}/`, { ...link, origin: "https://evil.example" })).status, 403);
});

Deno.test("A name that is made to lead here is not answered", async () => {
  const { tested, url } = await startPages();
  await using _ = tested;
  const { port } = new URL(url);
  const head = async (host: string) =>
    (await sendRaw(url, ["GET /status HTTP/1.1", `Host: ${host}`])).slice(0, 12);
  for (
    const host of ["evil.example", `evil.example:${port}`, "127.0.0.1", `127.0.0.1.evil.example:${port}`]
  ) {
    assert.equal(await head(host), "HTTP/1.1 421", host);
  }
  assert.equal(await head(`localhost:${port}`), "HTTP/1.1 200");
  assert.equal(await head(`LOCALHOST:${port}`), "HTTP/1.1 200");
});

Deno.test("Only files of the pages are served, whatever the path says", async () => {
  await withFolder(async (folder) => {
    const theme = join(folder, "theme");
    await Deno.mkdir(theme);
    await Deno.writeTextFile(join(folder, "secret.css"), "secret");
    await Deno.symlink(join(folder, "secret.css"), join(theme, "link.css"));
    await Deno.writeTextFile(join(theme, "notes.txt"), "not for pages");
    const { tested, url } = await startPages({ theme_folder: theme }, {
      permissions: { ...noPermissions, net: ["127.0.0.1:0"], read: [theme] },
    });
    await using _ = tested;
    for (
      const path of [
        "/assets/../../main.ts",
        "/assets/%2e%2e/%2e%2e/main.ts",
        "/assets/..%2f..%2fmain.ts",
        "/assets/..\\..\\main.ts",
        "/assets/..%5c..%5cmain.ts",
        "/assets/%00wall.css",
        "/assets/../secret.css",
        "/assets/link.css",
        "/assets/notes.txt",
        "/assets/con.css",
        "/assets/wall.css.",
        "/assets/wall.css::$DATA",
        "/assets//wall.css",
        `/assets/${"x".repeat(300)}.css`,
        "/..%2fsecret",
        "/main",
        "//etc/passwd",
      ]
    ) assert.equal(await statusOf(url, path), 404, path);
    assert.equal(await statusOf(url, "/assets/wall.css"), 200);
  });
});

Deno.test("A theme folder's files take the place of ours, and its further pages are listed", async () => {
  await withFolder(async (folder) => {
    const theme = join(folder, "my_theme");
    await Deno.mkdir(theme);
    await Deno.writeTextFile(join(theme, "wall.css"), ":root { --mine: 1 }");
    await Deno.writeTextFile(join(theme, "wheel.html"), "<!doctype html><title>Wheel</title>");
    await Deno.writeTextFile(join(theme, "wall.html"), "<!doctype html><title>Mine</title>");
    const { tested, url } = await startPages({ theme_folder: "./my_theme" }, {
      configFolder: folder,
      permissions: { ...noPermissions, net: ["127.0.0.1:0"], read: [theme] },
    });
    await using _ = tested;
    assert.match((await get(`${url}/assets/wall.css`)).text, /--mine/);
    assert.match((await get(`${url}/wall`)).text, /Mine/);
    assert.match((await get(`${url}/wheel`)).text, /Wheel/);
    assert.match((await get(`${url}/`)).text, /Paged/);
    const status = await statusAt(url);
    assert.deepEqual(status.pages.at(-1), { name: "wheel", isOwn: false });
  });
});

Deno.test("A theme folder that cannot be read is told, and the pages are there without it", async () => {
  const { tested, url } = await startPages({ theme_folder: "/nowhere/my_theme" });
  await using _ = tested;
  const { level, text } = await tested.log.heard(/theme_folder/);
  assert.equal(level, "warn");
  assert.match(text, /my_theme\): it may not be read; also add it to the list "read" of "permissions"/);
  assert.equal(await statusOf(url, "/wall"), 200);
  assert.equal(await statusOf(url, "/status"), 200);
});

Deno.test("What is no request of a page is refused in a word", async () => {
  const { tested, url } = await startPages();
  await using _ = tested;
  for (const [method, path] of [["DELETE", "/"], ["POST", "/status"], ["GET", "/say"], ["PUT", "/say"]]) {
    const response = await fetch(`${url}${path}`, { method: method as string });
    assert.equal(response.status, 405, `${method} ${path}`);
    assert.match(await response.text(), /^Only (GET|POST) is allowed here\.\n$/);
  }
  const headers = { "content-type": "application/json" };
  const broken = await fetch(`${url}/say`, { method: "POST", headers, body: '{"text"' });
  assert.deepEqual([broken.status, await broken.text()], [400, "The request is not valid JSON.\n"]);
  assert.equal((await post(`${url}/say`, { text: 1 })).status, 400);
  assert.equal((await post(`${url}/say`, { text: "hello", more: 1 })).status, 400);
  assert.equal((await post(`${url}/say`, "x".repeat(5000))).status, 413);
  assert.equal((await get(`${url}/status?${"x".repeat(5000)}`)).status, 414);
  assert.equal((await post(`${url}/say`, { text: "hello" })).status, 204);
});

Deno.test("A page that goes while it says something is no error", async () => {
  const { tested, url } = await startPages();
  await using _ = tested;
  const { hostname, port, host } = new URL(url);
  const lines = [
    "POST /say HTTP/1.1",
    `Host: ${host}`,
    "Content-Type: application/json",
    "Content-Length: 9",
  ];
  const gone = await Deno.connect({ hostname, port: Number(port) });
  await gone.write(new TextEncoder().encode([...lines, "", '{"id"'].join("\r\n")));
  gone.close();
  await using page = await openStreamOf(url);
  await tested.feed.say(1, "hello");
  await page.heard("said");
  assert.deepEqual(tested.log.entries.filter(({ level }) => level === "error"), []);
});

Deno.test("Where others can connect a token is needed, made once and told in the log", async () => {
  const permissions = { ...noPermissions, net: ["0.0.0.0:0"] };
  const options = { port: 0, host: "0.0.0.0" };
  const tested = await startRunner(pagedModule, { permissions, options });
  const { text } = await tested.log.heard(/\?token=[0-9a-f]{32} shows the pages/);
  const token = text.match(/token=(\w+)/)?.[1] as string;
  const url = await pagesUrl(tested);
  const { port } = new URL(url);
  for (const path of ["/", "/wall", "/status", "/stream"]) {
    assert.equal((await get(url + path)).status, 403, path);
    assert.equal((await get(`${url}${path}?token=${token.slice(1)}0`)).status, 403, path);
  }
  assert.equal((await post(`${url}/say`, { text: "hello" })).status, 403);
  assert.equal((await post(`${url}/say?token=${token}`, { text: "hello" })).status, 204);
  assert.equal((await get(`${url}/status?token=${token}`)).status, 200);
  assert.equal((await get(`${url}/assets/wall.css`)).status, 200);
  const byName = (host: string) =>
    sendRaw(url, [`GET /status?token=${token} HTTP/1.1`, `Host: ${host}:${port}`]);
  assert.match(await byName("192.168.1.20"), /^HTTP\/1\.1 200/);
  assert.match(await byName("evil.example"), /^HTTP\/1\.1 421/);
  assert.equal(tested.feed.state.get("service token"), token);
  await tested[Symbol.asyncDispose]();
});

Deno.test("What is no page is answered below its name, by the same rules; a page keeps its name", async () => {
  const { tested, url } = await startPages();
  await using _ = tested;
  const brick = await get(`${url}/bricks/7/left.txt`);
  assert.deepEqual([brick.status, brick.text], [200, "brick 7/left.txt"]);
  assert.equal(brick.headers.get("x-content-type-options"), "nosniff");
  assert.equal((await get(`${url}/bricks/7`, { origin: "https://evil.example" })).status, 403);
  assert.match((await get(`${url}/wall`)).headers.get("content-type") ?? "", /^text\/html/);
});

Deno.test("A program needs a token where a page needs none, and may say more than a page", async () => {
  const { tested, url } = await startPages();
  await using _ = tested;
  const long = "x".repeat(10_000);
  assert.equal((await post(`${url}/wall`, `"${long}"`)).status, 401);
  const token = String(tested.feed.state.get("service token"));
  assert.match(token, /^[0-9a-f]{32}$/);
  assert.equal((await post(`${url}/wall`, `"${long}"`, { authorization: `Bearer ${token}0` })).status, 401);
  assert.equal((await post(`${url}/wall`, `"${long}"`, { authorization: `Bearer ${token}` })).status, 202);
  assert.equal((await post(`${url}/wall?token=${token}`, '"again"')).status, 202);
  assert.equal((await post(`${url}/wall?token=${token}`, `"${"x".repeat(20_000)}"`)).status, 413);
  await using page = await openStreamOf(url);
  assert.deepEqual(page.hello.said, [long, "again"]);
});

Deno.test("A token of one's own is asked for on this computer, too, and stands in no log", async () => {
  const { tested, url } = await startPages({ token: "my-secret-token" });
  await using _ = tested;
  assert.equal((await get(`${url}/status`)).status, 403);
  assert.equal((await get(`${url}/status?token=my-secret-token`)).status, 200);
  assert(tested.log.entries.every(({ text }) => !text.includes("my-secret-token")));
});

Deno.test("A token may stand in a file, and one that could be guessed is told and not used", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "token.txt");
    await Deno.writeTextFile(file, "from-a-file-of-mine\n");
    const permissions = { ...noPermissions, net: ["127.0.0.1:0"], read: [file] };
    const { tested, url } = await startPages({ token_file: file }, { permissions });
    await using _ = tested;
    assert.equal((await get(`${url}/status`)).status, 403);
    assert.equal((await get(`${url}/status?token=from-a-file-of-mine`)).status, 200);
    assert(tested.log.entries.every(({ text }) => !text.includes("from-a-file")));

    for (const [token, why] of [["tiny", /shorter than 8/], ["with a blank", /letters, digits/]] as const) {
      await Deno.writeTextFile(file, token);
      await using tested = await startRunner(pagedModule, {
        permissions,
        options: { port: 0, token_file: file },
      });
      const { text } = await tested.log.heard(/could not start/);
      assert.match(text, why);
      assert(!text.includes(token));
    }
  });
});

Deno.test("A page that does not read its stream is closed, and slows no other", async () => {
  const { tested, url } = await startPages();
  await using _ = tested;
  const { hostname, port, host } = new URL(url);
  using deaf = await Deno.connect({ hostname, port: Number(port) });
  await deaf.write(new TextEncoder().encode(`GET /stream HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
  await deaf.read(new Uint8Array(100));
  await using page = await openStreamOf(url);
  const openCount = async () => (await statusAt(url)).openCount;
  assert.equal(await openCount(), 2);
  const long = "x".repeat(4000);
  let id = 0;
  while (await openCount() === 2) {
    await Promise.all(Array.from({ length: 50 }, () => tested.feed.say(++id, `${id} ${long}`)));
    assert(id < 20_000, "It was never closed");
  }
  await page.heard("said", (text) => text.startsWith(`${id} `));
  assert.equal(page.messages.length, id);
});

Deno.test("More streams than a show has are refused", async () => {
  const { tested, url } = await startPages();
  await using _ = tested;
  await using pages = new AsyncDisposableStack();
  for (let count = 0; count < 50; count++) pages.use(await openStreamOf(url));
  assert.equal((await get(`${url}/stream`)).status, 503);
  assert.equal((await get(`${url}/status`)).status, 200);
});

Deno.test("A port that is taken is told once with what to change; the service goes on", async () => {
  const other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = other.addr as Deno.NetAddr;
  await using tested = await startRunner(pagedModule, {
    permissions: { ...noPermissions, net: [`127.0.0.1:${port}`] },
    options: { port },
  });
  const { text } = await tested.log.heard(/Another program uses port/);
  assert.match(text, new RegExp(`port ${port}, .*change "port" in the service's options`));
  assert.equal(tested.runner.state.phase, "running");
  assert.deepEqual(await tested.feed.say(1, "hello"), { kind: "completed" });
  other.close();
  await using page = await openStreamOf(await pagesUrl(tested));
  assert.deepEqual(page.hello.said, ["hello"]);
  assert.equal(tested.log.entries.filter(({ text }) => /Another program/.test(text)).length, 1);
});

Deno.test("Without the permission to listen it says which line is missing", async () => {
  await using tested = await startRunner(pagedModule, { options: { port: 7420 } });
  const { text } = await tested.log.heard(/could not start/);
  assert.match(
    text,
    /It is not allowed to listen on 127\.0\.0\.1:7420: set "net": \["127\.0\.0\.1:7420"\] in its "perm/,
  );
});

Deno.test("HEAD gets what GET gets, without the body", async () => {
  const { tested, url } = await startPages();
  await using _ = tested;
  const { host } = new URL(url);
  for (const path of ["/", "/wall", "/assets/wall.css", "/livecue/page.js", "/status", "/nowhere"]) {
    const [head, whole] = await Promise.all(["HEAD", "GET"].map(async (method) => {
      const answer = await sendRaw(url, [`${method} ${path} HTTP/1.1`, `Host: ${host}`]);
      const [lines = "", body = ""] = answer.split(/\r\n\r\n(.*)/s);
      return { lines: lines.split("\r\n").filter((line) => !/^date:/i.test(line)).sort(), body };
    }));
    assert.deepEqual(head?.lines, whole?.lines, path);
    assert.equal(head?.body, "");
    assert.notEqual(whole?.body, "");
  }
  const stream = await fetch(`${url}/stream`, { method: "HEAD" });
  assert.equal(stream.headers.get("content-type"), "text/event-stream");
  assert.equal((await statusAt(url)).openCount, 0);
  const refused = await fetch(`${url}/say`, { method: "HEAD" });
  assert.deepEqual([refused.status, refused.headers.get("allow")], [405, "POST"]);
});

Deno.test("A message may be for some pages alone; each stream says which page of a browser it is for", async () => {
  const { tested, url } = await startPages();
  await using _ = tested;
  await using wide = await openStreamOf(url, "?room=wide");
  await using narrow = await openStreamOf(url, "?room=narrow");
  await tested.feed.say(1, "only wide: one");
  await tested.feed.say(2, "two");
  await narrow.heard("said", (text) => text === "two");
  await wide.heard("said", (text) => text === "two");
  assert.deepEqual(narrow.messages.map(({ data }) => data), ["two"]);
  assert.deepEqual(wide.messages.map(({ data }) => data), ["only wide: one", "two"]);

  const response = await fetch(`${url}/stream?page=room%3Dnarrow&page=room%3Dwide`);
  const reader = (response.body as NonNullable<Response["body"]>).pipeThrough(new TextDecoderStream())
    .getReader();
  let text = "";
  const until = async (end: string) => {
    while (!text.includes(end)) text += (await reader.read()).value;
  };
  await until('"asked":"room=wide"');
  await tested.feed.say(3, "only wide: three");
  await until('["said",[1],"only wide: three"]');
  assert.match(text, /^data: \["hello",\[0\],.*"asked":"room=narrow"/);
  await reader.cancel();
});

Deno.test("A stop ends streams and server, may come twice, and while the port is still taken", async () => {
  const { tested, url } = await startPages();
  await using page = await openStreamOf(url);
  await tested[Symbol.asyncDispose]();
  await page.ended();
  await assert.rejects(fetch(`${url}/status`));

  using _other = Deno.listen({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
  const errors: string[] = [];
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const service = {
    options: parsedOptions(url),
    configFolder: "/",
    log,
    state: new MemoryState(),
    trouble: (text: string | null) => void errors.push(String(text)),
  };
  const folder = new URL("./pages/", import.meta.resolve("../../support/services/paged/main.ts"));
  const waiting = new PageServer<{ hello: null }>(service, { folder, hello: () => null });
  await Promise.all([waiting.start(), waiting.start()]);
  assert.match(errors.join(), /Another program uses port/);
  await Promise.all([waiting.stop(), waiting.stop()]);
  const unstarted = new PageServer<{ hello: null }>(service, { folder, hello: () => null });
  await unstarted.stop();
  await unstarted.start();
  assert.equal(unstarted.openCount, 0);
});

function parsedOptions(url: string): PageOptions {
  return z.object(pageOptions({ port: 7499 })).parse({ port: Number(new URL(url).port) });
}
