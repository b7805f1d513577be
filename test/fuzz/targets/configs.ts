import assert from "node:assert/strict";
import { wholeExample } from "../../support/service_blocks.ts";
import { join } from "node:path";
import fc from "fast-check";
import type { Config } from "../../../src/config/config.ts";
import { parseConfig, readConfigText } from "../../../src/config/load.ts";
import { eventTypes } from "../../../src/event.ts";
import { assertSentence, unlessRefused } from "../asserts.ts";
import {
  type Edit,
  editedText,
  editsOf,
  hostileJson,
  hostileNumber,
  hostileText,
  spoiltFields,
} from "../inputs.ts";
import type { Target } from "../target.ts";

type Input =
  | { kind: "edited"; edits: Edit<string>[] }
  | { kind: "made"; value: unknown; before: string; after: string; edits: Edit<string>[] }
  | { kind: "nested"; opening: string; closing: string; depth: number }
  | { kind: "long"; before: string; unit: string; bytes: number; after: string }
  | { kind: "bytes"; bytes: Uint8Array<ArrayBuffer> };

const example = wholeExample();
const path = "/somewhere/config.jsonc";

const text = hostileText;
const flag = fc.boolean();
const grant = fc.oneof(flag, fc.array(text, { maxLength: 3 }));
const number = fc.oneof(
  fc.nat({ max: 20 }),
  hostileNumber.map((value) => Number.isFinite(value) ? value : 1),
);
const slug = fc.oneof(fc.constantFrom("dino", "a_b", "__proto__", "constructor", ""), hostileText);

const subscription = spoiltFields({
  is_enabled: flag,
  priority: number,
  is_async: flag,
  is_discardable: flag,
  streaks: fc.constantFrom("each", "final"),
  sources: fc.array(text, { maxLength: 3 }),
});
const service = spoiltFields({
  name: text,
  service_class: fc.constantFrom("./services/dummy.ts", "./none.ts", ""),
  is_active: flag,
  max_queue_size: number,
  max_concurrency: number,
  prefetch: number,
  max_attempts: number,
  max_crashes: number,
  backoff_ms: number,
  timeout_ms: number,
  stale_after_seconds: number,
  isolation: fc.constantFrom("worker", "process", "shared"),
  max_memory_mb: number,
  permissions: spoiltFields({ net: grant, read: grant, write: grant, env: grant, run: grant, sys: grant }),
  options: hostileJson,
  emits: fc.array(fc.oneof(fc.constant("SpinEvent"), text), { maxLength: 3 }),
  subscriptions: fc.dictionary(fc.oneof(fc.constantFrom<string>(...eventTypes), text), subscription, {
    maxKeys: 4,
  }),
});
const source = fc.oneof(
  spoiltFields({ type: fc.constant("tiktok"), user: text, sign_api_key: text, silence_seconds: number }),
  spoiltFields({ type: fc.constant("tikfinity"), url: text }),
  spoiltFields({ type: fc.constant("webhook"), host: text, port: number, providers: hostileJson, for: text }),
);
const config = spoiltFields({
  $schema: text,
  tiktok: spoiltFields({
    user: text,
    endpoints: spoiltFields({ sign: text, web: text }),
    silence_seconds: number,
  }),
  sources: fc.dictionary(slug, source, { maxKeys: 3 }),
  language: text,
  database: text,
  durability: fc.constantFrom("normal", "full"),
  log_file: fc.oneof(flag, text),
  services: fc.dictionary(slug, service, { maxKeys: 3 }),
});

const edits = editsOf(
  fc.oneof(text, fc.constantFrom("{", "}", "[", "]", ",", ":", '"', "//", "/*", "1e999")),
);

export const target: Target<Input> = {
  holds: "a config is taken, the same each time, or each of its mistakes is told with its place",
  inputs: fc.oneof(
    { weight: 60, arbitrary: fc.record({ kind: fc.constant("edited" as const), edits }) },
    {
      weight: 60,
      arbitrary: fc.record({
        kind: fc.constant("made" as const),
        value: config,
        before: fc.constantFrom("", "", "\ufeff", "// a comment\n", "/* */", "\0"),
        after: fc.constantFrom("", "", "\n", ",", "}", "\0", "// the end"),
        edits: fc.oneof(fc.constant([]), edits),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("nested" as const),
        opening: fc.constantFrom(
          "[",
          '{"a":',
          '{"services":{"a":{"options":',
          '{"services":[',
          "/*",
          "{//\n",
        ),
        closing: fc.constantFrom("", "]", "}", "1"),
        depth: fc.nat({ max: 20_000 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("long" as const),
        before: fc.constantFrom(
          "",
          "{",
          '{"services":{"a":{"subscriptions":{',
          '{"sources":{',
          '{"database":"',
          "[",
          "//",
          '{"a":',
          '{"services":{',
        ),
        unit: fc.constantFrom(
          '"a#":{},',
          '"b#":1,',
          "a",
          " ",
          "\n",
          "[",
          "1,",
          '"a":1,',
          '"é',
          "{}",
          "/**/",
          "\\",
          '"\\u0000',
        ),
        bytes: fc.constantFrom(100_000, 1_000_000, 10_000_000, 50_000_000),
        after: fc.constantFrom("", '"}', "}", "]"),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant("bytes" as const), bytes: fc.uint8Array({ maxLength: 200 }) }),
    },
  ) as fc.Arbitrary<Input>,
  check(input) {
    const file = bytesOf(input);
    const read = throughFile(file);
    if (read === null) return;
    const parsed = unlessRefused(() => parseConfig(read, { path }));
    if (parsed === null) return;
    for (const warning of parsed.warnings) assertSentence(warning);
    assert.deepEqual(parseConfig(read, { path }), parsed);
    assertUsable(parsed);
  },
};

function bytesOf(input: Input): Uint8Array {
  return input.kind === "bytes" ? input.bytes : new TextEncoder().encode(textOf(input));
}

function textOf(input: Exclude<Input, { kind: "bytes" }>): string {
  switch (input.kind) {
    case "edited":
      return editedText(example, input.edits);
    case "made":
      return editedText(input.before + JSON.stringify(input.value, null, 1) + input.after, input.edits);
    case "nested":
      return input.opening.repeat(input.depth) + input.closing.repeat(input.depth);
    case "long":
      return input.before + repeated(input.unit, input.bytes) + input.after;
  }
}

const folder = Deno.makeTempDirSync({ prefix: "livecue-fuzz-" });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

function throughFile(bytes: Uint8Array): string | null {
  const file = join(folder, "config.jsonc");
  Deno.writeFileSync(file, bytes);
  return unlessRefused(() => readConfigText(file));
}

/** What the program takes from it without another look. */
function assertUsable({ services, sources, database }: Config): void {
  assert.notEqual(database, "");
  assert.equal(new Set(services.map(({ slug }) => slug)).size, services.length);
  assert.equal(new Set(sources.map(({ name }) => name)).size, sources.length);
  for (const { maxQueueSize, maxConcurrency, timeoutMs, prefetch, subscriptions } of services) {
    for (const count of [maxQueueSize, maxConcurrency, prefetch]) {
      assert.ok(Number.isSafeInteger(count) && count > 0);
    }
    assert.ok(timeoutMs > 0 && timeoutMs < 2 ** 31, `a timeout of ${timeoutMs} ms`);
    for (const subscription of Object.values(subscriptions)) {
      const { priority = 0 } = subscription ?? {};
      assert.ok(priority >= 1 && priority <= 10);
    }
  }
}

/** With "#" numbered, so that no two keys are the same. */
function repeated(unit: string, length: number): string {
  const count = Math.ceil(Math.min(length, unit.includes("#") ? 1_000_000 : length) / unit.length);
  if (!unit.includes("#")) return unit.repeat(count);
  return Array.from({ length: count }, (_, index) => unit.replace("#", String(index))).join("");
}
