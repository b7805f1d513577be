import assert from "node:assert/strict";
import { join } from "node:path";
import type { Status } from "../../../services/overlays/messages.ts";
import { makeEvent, makeGift } from "../../support/events.ts";
import { OverlayPage, overlays, post, startOverlays, urlOf } from "../../support/overlays.ts";
import { noPermissions, startRunner } from "../../support/runner_under_test.ts";
import { withFolder } from "../../support/temporary_store.ts";

/** What a browser never sends by itself: the request as it stands, and the answer's head. */
async function send(url: string, lines: string[], body = ""): Promise<string> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const request = [...lines, "Connection: close", "", body].join("\r\n");
  await connection.write(new TextEncoder().encode(request));
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(65_536);
  for (let length = await connection.read(buffer); length !== null; length = await connection.read(buffer)) {
    parts.push(buffer.slice(0, length));
  }
  return parts.map((part) => new TextDecoder().decode(part)).join("");
}

async function get(
  address: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(address, { headers });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

async function statusOf(url: string, path: string): Promise<number> {
  const answer = await send(url, [`GET ${path} HTTP/1.1`, `Host: ${new URL(url).host}`]);
  return Number(answer.match(/^HTTP\/1\.1 (\d+)/)?.[1]);
}

Deno.test("Pages, their assets and the status are served, with nothing let in from elsewhere", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  const page = await get(`${url}/alerts`);
  assert.equal(page.status, 200);
  assert.match(page.headers.get("content-type") as string, /^text\/html/);
  const policy = page.headers.get("content-security-policy") as string;
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /frame-ancestors 'self'/);
  assert.doesNotMatch(policy, /unsafe|https:(?!\/\/\*\.)/);
  assert.equal(page.headers.get("x-content-type-options"), "nosniff");
  assert.equal(page.headers.get("access-control-allow-origin"), null);
  const style = await get(`${url}/assets/theme.css`);
  assert.match(style.headers.get("content-type") as string, /^text\/css/);
  const status = JSON.parse((await get(`${url}/status`)).text) as Status;
  assert.deepEqual(status.pages.map(({ name }) => name), ["alerts", "chat", "goal", "leaderboard", "ticker"]);
  assert.equal(status.url, url);
});

Deno.test("Other sites' pages can neither read nor drive it", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  await using page = await OverlayPage.open(url);
  for (const path of ["/", "/status", "/stream", "/assets/theme.css"]) {
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1"]) {
      assert.equal((await get(url + path, { origin })).status, 403, `${path} from ${origin}`);
    }
    for (const site of ["cross-site", "same-site"]) {
      assert.equal((await get(url + path, { "sec-fetch-site": site })).status, 403, `${path} from ${site}`);
    }
  }
  const test = { type: "FollowEvent" };
  assert.equal((await post(`${url}/test`, test, { origin: "https://evil.example" })).status, 403);
  assert.equal((await post(`${url}/test`, test, { "sec-fetch-site": "cross-site" })).status, 403);
  // What a form can send without being asked for.
  assert.equal((await post(`${url}/test`, test, { "content-type": "text/plain" })).status, 415);
  assert.equal((await post(`${url}/test`, test, { origin: url })).status, 204);
  await page.heard("event");
  assert.equal(page.messages.length, 1);
});

Deno.test("A link on another site leads to the index page, and to nothing else", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  const index = await get(`${url}/`, link);
  assert.equal(index.status, 200);
  assert.equal(index.headers.get("cross-origin-opener-policy"), "same-origin");
  for (const path of ["/alerts", "/stream", "/status"]) {
    assert.equal((await get(url + path, link)).status, 403, path);
  }
  assert.equal((await get(`${url}/`, { ...link, "sec-fetch-dest": "iframe" })).status, 403);
  assert.equal((await get(`${url}/`, { ...link, origin: "https://evil.example" })).status, 403);
});

Deno.test("A name that is made to lead here is not answered", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  const { port } = new URL(url);
  const head = async (host: string) =>
    (await send(url, ["GET /status HTTP/1.1", `Host: ${host}`])).slice(0, 12);
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
    const { tested, url } = await startOverlays({ theme_folder: theme }, {
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
        "/assets/%00theme.css",
        "/assets/../secret.css",
        "/assets/link.css",
        "/assets/notes.txt",
        "/assets/con.css",
        "/assets/theme.css.",
        "/assets/theme.css::$DATA",
        "/assets//theme.css",
        `/assets/${"x".repeat(300)}.css`,
        "/..%2fsecret",
        "/main",
        "//etc/passwd",
      ]
    ) assert.equal(await statusOf(url, path), 404, path);
    assert.equal(await statusOf(url, "/assets/theme.css"), 200);
  });
});

Deno.test("A theme folder's files take the place of ours, and its further pages are listed", async () => {
  await withFolder(async (folder) => {
    const theme = join(folder, "my_theme");
    await Deno.mkdir(theme);
    await Deno.writeTextFile(join(theme, "theme.css"), ":root { --mine: 1 }");
    await Deno.writeTextFile(join(theme, "wheel.html"), "<!doctype html><title>Wheel</title>");
    await Deno.writeTextFile(join(theme, "alerts.html"), "<!doctype html><title>Mine</title>");
    const { tested, url } = await startOverlays({ theme_folder: "./my_theme" }, {
      configFolder: folder,
      permissions: { ...noPermissions, net: ["127.0.0.1:0"], read: [theme] },
    });
    await using _ = tested;
    assert.match((await get(`${url}/assets/theme.css`)).text, /--mine/);
    assert.match((await get(`${url}/alerts`)).text, /Mine/);
    assert.match((await get(`${url}/wheel`)).text, /Wheel/);
    assert.match((await get(`${url}/chat`)).text, /Livecue/);
    const status = JSON.parse((await get(`${url}/status`)).text) as Status;
    assert.deepEqual(status.pages.at(-1), { name: "wheel", isOwn: false });
  });
});

Deno.test("A theme folder that cannot be read is told, and the pages are there without it", async () => {
  const { tested, url } = await startOverlays({ theme_folder: "/nowhere/my_theme" });
  await using _ = tested;
  const { level, text } = await tested.log.heard(/theme_folder/);
  assert.equal(level, "warn");
  assert.match(text, /my_theme: it may not be read: name it in the list "read" of "permissions", too/);
  assert.equal(await statusOf(url, "/alerts"), 200);
  assert.equal(await statusOf(url, "/status"), 200);
});

Deno.test("What is no request of a page is refused in a word", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  for (const [method, path] of [["DELETE", "/"], ["POST", "/status"], ["GET", "/shown"], ["PUT", "/test"]]) {
    const response = await fetch(`${url}${path}`, { method: method as string });
    assert.equal(response.status, 405, `${method} ${path}`);
    assert.match(await response.text(), /^Only (GET|POST) is of use here\.\n$/);
  }
  assert.equal((await post(`${url}/shown`, "{")).status, 400);
  assert.equal((await post(`${url}/shown`, { id: "1" })).status, 400);
  assert.equal((await post(`${url}/test`, { type: "StreamEndEvent" })).status, 400);
  assert.equal((await post(`${url}/test`, "x".repeat(5000))).status, 413);
  assert.equal((await get(`${url}/status?${"x".repeat(5000)}`)).status, 414);
  assert.equal((await post(`${url}/shown`, { id: 12345 })).status, 204);
});

Deno.test("A page that goes while it says something is no error", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  const { hostname, port, host } = new URL(url);
  const lines = [
    "POST /shown HTTP/1.1",
    `Host: ${host}`,
    "Content-Type: application/json",
    "Content-Length: 9",
  ];
  const gone = await Deno.connect({ hostname, port: Number(port) });
  await gone.write(new TextEncoder().encode([...lines, "", '{"id"'].join("\r\n")));
  gone.close();
  await using page = await OverlayPage.open(url);
  await tested.feed.say(1, "hello");
  await page.heard("event");
  assert.deepEqual(tested.log.entries.filter(({ level }) => level === "error"), []);
});

Deno.test("A test reaches the pages and counts nowhere", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=alerts");
  await post(`${url}/test`, { type: "GiftEvent", count: 20, diamonds: 5 });
  const event = await page.heard("event");
  assert.deepEqual([event.isTest, event.total, event.diamonds], [true, 20, 100]);
  assert.notEqual(event.alert, null);
  assert(event.id < 0);
  await page.show(event.id);
  await using later = await OverlayPage.open(url);
  assert.deepEqual([later.hello.totals.gifts, later.hello.board, later.hello.recent], [0, [], []]);
});

Deno.test("Where others can connect a token is needed, made once and told in the log", async () => {
  const permissions = { ...noPermissions, net: ["0.0.0.0:0"] };
  const options = { port: 0, host: "0.0.0.0" };
  const tested = await startRunner(overlays, { permissions, options });
  const { text } = await tested.log.heard(/\?token=[0-9a-f]{32} shows all pages/);
  const token = text.match(/token=(\w+)/)?.[1] as string;
  const url = await urlOf(tested);
  const { port } = new URL(url);
  for (const path of ["/", "/alerts", "/status", "/stream"]) {
    assert.equal((await get(url + path)).status, 403, path);
    assert.equal((await get(`${url}${path}?token=${token.slice(1)}0`)).status, 403, path);
  }
  assert.equal((await post(`${url}/shown`, { id: 1 })).status, 403);
  assert.equal((await post(`${url}/shown?token=${token}`, { id: 1 })).status, 204);
  assert.equal((await get(`${url}/status?token=${token}`)).status, 200);
  assert.equal((await get(`${url}/assets/theme.css`)).status, 200);
  const byName = (host: string) =>
    send(url, [`GET /status?token=${token} HTTP/1.1`, `Host: ${host}:${port}`]);
  assert.match(await byName("192.168.1.20"), /^HTTP\/1\.1 200/);
  assert.match(await byName("evil.example"), /^HTTP\/1\.1 421/);
  assert.equal(tested.feed.state.get("service token"), token);
  await tested[Symbol.asyncDispose]();
});

Deno.test("A token of one's own is asked for on this computer, too, and stands in no log", async () => {
  const { tested, url } = await startOverlays({ token: "my-secret-token" });
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
    const { tested, url } = await startOverlays({ token_file: file }, { permissions });
    await using _ = tested;
    assert.equal((await get(`${url}/status`)).status, 403);
    assert.equal((await get(`${url}/status?token=from-a-file-of-mine`)).status, 200);
    assert(tested.log.entries.every(({ text }) => !text.includes("from-a-file")));

    for (const [token, why] of [["tiny", /shorter than 8/], ["with a blank", /letters, digits/]] as const) {
      await Deno.writeTextFile(file, token);
      await using tested = await startRunner(overlays, {
        permissions,
        options: { port: 0, token_file: file },
      });
      const { text } = await tested.log.heard(/could not start/);
      assert.match(text, why);
      assert(!text.includes(token));
    }
  });
});

Deno.test("Names, comments and pictures of strangers arrive as data, pictures of TikTok's only", async () => {
  const { tested, url } = await startOverlays({ blocked_words: ["badword", "c++"] });
  await using _ = tested;
  await using page = await OverlayPage.open(url);
  const nickname = "</script><img src=x onerror=alert(1)>\n\nevent: hello\ndata: {}";
  const user = {
    id: "1",
    uniqueId: "x",
    nickname,
    avatarUrl: "https://evil.example/p16.tiktokcdn.com/a.png",
    roles: [],
  };
  await tested.feed.add(
    1,
    makeEvent({ id: 1, user, data: { comment: "A BadWord, badwords, C++", language: "", emotes: [] } }),
  );
  const comment = await page.heard("event", ({ id }) => id === 1);
  assert.equal(comment.user.name, nickname);
  assert.equal(comment.user.avatarUrl, "");
  assert.equal(comment.comment, "A ***, badwords, ***");

  const pictures = [
    ["https://p16-webcast.tiktokcdn.com/rose.png~tplv-obj.webp?x=1", true],
    ["http://p16-webcast.tiktokcdn.com/rose.png", false],
    ["https://tiktokcdn.com.evil.example/rose.png", false],
    ["https://eviltiktokcdn.com/rose.png", false],
    ["https://a@p16.tiktokcdn.com/rose.png", false],
    ["javascript:alert(1)//.tiktokcdn.com", false],
    ["data:image/svg+xml,<svg/>", false],
  ] as const;
  for (const [index, [imageUrl, isKept]] of pictures.entries()) {
    const id = 10 + index;
    const gift = { id: 1, name: "Rose", diamondCount: 1, isStreakable: false, imageUrl };
    await tested.feed.add(id, makeGift({ id, data: { gift, repeatCount: 1, receiver: null } }));
    const event = await page.heard("event", (event) => event.id === id);
    assert.equal(event.gift?.imageUrl, isKept ? imageUrl : "", imageUrl);
  }
});

Deno.test("A page that does not read its stream is closed, and slows no other", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  const { hostname, port, host } = new URL(url);
  using deaf = await Deno.connect({ hostname, port: Number(port) });
  await deaf.write(new TextEncoder().encode(`GET /stream HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
  await deaf.read(new Uint8Array(100));
  await using page = await OverlayPage.open(url);
  const openCount = async () => (JSON.parse((await get(`${url}/status`)).text) as Status).openCount;
  assert.equal(await openCount(), 2);
  const long = "x".repeat(4000);
  let id = 0;
  while (await openCount() === 2) {
    const ends = Array.from({ length: 50 }, () => tested.feed.say(++id, long));
    await Promise.all(ends);
    assert(id < 20_000, "It was never closed");
  }
  await page.heard("event", (event) => event.id === id);
  assert.equal(page.messages.filter(({ name }) => name === "event").length, id);
});

Deno.test("More streams than a show has are refused", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  await using pages = new AsyncDisposableStack();
  for (let count = 0; count < 50; count++) pages.use(await OverlayPage.open(url));
  assert.equal((await get(`${url}/stream`)).status, 503);
  assert.equal((await get(`${url}/status`)).status, 200);
});

Deno.test("A port that is taken is told once with what to change; goals go on counting", async () => {
  const other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = other.addr as Deno.NetAddr;
  await using tested = await startRunner(overlays, {
    permissions: { ...noPermissions, net: [`127.0.0.1:${port}`] },
    options: { port },
  });
  const { text } = await tested.log.heard(/Another program has the port/);
  assert.match(text, new RegExp(`port ${port}, .*change "port" in the service's options`));
  assert.equal(tested.runner.state.phase, "running");
  assert.deepEqual(await tested.feed.add(1, makeGift({ count: 3 })), { kind: "completed", emitted: [] });
  other.close();
  await using page = await OverlayPage.open(await urlOf(tested));
  assert.equal(page.hello.totals.gifts, 3);
  assert.equal(tested.log.entries.filter(({ text }) => /Another program/.test(text)).length, 1);
});

Deno.test("Without the permission to listen it says which line is missing", async () => {
  await using tested = await startRunner(overlays, { options: { port: 7420 } });
  const { text } = await tested.log.heard(/could not start/);
  assert.match(
    text,
    /It may not listen at 127\.0\.0\.1:7420: write "net": \["127\.0\.0\.1:7420"\] under its "perm/,
  );
});
