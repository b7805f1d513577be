import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { ConfigError } from "../../src/config/config_error.ts";
import { loadConfig, parseConfig, readConfigText } from "../../src/config/load.ts";
import type { Config, TikTokSourceConfig } from "../../src/config/config.ts";
import { eventTypes } from "../../src/event.ts";
import { UserError } from "../../src/user_error.ts";

const path = resolve("/home/ana/livecue/config.jsonc");
const exampleText = Deno.readTextFileSync(new URL("../../config.example.jsonc", import.meta.url));
const parse = (text: string) => parseConfig(text, { path });

/** "line:column path: message" of each problem. */
function problemsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    assert(error instanceof ConfigError, String(error));
    return error.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
  }
  return [];
}

/** A config of one service, with `content` at the beginning of line 2. */
function service(content: string): string {
  return `{ "services": { "a": { "service_class": "a.ts",\n${content} } } }`;
}

const serviceKeys =
  "name, service_class, runs_on, replicas, is_active, max_queue_size, max_concurrency, prefetch, max_attempts, " +
  "max_crashes, backoff_ms, aging_seconds, timeout_ms, stale_after_seconds, isolation, max_memory_mb, permissions, options, emits, subscriptions";

const cases: Record<string, { text: string; problems: string[] }> = {
  "a number out of bounds": {
    text: service(`"max_queue_size": 0`),
    problems: ["2:19 services.a.max_queue_size: found 0; allowed: a whole number, 1 or more"],
  },
  "several workers that cannot keep an order": {
    text: service(
      `"replicas": 2, "subscriptions": { "CommentEvent": { "is_async": true }, "GiftEvent": {} }`,
    ),
    problems: [
      "2:13 services.a.replicas: found 2; allowed: one worker only, because the subscription to GiftEvent has no " +
      '"is_async": true, and several workers cannot keep the order',
    ],
  },
  "several workers on a host": {
    text: service(`"replicas": 2, "runs_on": "gpu-1"`),
    problems: [
      '2:13 services.a.replicas: found 2; allowed: nothing with "runs_on": each host that is named there runs one worker',
    ],
  },
  "no host of several": {
    text: service(`"runs_on": []`),
    problems: ["2:12 services.a.runs_on: found a list [ … ]; allowed: at least one host"],
  },
  "a host that is named twice": {
    text: service(`"runs_on": ["gpu-1", "gpu-1"]`),
    problems: [
      "2:12 services.a.runs_on: found a list [ … ]; allowed: each host once",
    ],
  },
  "a host of several that there is not": {
    text: `{ "hosts": { "gpu-1": { "address": "ws://a:1", "token": "0123456789abcdef" } },
"services": { "a": { "service_class": "a.ts", "runs_on": ["gpu-1", "gpu-7"] } } }`,
    problems: [
      '2:68 services.a.runs_on[1]: there is no host "gpu-7" in "hosts", did you mean "gpu-1"?',
    ],
  },
  "several workers in one shared worker": {
    text: service(`"isolation": "shared", "replicas": 3`),
    problems: [
      '2:36 services.a.replicas: found 3; allowed: one worker only, because "isolation" is "shared"',
    ],
  },
  "more in a worker's hand than it can be held to account for": {
    text: service(`"prefetch": 100000, "max_concurrency": 1e9`),
    problems: [
      "2:13 services.a.prefetch: found 100000; allowed: a whole number from 1 to 1000",
      "2:40 services.a.max_concurrency: found 1e9; allowed: a whole number from 1 to 1000",
    ],
  },
  "a fraction where a whole number is wanted": {
    text: service(`"subscriptions": { "GiftEvent": { "priority": 9.5 } }`),
    problems: [
      "2:47 services.a.subscriptions.GiftEvent.priority: found 9.5; allowed: a whole number from 1 to 10",
    ],
  },
  "text in place of a number": {
    text: service(`"timeout_ms": "30s"`),
    problems: [`2:15 services.a.timeout_ms: found "30s"; allowed: a whole number from 1 to 2147483647`],
  },
  "a limit of memory for a worker": {
    text: service(`"isolation": "worker", "max_memory_mb": 256`),
    problems: [
      '2:41 services.a.max_memory_mb: found 256; allowed: nothing unless "isolation" is "process": ' +
      "the memory of a worker cannot be limited",
    ],
  },
  "a limit of memory in which nothing runs": {
    text: service(`"isolation": "process", "max_memory_mb": 1`),
    problems: ["2:42 services.a.max_memory_mb: found 1; allowed: a whole number, 64 or more"],
  },
  "null": {
    text: `{ "tiktok": { "user": null } }`,
    problems: ["1:23 tiktok.user: found null; allowed: text in double quotes"],
  },
  "a misspelt key": {
    text: service(`"max_queue_sise": 5`),
    problems: [
      `2:1 services.a.max_queue_sise: unknown key, did you mean "max_queue_size"? allowed: ${serviceKeys}`,
    ],
  },
  "a key like no other": {
    text: `{\n\t"color": 1,\n}`,
    problems: [
      "2:2 color: unknown key; allowed: tiktok, sources, language, database, durability, readings, retention, keys, theme, mouse, log_file, hosts, services",
    ],
  },
  "a misspelt event type": {
    text: service(`"subscriptions": { "Gift": {} }`),
    problems: [
      `2:20 services.a.subscriptions.Gift: unknown key, did you mean "GiftEvent"? allowed: ${
        [...eventTypes, "DetectionEvent", "SignalEvent", "*"].join(", ")
      }`,
    ],
  },
  "a misspelt choice": {
    text: service(`"isolation": "proces"`),
    problems: [
      `2:14 services.a.isolation: found "proces", did you mean "process"? allowed: "worker", "process" or "shared"`,
    ],
  },
  "a choice like no other": {
    text: `{ "durability": "forever" }`,
    problems: [`1:17 durability: found "forever"; allowed: "normal" or "full"`],
  },
  "readings that are deleted before they are packed": {
    text: `{ "readings": { "raw_days": 40 } }`,
    problems: ["1:3 readings.packed_days: missing; required: at least as many days as raw_days"],
  },
  "sessions that are kept for no day": {
    text: `{ "retention": { "keep_days": 0 } }`,
    problems: ["1:31 retention.keep_days: found 0; allowed: a whole number from 1 to 36500 or false"],
  },
  "readings that are kept for half a day": {
    text: `{ "readings": { "raw_days": 0.5, "roll_up_days": 3 } }`,
    problems: [
      "1:29 readings.raw_days: found 0.5; allowed: a whole number from 1 to 36500",
      '1:34 readings.roll_up_days: unknown key, did you mean "rollup_days"? allowed: raw_days, packed_days, rollup_days',
    ],
  },
  "a missing key": {
    text: `{ "services": { "a": {} } }`,
    problems: ["1:17 services.a.service_class: missing; required: text in double quotes (not empty)"],
  },
  "a slug in capitals": {
    text: `{ "services": { "Dino Chrome": { "service_class": "a.ts" } } }`,
    problems: [
      `1:17 services["Dino Chrome"]: found "Dino Chrome" as a key; ` +
      `allowed: at most 64 lower-case letters, digits, "_" and "-", starting with a letter`,
    ],
  },
  "neither of two kinds of value": {
    text: `{ "log_file": true }`,
    problems: ["1:15 log_file: found true; allowed: text in double quotes (not empty) or false"],
  },
  "one wrong entry in a list of grants": {
    text: service(`"permissions": { "net": ["localhost", 5] }`),
    problems: ["2:39 services.a.permissions.net[1]: found 5; allowed: text in double quotes (not empty)"],
  },
  "a grant of another kind": {
    text: service(`"permissions": { "run": "ls" }`),
    problems: [
      `2:25 services.a.permissions.run: found "ls"; allowed: true, false or a list of texts as ["one", "two"]`,
    ],
  },
  "a list in place of a block": {
    text: service(`"options": [1]`),
    problems: ["2:12 services.a.options: found a list [ … ]; allowed: a block { … }"],
  },
  "no block at all": { text: "[]", problems: ["1:1 : found a list [ … ]; allowed: a block { … }"] },
  "something else than a handle": {
    text: `{ "tiktok": { "user": "ana maria" } }`,
    problems: [
      `1:23 tiktok.user: found a text; allowed: a TikTok handle, as "ana", "@ana" or ` +
      `"https://www.tiktok.com/@ana/live", or "" for none`,
    ],
  },
  "an endpoint that is not http": {
    text: `{ "tiktok": { "endpoints": { "sign": "localhost:80" } } }`,
    problems: [
      `1:38 tiktok.endpoints.sign: found a text; ` +
      `allowed: an address that starts with http:// or https://, or "" for the default`,
    ],
  },
  "a key given twice": {
    text: `{\n  "database": "a.db",\n  "database": "b.db"\n}`,
    problems: ["3:3 database: set twice, first in line 2; keep one of them"],
  },
  "a key given twice deep in a service's options": {
    text: service(`"options": { "list": [{ "x": 1, "x": 2 }] }`),
    problems: ["2:33 services.a.options.list[0].x: set twice, first in line 2; keep one of them"],
  },
  "a key with a meaning of its own in JavaScript": {
    text: service(`"options": { "__proto__": { "a": 1 } }`),
    problems: ["2:14 services.a.options.__proto__: cannot be a key; choose another name"],
  },
  "hostile text, without passing it on": {
    text: `{ "durability": "\u009b2J\u202e${"x".repeat(500)}" }`,
    problems: [`1:17 durability: found a text; allowed: "normal" or "full"`],
  },
};

for (const [what, { text, problems }] of Object.entries(cases)) {
  Deno.test(`A config with ${what} is refused, with its place and what is allowed`, () => {
    assert.deepEqual(problemsOf(() => parse(text)), problems);
  });
}

const aValue = "a value: true, false, a number, text in double quotes, [ … ] or { … }";

const syntaxCases: Record<string, { text: string; problems: string[] }> = {
  "a forgotten comma": {
    text: `{\n  "database": "a.db"\n  "durability": "full"\n}`,
    problems: [`3:3 : found "durability", expected "," before it`],
  },
  "a forgotten comma and a wrong value": {
    text: `{\n  "database": "a.db"\n  "durability": 5\n}`,
    problems: [
      `3:3 : found "durability", expected "," before it`,
      `3:17 durability: found 5; allowed: "normal" or "full"`,
    ],
  },
  "a key without quotes": {
    text: "{ database: 5 }",
    problems: [`1:3 : found "database", expected a key in double quotes, as "user"`],
  },
  "single quotes": {
    text: "{ 'database': 'a.db' }",
    problems: [`1:3 : found "'database'", expected a key in double quotes, as "user"`],
  },
  "a word that is no value": { text: `{ "a": True }`, problems: [`1:8 : found "True", expected ${aValue}`] },
  "no value": { text: `{ "a": }`, problems: [`1:8 : found "}", expected ${aValue}`] },
  "no colon": { text: `{ "a" 1 }`, problems: [`1:7 : found "1", expected ":" between a key and its value`] },
  "two commas": {
    text: `{ "a": 1,, "b": 2 }`,
    problems: [`1:10 : found ",", expected a key in double quotes, as "user", or "}"`],
  },
  "a bracket that is never closed": {
    text: `{\n  "tiktok": {\n    "user": "ana"\n}\n`,
    problems: [`5:1 : found the end of the file, expected "}" for the bracket in line 1`],
  },
  "a bracket of the wrong kind": {
    text: `{ "a": [1, 2}, "b": 1 }`,
    problems: [`1:13 : found "}", expected "," or the closing bracket`],
  },
  "something after its end": {
    text: "{}\n{}",
    problems: [`2:1 : found "{", expected the end of the file: all settings must be in one pair of { and }`],
  },
  "text that is not closed": {
    text: `{\n  "database": "a.db,\n  "log_file": false\n}`,
    problems: ["2:15 : the text that starts here has no closing double quote in its line"],
  },
  "more brackets within one another than anyone needs": {
    text: `{ "a":\n${"[".repeat(20_000)}`,
    problems: ["2:100 : more than 100 brackets are open here; close them, or nest less deeply"],
  },
  "a comment that is not closed": {
    text: "{} /* the end",
    problems: ["1:4 : the comment that starts here with /* has no closing */"],
  },
  "single backslashes in a path": {
    text: `{ "database": "C:\\data\\live.db" }`,
    problems: [
      "1:18 : found \\d in a text; write \\\\ for one backslash, or / in a path",
      "1:23 : found \\l in a text; write \\\\ for one backslash, or / in a path",
    ],
  },
  "a number that is none": {
    text: `{ "a": 1. }`,
    problems: [`1:8 : found "1.", expected a number, as 5 or 0.5`],
  },
  "a stray character": {
    text: `{ "a": 1; "b": 2 }`,
    problems: [`1:9 : found ";", which is not allowed here`],
  },
};

for (const [what, { text, problems }] of Object.entries(syntaxCases)) {
  Deno.test(`A config with ${what} is refused in a clear sentence`, () => {
    assert.deepEqual(problemsOf(() => parse(text)), problems);
  });
}

Deno.test("A ConfigError lists all mistakes, one a line, in the order of the file", () => {
  const text = `{\n  "databse": "a.db",\n  "tiktok": { "user": 5 },\n  "durability": "ful"\n}`;
  assert.throws(() => parse(text), (error: Error) => {
    assert(error instanceof UserError);
    const lines = error.message.split("\n");
    assert.equal(lines.length, 3);
    assert.equal(
      lines[0],
      `${path}:2:3: databse: unknown key, did you mean "database"? ` +
        "allowed: tiktok, sources, language, database, durability, readings, retention, keys, theme, mouse, log_file, hosts, services",
    );
    assert.equal(lines[1], `${path}:3:23: tiktok.user: found 5; allowed: text in double quotes`);
    assert(lines[2]?.startsWith(`${path}:4:17: durability: `));
    return true;
  });
});

Deno.test("Of very many mistakes the first fifty are told, in little time", () => {
  const keys = Array.from({ length: 20_000 }, (_, index) => `"k${index}": {}`);
  for (const text of [`{ "services": { ${keys} } }`, `{ ${keys} }`, `{ ${keys.map(() => '"a": 1')} }`]) {
    assert.throws(() => parse(text), (error: Error) => {
      assert(error instanceof UserError);
      const lines = error.message.split("\n");
      assert.equal(lines.length, 51);
      assert.equal(lines.at(-1), "There may be more mistakes: fix these first.");
      return true;
    });
  }
});

Deno.test("Positions do not move with a byte order mark, Windows line ends or comments", () => {
  const text = `\uFEFF// settings\r\n{\r\n  /* two\r\n  lines */ "durability": "ful",\r\n}\r\n`;
  assert.deepEqual(problemsOf(() => parse(text)), [
    `4:26 durability: found "ful", did you mean "full"? allowed: "normal" or "full"`,
  ]);
});

function tiktokOf({ sources }: Config): TikTokSourceConfig {
  const [source] = sources;
  assert.equal(source?.type, "tiktok");
  return source as TikTokSourceConfig;
}

const userOf = (config: Config) => tiktokOf(config).user;

Deno.test("A byte order mark, Windows line ends, comments and trailing commas are fine", () => {
  const text =
    `\uFEFF// settings\r\n{\r\n  "database": "a.db", /* here */\r\n  "tiktok": { "user": "ana", },\r\n}\r\n`;
  assert.equal(userOf(parse(text)), "ana");
});

for (const text of ["", "\uFEFF", " \r\n", "// nothing yet\n/* at all */"]) {
  Deno.test(`An empty config (${JSON.stringify(text)}) is refused with what to do`, () => {
    assert.deepEqual(problemsOf(() => parse(text)), [
      "1:1 : the file is empty; replace it with config.example.jsonc, or delete it and run `init`",
    ]);
  });
}

Deno.test("An empty block is a config with all defaults", () => {
  assert.deepEqual(parse("{}"), {
    path,
    text: "{}",
    sources: [
      {
        name: "tiktok",
        type: "tiktok",
        user: null,
        signApiKey: null,
        endpoints: { sign: null, web: null },
        silenceSeconds: 60,
      },
    ],
    database: resolve("/home/ana/livecue/livecue.db"),
    language: "system",
    durability: "normal",
    retention: { keepDays: null },
    screen: { keys: {}, theme: "neutral", mouse: true },
    readings: { rawDays: 7, packedDays: 30, rollupDays: 365 },
    logFile: resolve("/home/ana/livecue/livecue.log"),
    dataFolder: resolve("/home/ana/livecue/data"),
    hosts: [],
    services: [],
    warnings: [],
  });
});

Deno.test("A service and a subscription have the documented defaults", () => {
  const [service] = parse(
    `{ "services": { "a": { "service_class": "./a.ts", "subscriptions": { "GiftEvent": {} } } } }`,
  )
    .services;
  assert.deepEqual(service, {
    slug: "a",
    name: "a",
    serviceClass: resolve("/home/ana/livecue/a.ts"),
    configFolder: resolve("/home/ana/livecue"),
    dataFolder: resolve("/home/ana/livecue/data/a"),
    replicas: [null],
    runsOn: null,
    isActive: true,
    maxQueueSize: 100,
    maxConcurrency: 16,
    prefetch: 1,
    maxAttempts: 1,
    maxCrashes: 3,
    backoffMs: 1000,
    agingMs: null,
    timeoutMs: 30_000,
    wholeTimeoutMs: null,
    staleAfterSeconds: null,
    isolation: "process",
    maxMemoryMb: 512,
    permissions: { net: false, read: false, write: false, env: false, run: false, sys: false },
    options: {},
    emits: [],
    subscriptions: {
      GiftEvent: { isEnabled: true, priority: 5, isAsync: false, isDiscardable: false, streaks: "each" },
    },
  });
});

Deno.test("Every key is taken over as it is given", () => {
  const text = `{
    "$schema": "./config.schema.json",
    "tiktok": {
      "user": "https://www.tiktok.com/@Ana/live", "sign_api_key": "k",
      "endpoints": { "sign": "http://localhost:8080/", "web": "https://proxy.example/tiktok//" }, "silence_seconds": 5
    },
    "database": "../data/a.db", "durability": "full", "log_file": false,
    "hosts": { "gpu-1": { "address": "ws://10.0.0.5:7350", "token_env": "TOKEN" } },
    "services": {
      "z": { "service_class": "z.ts" },
      "a-1_b": {
        "name": "A", "service_class": "../other/a.ts", "runs_on": "gpu-1", "is_active": false, "max_queue_size": 7, "max_concurrency": 2,
        "prefetch": 3, "max_attempts": 4, "max_crashes": 5, "backoff_ms": 0, "aging_seconds": 30, "timeout_ms": 9,
        "stale_after_seconds": 0, "isolation": "process", "max_memory_mb": 128,
        "permissions": {
          "net": true, "read": ["sounds"], "write": ["/tmp/out"], "env": ["HOME"], "run": ["ls"], "sys": ["hostname"]
        },
        "options": { "deep": [{ "is": null }], "constructor": 1 },
        "emits": ["SpinEvent"],
        "subscriptions": {
          "PollEvent": {
            "is_enabled": false, "priority": 10, "is_async": true, "is_discardable": true, "streaks": "final",
            "sources": ["tiktok"]
          }
        }
      }
    }
  }`;
  const config = parse(text);
  assert.deepEqual(config.hosts, [
    { name: "gpu-1", address: "ws://10.0.0.5:7350", secret: { token_env: "TOKEN" } },
  ]);
  assert.deepEqual(config.sources, [{
    name: "tiktok",
    type: "tiktok",
    user: "ana",
    signApiKey: "k",
    endpoints: { sign: "http://localhost:8080", web: "https://proxy.example/tiktok" },
    silenceSeconds: 5,
  }]);
  assert.equal(config.database, resolve("/home/ana/data/a.db"));
  assert.equal(config.durability, "full");
  assert.equal(config.logFile, null);
  assert.deepEqual(config.services.map(({ slug }) => slug), ["z", "a-1_b"]);
  assert.deepEqual(config.services[1], {
    slug: "a-1_b",
    name: "A",
    serviceClass: resolve("/home/ana/other/a.ts"),
    configFolder: resolve("/home/ana/livecue"),
    dataFolder: resolve("/home/ana/livecue/data/a-1_b"),
    replicas: ["gpu-1"],
    runsOn: "gpu-1",
    isActive: false,
    maxQueueSize: 7,
    maxConcurrency: 2,
    prefetch: 3,
    maxAttempts: 4,
    maxCrashes: 5,
    backoffMs: 0,
    agingMs: 30_000,
    timeoutMs: 9,
    wholeTimeoutMs: 9,
    staleAfterSeconds: 0,
    isolation: "process",
    maxMemoryMb: 128,
    permissions: {
      net: true,
      read: [resolve("/home/ana/livecue/sounds")],
      write: [resolve("/tmp/out")],
      env: ["HOME"],
      run: ["ls"],
      sys: ["hostname"],
    },
    options: { deep: [{ is: null }], constructor: 1 },
    emits: ["SpinEvent"],
    subscriptions: {
      PollEvent: {
        isEnabled: false,
        priority: 10,
        isAsync: true,
        isDiscardable: true,
        streaks: "final",
        sources: ["tiktok"],
      },
    },
  });
});

Deno.test("The config's key for the sign server wins over the environment's", () => {
  const keyOf = (text: string, key?: string) =>
    tiktokOf(parseConfig(text, { path, env: { SIGN_API_KEY: key } })).signApiKey;
  const withKey = `{ "tiktok": { "sign_api_key": "of the file" } }`;
  assert.equal(keyOf(withKey, "of the environment"), "of the file");
  assert.equal(keyOf(`{ "tiktok": { "sign_api_key": "" } }`, "of the environment"), "of the environment");
  assert.equal(keyOf("{}", ""), null);
  assert.equal(keyOf("{}"), null);
});

/** A path of keys, into lists too, of everything in the value. */
function pathsIn(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [[]];
  return [
    [],
    ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner).map((path) => [key, ...path])),
  ];
}

function replaced(value: unknown, [key, ...rest]: string[], replacement: unknown): unknown {
  if (key === undefined) return replacement;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, replacement);
  return copy;
}

Deno.test("Any JSON value in place of any key gives a config or a ConfigError", () => {
  const example = {
    tiktok: { user: "ana", sign_api_key: "", endpoints: { sign: "", web: "" }, silence_seconds: 60 },
    database: "a.db",
    durability: "full",
    log_file: false,
    services: {
      a: {
        name: "A",
        service_class: "a.ts",
        stale_after_seconds: 1,
        permissions: { net: ["a", "b"], read: true },
        options: { list: [1, 2] },
        subscriptions: { GiftEvent: { priority: 3, streaks: "final" }, JoinEvent: {} },
      },
    },
  };
  const anyPath = fc.constantFrom(...pathsIn(example));
  fc.assert(
    fc.property(anyPath, fc.jsonValue(), fc.boolean(), (path, value, isFile) => {
      const text = JSON.stringify(replaced(example, path, value), null, 2);
      try {
        parseConfig(text, { path: "/config.jsonc", isFile: () => isFile });
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        assert(error.problems.length > 0);
        for (const { line, column } of error.problems) assert(line >= 1 && column >= 1);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("The example with any piece cut out gives a config or a ConfigError", () => {
  fc.assert(fc.property(fc.nat(exampleText.length), fc.nat(40), (start, length) => {
    const text = exampleText.slice(0, start) + exampleText.slice(start + length);
    assert(problemsOf(() => parse(text)).every((problem) => /^\d+:\d+ /.test(problem)));
  }));
});

/** Runs with a folder of its own that is gone afterwards. */
function inFolder(run: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    run(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("loadConfig reports the active services whose module does not exist, with all else", () => {
  inFolder((folder) => {
    const file = join(folder, "config.jsonc");
    Deno.writeTextFileSync(join(folder, "there.ts"), "");
    Deno.writeTextFileSync(
      file,
      `{
  "durability": 1,
  "services": {
    "there": { "service_class": "./there.ts" },
    "missing": { "service_class": "./missing.ts" },
    "folder": { "service_class": "." },
    "later": { "service_class": "./later.ts", "is_active": false },
  },
}`,
    );
    const advice = `; correct the path, or set "is_active": false`;
    assert.deepEqual(problemsOf(() => loadConfig(file)), [
      `2:17 durability: found 1; allowed: "normal" or "full"`,
      `5:35 services.missing.service_class: there is no file ${join(folder, "missing.ts")}${advice}`,
      `6:34 services.folder.service_class: there is no file ${folder}${advice}`,
    ]);
  });
});

Deno.test("loadConfig says what is wrong with a file that it cannot read", () => {
  inFolder((folder) => {
    const file = join(folder, "config.jsonc");
    const messageOf = (path: string) => {
      try {
        loadConfig(path);
      } catch (error) {
        assert(error instanceof UserError, String(error));
        return error.message;
      }
      return "";
    };
    assert.match(messageOf(file), /^There is no config file .*config\.jsonc\. Run `init`/);
    assert.match(messageOf(folder), /is a folder, not a config file/);
    Deno.writeFileSync(file, new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]));
    assert.match(messageOf(file), /is not UTF-8 text/);
    Deno.writeTextFileSync(file, "");
    assert.match(messageOf(file), /config\.jsonc:1:1: the file is empty/);
    Deno.truncateSync(file, 50 * 1024 * 1024);
    assert.match(
      messageOf(file),
      /has 50\.0 MB, but at most 1 MB is allowed\. Name another file with --config FILE/,
    );
  });
});

Deno.test("Several sources have names of their own, and what each type has", () => {
  const { sources } = parse(`{ "sources": {
    "main": { "type": "tiktok", "user": "@Ana" },
    "second": { "type": "tiktok", "user": "ben", "silence_seconds": 5 },
    "tips": { "type": "webhook", "for": "main", "providers": { "kofi": { "token": "t" } } },
    "other": { "type": "tikfinity" }
  } }`);
  assert.deepEqual(sources.map(({ name, type }) => `${name} ${type}`), [
    "main tiktok",
    "second tiktok",
    "tips webhook",
    "other tikfinity",
  ]);
});

const sourceMistakes: Record<string, { text: string; problems: RegExp[] }> = {
  "a type that there is not": {
    text: `{ "sources": { "main": { "type": "tiktock" } } }`,
    problems: [/^1:34 sources\.main\.type: found "tiktock", did you mean "tiktok"\? allowed: /],
  },
  "a key of another type": {
    text: `{ "sources": { "main": { "type": "tiktok", "usr": "ana" } } }`,
    problems: [/^1:44 sources\.main\.usr: unknown key, did you mean "user"\?/],
  },
  "a user here and there": {
    text: `{ "tiktok": { "user": "ana" }, "sources": { "main": { "type": "tiktok", "user": "ben" } } }`,
    problems: [/^1:23 tiktok\.user: "sources" is set too/],
  },
  "a user twice": {
    text:
      `{ "sources": { "a": { "type": "tiktok", "user": "ana" }, "b": { "type": "tiktok", "user": "@Ana" } } }`,
    problems: [/sources\.b\.user: the source "a" already captures @ana/],
  },
  "a source to follow that there is not": {
    text: `{ "sources": { "main": { "type": "tiktok" },
      "tips": { "type": "webhook", "for": "mian", "providers": { "kofi": { "token": "t" } } } } }`,
    problems: [/sources\.tips\.for: there is no source "mian" with its own live, did you mean "main"\?/],
  },
  "a source with the name of one of Livecue's own": {
    text: `{ "sources": { "services": { "type": "tiktok", "user": "ana" } } }`,
    problems: [
      /^1:16 sources\.services: "services" is the name of a source of Livecue's own; choose another name/,
    ],
  },
  "a subscription to a source that there is not": {
    text: service(`"subscriptions": { "GiftEvent": { "sources": ["tikto"] } }`),
    problems: [/sources\[0\]: there is no source "tikto", did you mean "tiktok"\?/],
  },
  "a type to emit that is no type": {
    text: service(`"emits": ["spin"]`),
    problems: [/services\.a\.emits\[0\]: found "spin"; allowed: a name that starts with a capital letter/],
  },
  "a gift to emit": {
    text: service(`"emits": ["GiftEvent"]`),
    problems: [/services\.a\.emits\[0\]: a service cannot emit a GiftEvent/],
  },
};

for (const [name, { text, problems }] of Object.entries(sourceMistakes)) {
  Deno.test(`A config with ${name} is refused, with its place and what to do`, () => {
    const found = problemsOf(() => parse(text));
    assert.equal(found.length, problems.length, found.join("\n"));
    for (const [index, problem] of problems.entries()) assert.match(found[index] ?? "", problem);
  });
}

Deno.test("A service may subscribe to what another emits, and to all types", () => {
  const config = parse(`{ "services": {
    "wheel": { "service_class": "a.ts", "emits": ["SpinEvent"] },
    "screen": { "service_class": "b.ts", "subscriptions": { "SpinEvent": {}, "*": { "priority": 1 } } }
  } }`);
  assert.deepEqual(Object.keys(config.services[1]?.subscriptions ?? {}), ["SpinEvent", "*"]);
});

Deno.test({
  name: "A config that never ends is refused",
  ignore: Deno.build.os === "windows",
  fn() {
    assert.throws(
      () => readConfigText("/dev/zero"),
      /\/dev\/zero has over 1 MB, but at most 1 MB is allowed/,
    );
  },
});
