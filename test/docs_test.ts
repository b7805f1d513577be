/** Holds the documentation against the program: its links, samples, config blocks, queries and commands. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { dirname, join } from "node:path";
import { parse as parseJsonc, type ParseError } from "jsonc-parser";
import { parseConfig } from "../src/config/load.ts";
import { writtenKey } from "../src/key.ts";
import { boundActions, screenActions } from "../src/screen_keys.ts";
import { helpPages } from "../src/help_page.ts";
import { migrate } from "../src/store/sqlite/schema.ts";
import { type Block, blocksIn, linksIn, pages, root, siblingOf } from "./support/doc_pages.ts";
import { livecue } from "./support/livecue.ts";
import { blockSlugs, blockText } from "./support/service_blocks.ts";

interface PageBlock extends Block {
  page: string;
}

const blocks: PageBlock[] = pages.flatMap(({ name, text }) =>
  blocksIn(text).map((block) => ({ page: name, ...block }))
);

function blocksOf(language: string): PageBlock[] {
  const found = blocks.filter((block) => block.language === language);
  assert.ok(found.length > 0, language);
  return found;
}

/** In bytes. Spanish needs a fifth more than English. */
const mostBytes: Record<string, number> = { "README.md": 10_000, "README.es.md": 12_000 };

Deno.test("The README is at most 10 KB long, and no page of the docs is over 15 KB", () => {
  for (const { name, text } of pages) {
    const most = mostBytes[name] ?? 15_000;
    const bytes = new TextEncoder().encode(text).length;
    assert.ok(bytes <= most, `${name} has ${bytes} bytes`);
  }
});

Deno.test("Each link within the docs leads to a file and to a heading in it", () => {
  for (const { path, name, text } of pages) {
    for (const target of linksIn(text)) {
      if (/^https?:/.test(target)) continue;
      const linked = target.startsWith("#") ? path + target : join(dirname(path), target);
      assert.ok(isThere(linked), `${name} links to ${target}, which is not there`);
    }
  }
});

Deno.test("Each page that the program names is there, with its heading", () => {
  const named = programFiles().flatMap(({ path, text }) =>
    [...text.matchAll(/\bdocs\/[\w/]+\.md(?:#[\w-]+)?/g)].map(([page]) => ({ path, page }))
  );
  assert.ok(named.some(({ page }) => page === helpPages.database));
  for (const { path, page } of named) assert.ok(isThere(join(root, page)), `${path} names ${page}`);
});

/** Of the target of a link, the file and its heading. */
function isThere(target: string): boolean {
  const [file = "", heading] = target.split("#");
  if (!exists(file) || heading === undefined) return exists(file);
  const titles = [...Deno.readTextFileSync(file).matchAll(/^#+ (.*)$/gm)];
  return titles.some(([, title = ""]) => slug(title) === heading);
}

Deno.test("The repository's address is that of deno.json, wherever a page names it", () => {
  const { repository } = JSON.parse(Deno.readTextFileSync(join(root, "deno.json")));
  const named = pages.flatMap(({ name, text }) => [
    ...[...text.matchAll(/git clone (?:--\S+ )*([^\s`]+)/g)].map(([, address]) => ({ name, address })),
    ...[...text.matchAll(/(?<![\w-])ADDRESS(?![\w-])/g)].map(([address]) => ({ name, address })),
  ]);
  assert.ok(named.length > 0);
  for (const { name, address } of named) assert.equal(address, repository, name);
});

Deno.test("Each file of the project that the docs name is there", () => {
  for (const { name, text } of pages) {
    for (const [, path = ""] of text.matchAll(/`((?:src|test|services|docs|bench)\/[\w./]*\.\w+)`/g)) {
      assert.ok(exists(join(root, path)) || isMadeUp(path), `${name} names ${path}, which is not there`);
    }
  }
});

Deno.test("Each file that the table of changes names beside another is in the same folder", () => {
  for (const [line] of textOf("where_to_change.md").matchAll(/^\|.*$/gm)) {
    let folder = "";
    for (const [, path = ""] of line.matchAll(/`([\w./]+)`/g)) {
      if (path.includes("/")) folder = path.slice(0, path.lastIndexOf("/"));
      else if (/\.tsx?$/.test(path)) {
        assert.ok(exists(join(root, folder, path)), `${folder}/${path}: ${line}`);
      }
    }
  }
});

/** A reader makes these by following the page. */
function isMadeUp(path: string): boolean {
  return path === "src/languages/TAG.json" ||
    /^(?:test\/)?services\/(?:greeter|kettle|poster|wheel|wall)(?:_test)?\b/.test(path);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** As forges make it of a heading. */
function slug(title: string): string {
  return title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}

Deno.test("Each page of the docs is linked from another one in its language", () => {
  const linked = new Set(pages.flatMap((page) =>
    linksIn(page.text)
      .map((target) => join(dirname(page.path), target.split("#", 1)[0] ?? ""))
      .filter((path) => path !== siblingOf(page)?.path)
  ));
  const alone = pages.filter(({ path }) => !linked.has(path)).map(({ name }) => name);
  assert.deepEqual(alone.sort(), ["README.es.md", "README.md"]);
});

Deno.test("Each sample of a service compiles", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const made of ["services", "test/services"]) Deno.mkdirSync(join(folder, made), { recursive: true });
    for (const { page, name } of guides) {
      Deno.writeTextFileSync(join(folder, "services", `${name}.ts`), sampleOf(page, serviceSample));
    }
    const files = blocksOf("ts").map(({ code }, index) => {
      const file = join(folder, "test", "services", `sample_${index}.ts`);
      Deno.writeTextFileSync(file, withSupport(code));
      return file;
    });
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--config", join(root, "deno.json"), ...files],
      stderr: "piped",
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** A sample of a test, from whatever folder. */
function withSupport(code: string): string {
  return code.replaceAll('"../support/', `"${new URL("support/", import.meta.url)}`);
}

/** Pages whose first sample is a service, and a later one its test. */
const guides = [
  { page: "docs/write_a_service.md", name: "greeter", passed: /1 passed/ },
  { page: "docs/steps.md", name: "poster", passed: /3 passed/ },
  { page: "docs/write_a_detector.md", name: "kettle", passed: /1 passed/ },
];
const serviceSample = /extends (?:BaseQueueService|Detector)/;

function sampleOf(page: string, pattern: RegExp): string {
  const found = blocksOf("ts").find((block) => block.page === page && pattern.test(block.code));
  assert.ok(found !== undefined, `${page} has no sample with ${pattern}`);
  return found.code;
}

for (const { page, name, passed } of guides) {
  Deno.test(`The service and the test of ${page} pass, as a reader writes them`, async () => {
    const service = sampleOf(page, serviceSample);
    const test = sampleOf(page, /Deno\.test\(/);
    const folder = await Deno.makeTempDir();
    try {
      for (const made of ["services", "test/services"]) {
        Deno.mkdirSync(join(folder, made), { recursive: true });
      }
      Deno.writeTextFileSync(join(folder, "services", `${name}.ts`), service);
      const file = join(folder, "test", "services", `${name}_test.ts`);
      Deno.writeTextFileSync(file, withSupport(test));
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["test", "-A", "--no-check", "--quiet", "--config", join(root, "deno.json"), file],
      }).output();
      const decoder = new TextDecoder();
      assert.ok(success, decoder.decode(stdout) + decoder.decode(stderr));
      assert.match(decoder.decode(stdout), passed);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("Each config block of the docs holds in a whole config, also what is its service's own", async () => {
  const configs = new Map<string, PageConfig>();
  for (const { page, code } of blocksOf("jsonc")) {
    const config = configWith(parseFragment(page, code), page, configs.get(page));
    configs.set(page, config);
    const { services } = parseConfig(JSON.stringify(config), {
      path: join(root, "config.jsonc"),
      isFile: () => true,
    });
    for (const service of services) {
      const { optionsSchema } = await moduleOf(service.slug);
      const { issues } = await optionsSchema?.["~standard"].validate(service.options) ?? {};
      assert.deepEqual(issues, undefined, `${page}, ${service.slug}: ${JSON.stringify(issues)}\n${code}`);
    }
  }
});

type Fields = Record<string, unknown>;

/** The service's block; {} where it has none. */
function blockOf(slug: string): Fields {
  if (!blockSlugs.includes(slug)) return {};
  return parseJsonc(`{${blockText(slug)}\n}`, [], { allowTrailingComma: true })[slug];
}

/** `add` asks for the options that are "". */
function answered(service: Fields): Fields {
  const options = Object.entries(Object(service.options)).map(([key, value]) => [
    key,
    value === "" ? "an-answer" : value,
  ]);
  return { ...service, options: Object.fromEntries(options) };
}

/** A block is a config's keys without the braces, or one rule of a list. */
function parseFragment(page: string, code: string): Fields {
  const errors: ParseError[] = [];
  const text = code.trimStart().startsWith("{") ? `{ "rules": [${code}] }` : `{${code}}`;
  const fields = parseJsonc(text, errors, { allowTrailingComma: true });
  assert.deepEqual(errors, [], `${page}:\n${code}`);
  return fields;
}

interface PageConfig {
  sources?: Fields;
  services: Fields;
}

/**
 * Puts a fragment where it belongs: at the top, among sources or services, in the page's service or in its options.
 * A block may build on sources and services of the page's earlier ones.
 */
function configWith(fields: Fields, page: string, earlier: PageConfig = { services: {} }): PageConfig {
  if (page.startsWith("docs/screen")) return { ...fields, services: {} };
  const { sources, rules, ...rest } = fields;
  const isSource = (value: unknown) => Object.hasOwn(Object(value), "type");
  const isService = (value: unknown) => Object.hasOwn(Object(value), "service_class");
  const named = Object.entries(rest);
  const ownSources = {
    ...sources as Fields,
    ...Object.fromEntries(named.filter(([, value]) => isSource(value))),
  };
  const services = named.filter(([, value]) => isService(value))
    .map((
      [name, service],
    ) => [name, answered({ ...blockOf(name), ...service as Fields })]);
  const settings = Object.fromEntries(named.filter(([, value]) => !isSource(value) && !isService(value)));
  const slug = /services\/(\w+)\.md$/.exec(page)?.[1] ?? "dino_chrome";
  const base = answered(blockOf(slug));
  const options = {
    ...(settings.options ?? base.options) as Fields,
    ...(rules === undefined ? {} : { rules }),
  };
  const isOfService = rules !== undefined || Object.keys(settings).length > 0;
  return {
    ...(Object.keys(ownSources).length > 0 ? { sources: { ...earlier.sources, ...ownSources } } : earlier),
    services: {
      ...earlier.services,
      ...Object.fromEntries(services),
      ...(isOfService ? { [slug]: { ...base, ...settings, options } } : {}),
    },
  };
}

interface WithOptions {
  optionsSchema?: {
    "~standard": { validate(value: unknown): Promise<{ issues?: unknown }> | { issues?: unknown } };
  };
}

async function moduleOf(slug: string): Promise<WithOptions> {
  const path = join(root, "services", slug, "options.ts");
  return exists(path) ? await import(`../services/${slug}/options.ts`) : {};
}

Deno.test("Each query of the docs runs on the tables that there are", () => {
  const database = new DatabaseSync(":memory:");
  migrate(database);
  for (const { page, code } of blocksOf("sql")) {
    assert.doesNotThrow(() => database.prepare(code).all(), `${page}:\n${code}`);
  }
  database.close();
});

Deno.test("The page of the database has each table", () => {
  const database = new DatabaseSync(":memory:");
  migrate(database);
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  database.close();
  assert.ok(tables.length >= 10);
  for (const { name } of tables) {
    assert.match(textOf("database.md"), new RegExp(`^\\| \`${name}\` +\\|`, "m"));
  }
});

Deno.test("The page of the events has each type with the fields of its data", () => {
  const source = Deno.readTextFileSync(join(root, "src", "event.ts"));
  const [, declared = ""] = /interface EventDataByType \{(.*?)\n\}/s.exec(source) ?? [];
  const types = [...declared.matchAll(/^ {2}(\w+Event): (.*);$/gm)];
  assert.ok(types.length > 20);
  for (const [, type = "", data = ""] of types) {
    const row = textOf("events.md").split("\n").find((line) =>
      line.startsWith("|") && line.includes(`\`${type}\``)
    );
    for (const [, field = ""] of data.matchAll(/(\w+):/g)) {
      assert.match(row ?? "", new RegExp(`\\b${field}\\b`), `${type} ${field}`);
    }
  }
});

Deno.test("The page of the config has each setting of a service and of a subscription with its default", () => {
  const schema = JSON.parse(Deno.readTextFileSync(join(root, "config.schema.json")));
  const service = schema.properties.services.additionalProperties.properties;
  const { subscriptions: { additionalProperties: subscription } } = service;
  const settings = Object.entries<{ default?: unknown }>({ ...service, ...subscription.properties });
  assert.ok(settings.length > 20);
  for (const [name, { default: value }] of settings) {
    const row = textOf("config.md").split("\n").find((line) => line.startsWith(`| \`${name}\``));
    assert.ok(row, name);
    if (typeof value === "object" || value === undefined) continue;
    assert.equal(row.split("|")[2]?.trim(), `\`${JSON.stringify(value)}\``, name);
  }
});

function textOf(page: string): string {
  return pages.find(({ name }) => name === `docs/${page}`)!.text;
}

Deno.test("The page of the commands names each command and each of its options", async () => {
  const page = textOf("commands.md");
  const help = await helpOf([]);
  const commands = [...help.matchAll(/^ {2}([a-z]+)(?= |$)/gm)].map(([, name = ""]) => name);
  assert.ok(commands.includes("start"));
  for (const command of commands) {
    assert.match(page, new RegExp(`\`${command}\\b`), command);
    for (const [, option = ""] of (await helpOf([command])).matchAll(/(--[a-z-]+)/g)) {
      assert.ok(
        page.includes(option) || option === "--help",
        `${command} ${option} is not in docs/commands.md`,
      );
    }
  }
});

async function helpOf(command: string[]): Promise<string> {
  const { stdout } = await livecue(root, ...command, "--help");
  return stdout;
}

Deno.test("Each message of the pages on trouble is one of the program's", () => {
  const code = programFiles().map(({ text }) =>
    // As the program puts its sentences together.
    text.replace(/["`]\s*\+\s*["`]/g, "")
  ).join("\n").replace(/\s+/g, " ");
  const messages = quotedMessages();
  assert.ok(messages.length > 30);
  for (const message of messages) {
    for (const part of message.split("…").map((part) => part.trim()).filter((part) => part.length > 6)) {
      assert.ok(code.includes(part), `No message of the program has "${part}"`);
    }
  }
});

/** Those in bold on the page on trouble, and those in the first column of the services' tables, with "…" for a value. */
function quotedMessages(): string[] {
  const inBold = [...textOf("troubleshooting.md").matchAll(/\*\*`([^`]+)`\*\*/g)].map(([, message = ""]) =>
    message.replace(/\s+/g, " ")
  );
  const tables = pages.flatMap(({ text }) => text.match(/^\| it says .*\n(?:\|.*\n)+/gm) ?? []);
  const inTables = tables.flatMap((table) => table.split("\n").slice(2, -1)).flatMap((row) => {
    const [, says = ""] = row.split("|");
    return says.replaceAll("`", "").replace(/example\.com|[\d.:]{3,}/g, "…").split(", ");
  });
  return [...inBold, ...inTables].filter((message) => !message.includes(ofDeno));
}

/** The one message of those that Deno makes. */
const ofDeno = "invalid peer certificate";

function programFiles(): { path: string; text: string }[] {
  return [...filesIn(join(root, "src")), ...filesIn(join(root, "services"))]
    .map((path) => ({ path, text: Deno.readTextFileSync(path) }));
}

function* filesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* filesIn(join(folder, name));
    else if (/\.tsx?$/.test(name)) yield join(folder, name);
  }
}

Deno.test("The page of the screen has each action with its usual keys", () => {
  const page = textOf("screen_keys.md");
  for (const name of boundActions) {
    const keys = screenActions[name].keys.map((key) => `\`${writtenKey(key)}\``).join(", ");
    assert.match(page, new RegExp(`^\\| \`${name}\` +\\| ${RegExp.escape(keys)} +\\| `, "m"), name);
  }
});
