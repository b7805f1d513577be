import assert from "node:assert/strict";
import fc from "fast-check";
import { findLink, readLink } from "../../../../services/sampler/download/links.ts";

const settings = { hosts: ["tiktok.com", "*.tiktok.com"] };
const id = "7301234567890123456";
const canonical = `https://www.tiktok.com/@ana.maria_1/video/${id}`;

Deno.test("All forms of a link to a video on TikTok become one", () => {
  const forms = [
    `https://www.tiktok.com/@ana.maria_1/video/${id}`,
    `http://www.tiktok.com/@ana.maria_1/video/${id}`,
    `www.tiktok.com/@ana.maria_1/video/${id}`,
    `tiktok.com/@ana.maria_1/video/${id}/`,
    `https://m.tiktok.com/@ana.maria_1/video/${id}`,
    `https://www.tiktok.com/@ana.maria_1/photo/${id}`,
    `https://www.tiktok.com/%40ana.maria_1/video/${id}`,
    `https://www.tiktok.com/@ana.maria_1/video/${id}?is_from_webapp=1&sender_device=pc#comments`,
    `HTTPS://WWW.TIKTOK.COM/@ana.maria_1/video/${id}`,
    `https://www.tiktok.com:443/@ana.maria_1/video/${id}`,
    `https://www.tiktok.com./@ana.maria_1/video/${id}`,
    `https://www．tiktok。com/@ana.maria_1/video/${id}`,
    `ｗｗｗ．ｔｉｋｔｏｋ．ｃｏｍ/@ana.maria_1/video/${id}`,
  ];
  for (const form of forms) {
    assert.equal(findLink(form, settings), canonical, form);
    assert.deepEqual(readLink(form, settings), { url: canonical, key: `tiktok:${id}` }, form);
  }
});

Deno.test("A link without the creator has the same key as one with", () => {
  for (
    const path of [`v/${id}.html`, `embed/${id}`, `embed/v2/${id}`, `player/v1/${id}`, `share/video/${id}`]
  ) {
    const link = readLink(`https://m.tiktok.com/${path}?u_code=1`, settings);
    assert.deepEqual(link, { url: `https://www.tiktok.com/@_/video/${id}`, key: `tiktok:${id}` }, path);
  }
});

Deno.test("Short links are found, and have no key before they are resolved", () => {
  const forms = {
    "https://vm.tiktok.com/ZMabc12/": "https://vm.tiktok.com/ZMabc12/",
    "vt.tiktok.com/ZSabc12": "https://vt.tiktok.com/ZSabc12/",
    "https://www.tiktok.com/t/ZTabc12/?k=1": "https://www.tiktok.com/t/ZTabc12/",
    "VM.TikTok.com/ZMabc12": "https://vm.tiktok.com/ZMabc12/",
  };
  for (const [form, url] of Object.entries(forms)) {
    assert.equal(findLink(form, settings), url, form);
    assert.deepEqual(readLink(form, settings), { url, key: null }, form);
  }
});

Deno.test("A link is found within what a viewer writes around it", () => {
  const texts = [
    `mira esto ${canonical} jajaja`,
    `😂😂${canonical}😂😂`,
    `¡¡Mirá!!: "${canonical}".`,
    `(${canonical})`,
    `sample:www.tiktok.com/@ana.maria_1/video/${id}!!!`,
    `聞いて→${canonical}、最高`,
    `what\u200b${canonical}\u200b`,
    `no es https://example.com/a sino ${canonical}`,
    `mi perfil tiktok.com/@ana y el video ${canonical} y https://vm.tiktok.com/ZMabc12/`,
  ];
  for (const text of texts) assert.equal(findLink(text, settings), canonical, text);
  assert.equal(
    findLink("oye https://vm.tiktok.com/ZMabc12🔥 dale", settings),
    "https://vm.tiktok.com/ZMabc12/",
  );
});

Deno.test("A link that only looks like one of TikTok's is not found", () => {
  const path = `@ana/video/${id}`;
  const texts = [
    `https://tiktok.com@evil.example/${path}`,
    `https://www.tiktok.com:443@evil.example/${path}`,
    `https://evil@www.tiktok.com/${path}`,
    `https://tiktok.com.evil.example/${path}`,
    `https://nottiktok.com/${path}`,
    `nottiktok.com/${path}`,
    `https://tiktok.com:8080/${path}`,
    `https://tіktok.com/${path}`, // with a Cyrillic і
    `https://www.tiktok.com%2f.evil.example/${path}`,
    `https://www.tiktok.com\\@evil.example/x`,
    `https://evil.example/?u=https://www.tiktok.com/${path}`,
    `https://evil.example/https://www.tiktok.com/${path}`,
    `ftp://www.tiktok.com/${path}`,
    `file://www.tiktok.com/${path}`,
    `javascript://www.tiktok.com/${path}`,
    "https://127.0.0.1/a.mp4",
    "https://2130706433/a.mp4",
    "https://www.tiktok.com/@ana",
    "https://www.tiktok.com/@ana/live",
    "https://vm.tiktok.com/",
    "tiktok.com",
    "",
  ];
  for (const text of texts) assert.equal(findLink(text, settings), null, text);
});

Deno.test("A refused link is told with the reason and what to do", () => {
  const reasons: Record<string, RegExp> = {
    "https://example.com/a.mp4": /the host example\.com is not in the list "hosts"\. Add it/,
    "https://www.tiktok.com:8443/@a/video/73012345": /the host www\.tiktok\.com:8443 is not in the list/,
    "file:///etc/passwd": /starts with "file:"\. Use one that starts with "https:"/,
    "https://me@www.tiktok.com/@a/video/73012345": /contains a user name/,
    "https://www.tiktok.com/@ana": /does not lead to a video\. Use the link/,
    "not a link": /is not a link\. Copy/,
  };
  for (const [text, reason] of Object.entries(reasons)) {
    assert.throws(() => readLink(text, settings), { message: reason }, text);
  }
});

Deno.test("A rule of the hosts covers one host and its usual ports, all below it only with *.", () => {
  const has = (rule: string, url: string) => findLink(url, { hosts: [rule] }) !== null;
  assert.ok(has("cdn.example", "https://cdn.example/a.mp4"));
  assert.ok(has("CDN.example.", "http://cdn.example/a.mp4"));
  assert.ok(!has("cdn.example", "https://a.cdn.example/a.mp4"));
  assert.ok(has("*.cdn.example", "https://a.b.cdn.example/a.mp4"));
  assert.ok(!has("*.cdn.example", "https://cdn.example/a.mp4"));
  assert.ok(!has("*.cdn.example", "https://evilcdn.example/a.mp4"));
  assert.ok(!has("cdn.example", "https://cdn.example:8443/a.mp4"));
  assert.ok(has("cdn.example:8443", "https://cdn.example:8443/a.mp4"));
  assert.ok(has("127.0.0.1:80", "http://127.0.0.1/a.mp4"));
  assert.ok(has("münchen.example", "https://xn--mnchen-3ya.example/a.mp4"));
  assert.ok(readLink("http://[0:0::1]:9000/a.mp4", { hosts: ["[::1]:9000"] }));
});

Deno.test("A plain link keeps its query except what only tracks", () => {
  const hosts = ["cdn.example"];
  const link = readLink("https://CDN.example/a.mp4?v=1&utm_source=x&fbclid=2#t=3", { hosts });
  assert.equal(link.url, "https://cdn.example/a.mp4?v=1");
  assert.equal(link.key, readLink("https://cdn.example/a.mp4?v=1", { hosts }).key);
  assert.notEqual(link.key, readLink("https://cdn.example/a.mp4?v=2", { hosts }).key);
  assert.equal(findLink("mira https://cdn.example/a.mp4, dale", { hosts }), "https://cdn.example/a.mp4");
});

Deno.test("Whatever is written, a found link is a canonical one of a listed host", () => {
  const piece = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 8 }),
    fc.constantFrom(
      "https://",
      "http://",
      "www.",
      "vm.",
      "tiktok.com",
      "/",
      "@",
      ":",
      "\\",
      "．",
      "evil.example",
      "#",
    ),
    fc.constantFrom(
      `/@a/video/${id}`,
      `/v/${id}.html`,
      "/ZMabc/",
      "/t/ZTabc",
      "?",
      " ",
      "😂",
      "\u202e",
      "%2f",
    ),
  );
  const shape =
    /^https:\/\/(?:www\.tiktok\.com\/@[\w.-]+\/video\/\d{5,25}|v[mt]\.tiktok\.com\/[A-Za-z0-9]+\/|www\.tiktok\.com\/t\/[A-Za-z0-9]+\/)$/;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const found = findLink(pieces.join(""), settings);
      if (found === null) return;
      assert.match(found, shape);
      assert.equal(findLink(found, settings), found);
      assert.equal(readLink(found, settings).url, found);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("A link's form, its parameters and what is around it change nothing", () => {
  const user = fc.stringMatching(/^[a-z0-9_.]{2,24}$/);
  const number = fc.bigInt({ min: 10n ** 17n, max: 10n ** 19n - 1n }).map(String);
  const scheme = fc.constantFrom("https://", "http://", "", "HTTPS://");
  const host = fc.constantFrom(
    "www.tiktok.com",
    "tiktok.com",
    "m.tiktok.com",
    "WWW.TIKTOK.COM",
    "www．tiktok．com",
  );
  const kind = fc.constantFrom("video", "photo");
  const end = fc.constantFrom(
    "",
    "/",
    "?lang=es",
    "?a=1&b=https://evil.example",
    "#x",
    "!",
    "...",
    "😂",
    ")",
    "\n",
  );
  const before = fc.constantFrom("", "mira ", "😂", "(", "¡ojo! ", "聞いて ", '"');
  fc.assert(
    fc.property(
      user,
      number,
      scheme,
      host,
      kind,
      end,
      before,
      (user, number, scheme, host, kind, end, before) => {
        const text = `${before}${scheme}${host}/@${user}/${kind}/${number}${end}`;
        assert.equal(findLink(text, settings), `https://www.tiktok.com/@${user}/video/${number}`, text);
      },
    ),
  );
});

Deno.test("A text made to be slow is searched in no time", () => {
  for (const part of ["a.", "@", "https://", ".．", "1:", "https:/", "tiktok.com:1"]) {
    const startedAt = performance.now();
    findLink(part.repeat(100_000), settings);
    assert.ok(performance.now() - startedAt < 1000, part);
  }
});
