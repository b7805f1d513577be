/** Holds the code to the rules on who may import whom, and on who may touch time, the console and the process. */
import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Module {
  /** From the project's folder, with forward slashes. */
  path: string;
  text: string;
  /** Local ones as paths from the project's folder, others as written. */
  imports: string[];
  /** Those that are loaded with the module, rather than for their types or later. */
  loads: string[];
}

async function modulesBelow(folder: string): Promise<Module[]> {
  const modules: Module[] = [];
  for await (const entry of Deno.readDir(join(root, folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) modules.push(...await modulesBelow(path));
    else if (/\.tsx?$/.test(entry.name)) modules.push(await readModule(path));
  }
  return modules;
}

async function readModule(path: string): Promise<Module> {
  const text = withoutComments(await Deno.readTextFile(join(root, path)));
  const named = (pattern: RegExp, text: string) =>
    [...text.matchAll(pattern)].map((match) => {
      const specifier = match[1] as string;
      if (!specifier.startsWith(".")) return specifier;
      return relative(root, join(root, dirname(path), specifier)).replaceAll("\\", "/");
    });
  return {
    path,
    text,
    imports: named(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g, text),
    loads: named(/(?:\bfrom|\bimport)\s*"([^"]+)"/g, text.replace(/^(im|ex)port type [^"]*"[^"]+"/gm, "")),
  };
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}

const source = [...await modulesBelow("src"), await readModule("main.ts")];
const services = await modulesBelow("services");
const tests = await modulesBelow("test");

/** Fails with every module of `modules` that breaks the rule. */
function forbid(modules: Module[], breaks: (module: Module) => string[]): void {
  const found = modules.flatMap((module) => breaks(module).map((what) => `${module.path}: ${what}`));
  assert.deepEqual(found, []);
}

function importsOf(module: Module, isForbidden: (path: string) => boolean): string[] {
  return module.imports.filter(isForbidden).map((path) => `imports ${path}`);
}

function matches(module: Module, pattern: RegExp): string[] {
  return [...module.text.matchAll(pattern)].map((match) => `has ${match[0]}`);
}

const isLocal = (path: string) => /^(src|services|test|main\.ts)/.test(path);
const isDomain = (path: string) => /^src\/[a-z_]+\.ts$/.test(path);
const part = (path: string) => path.match(/^src\/(capture|queue|store|readings|runner|faces)\//)?.[1];

Deno.test("The domain's files, at the root of src, import nothing local but one another", () => {
  forbid(
    source.filter(({ path }) => isDomain(path)),
    (module) => importsOf(module, (path) => isLocal(path) && !isDomain(path)),
  );
});

Deno.test("The kit imports nothing local but itself and the domain", () => {
  forbid(
    source.filter(({ path }) => path.startsWith("src/kit/")),
    (module) => importsOf(module, (path) => isLocal(path) && !isDomain(path) && !path.startsWith("src/kit/")),
  );
});

Deno.test("A worker has loaded what the kit imports outside of its folder, which a service may not read", () => {
  const loadsByPath = new Map(source.map(({ path, loads }) => [path, loads]));
  for (const entry of ["src/runner/worker_entry.ts", "src/runner/shared_worker_entry.ts"]) {
    const loaded = new Set([entry]);
    for (const path of loaded) loadsByPath.get(path)?.forEach((each) => loaded.add(each));
    forbid(
      source.filter(({ path }) => path.startsWith("src/kit/")),
      ({ loads }) =>
        loads.filter((path) => isDomain(path) && !loaded.has(path)).map((path) => `loads ${path}`),
    );
  }
});

Deno.test("The way of a live's events knows the queue, the log and the domain, and nothing else", () => {
  forbid(
    source.filter(({ path }) => path.startsWith("src/lives/")),
    (module) =>
      importsOf(
        module,
        (path) => isLocal(path) && !isDomain(path) && !/^src\/(lives|queue|log)\//.test(path),
      ),
  );
});

Deno.test("capture, queue, store, readings, runner and faces never import one another", () => {
  forbid(
    source.filter(({ path }) => part(path)),
    (module) => importsOf(module, (path) => part(path) !== undefined && part(path) !== part(module.path)),
  );
});

Deno.test("The hosts know the runner, the log and the domain, and nothing else", () => {
  forbid(
    source.filter(({ path }) => path.startsWith("src/hosts/")),
    (module) =>
      importsOf(
        module,
        (path) => isLocal(path) && !isDomain(path) && !/^src\/(hosts|runner|log)\//.test(path),
      ),
  );
});

Deno.test("What others see of a room knows the log and the domain, and nothing else", () => {
  forbid(
    source.filter(({ path }) => path.startsWith("src/watch/")),
    (module) =>
      importsOf(module, (path) => isLocal(path) && !isDomain(path) && !/^src\/(watch|log)\//.test(path)),
  );
});

Deno.test("The readings import nothing local but themselves and the domain", () => {
  forbid(
    source.filter(({ path }) => path.startsWith("src/readings/")),
    (module) =>
      importsOf(module, (path) => isLocal(path) && !isDomain(path) && !path.startsWith("src/readings/")),
  );
});

Deno.test("The parts import neither what puts them together nor the config", () => {
  forbid(
    source.filter(({ path }) => part(path)),
    (module) => importsOf(module, (path) => /^src\/(app|commands|config)\//.test(path)),
  );
});

Deno.test("No modules import one another in a circle", () => {
  const importsByPath = new Map(source.map(({ path, imports }) => [path, imports]));
  const seen = new Set<string>();
  const circles: string[] = [];
  const walk = (path: string, way: string[]) => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(" → "));
    if (seen.has(path)) return;
    seen.add(path);
    for (const imported of importsByPath.get(path) ?? []) walk(imported, [...way, path]);
  };
  for (const { path } of source) walk(path, []);
  assert.deepEqual(circles, []);
});

Deno.test("Services import only what is made for them, by its name: livecue/service, livecue/rules and the like", () => {
  forbid(services, (module) => {
    // A service has one file, or a folder with folders of its own.
    const folder = module.path.match(/^services\/\w+\//)?.[0];
    const isOwn = (path: string) => folder !== undefined && path.startsWith(folder);
    return importsOf(module, (path) => isLocal(path) && !isOwn(path));
  });
});

Deno.test("Only capture/tiktok and test/support import the connector", () => {
  const mayUseIt = /^(src\/capture\/tiktok|test\/support|test\/capture\/tiktok)\//;
  forbid(
    [...source, ...services, ...tests].filter(({ path }) => !mayUseIt.test(path)),
    (module) => importsOf(module, (path) => /^(npm:)?tiktok-live-/.test(path)),
  );
});

Deno.test("Nothing outside capture/tiktok loads it before it is needed", () => {
  forbid(source.filter(({ path }) => !path.startsWith("src/capture/tiktok/")), (module) => {
    const statics = [...module.text.matchAll(/^import (?!type)[^;]*?"([^"]+)"/gm)].map((match) =>
      match[1] as string
    );
    return statics.filter((path) => path.includes("tiktok/")).map((path) => `statically imports ${path}`);
  });
});

Deno.test("Only src/telemetry imports OpenTelemetry, and src/telemetry nothing local but itself and the domain", () => {
  const isTelemetry = (path: string) => path.startsWith("src/telemetry/");
  forbid(
    [...source, ...services].filter(({ path }) => !isTelemetry(path)),
    (module) => importsOf(module, (path) => path.includes("@opentelemetry/")),
  );
  forbid(
    source.filter(({ path }) => isTelemetry(path)),
    (module) => importsOf(module, (path) => isLocal(path) && !isDomain(path) && !isTelemetry(path)),
  );
});

Deno.test("OpenTelemetry is loaded only in a run with telemetry", () => {
  const loadsByPath = new Map(source.map(({ path, loads }) => [path, loads]));
  for (const entry of ["main.ts", "src/runner/worker_entry.ts", "src/runner/shared_worker_entry.ts"]) {
    const loaded = new Set<string>([entry]);
    for (const path of loaded) loadsByPath.get(path)?.forEach((each) => loaded.add(each));
    assert.ok(loaded.has("src/telemetry/telemetry.ts"), entry);
    assert.ok(!loaded.has("@opentelemetry/api"), entry);
  }
});

Deno.test("Only the store and the readings import node:sqlite, and what opens and fences a service's own database", () => {
  forbid(
    [...source, ...services].filter(({ path }) =>
      !/^src\/(store\/|readings\/|kit\/database|runner\/database_fence)/.test(path)
    ),
    (module) => importsOf(module, (path) => path === "node:sqlite"),
  );
});

Deno.test("Only clock.ts reads the time or sets a timer", () => {
  const time = /\b(Date\.now|performance\.now|setTimeout|setInterval)\b|new Date\(\)|AbortSignal\.timeout/g;
  // It replaces a service's timers.
  const replacesThem = "src/runner/room_timers.ts";
  forbid(
    source.filter(({ path }) => path !== "src/clock.ts" && path !== replacesThem),
    (module) => matches(module, time),
  );
});

Deno.test("Waits that grow with each failure are reckoned by backoff.ts alone", () => {
  const formula = /\b2 \*\* [^;\n]*?(fail|attempt|tries|retr)\w*/gi;
  forbid(
    [...source, ...services].filter(({ path }) => path !== "src/backoff.ts"),
    (module) => matches(module, formula),
  );
});

Deno.test("Only the log and the commands write to the console, and main.ts its last words", () => {
  const output = /\bconsole\.\w+\(|Deno\.(stdout|stderr)\b/g;
  const mayWrite = /^(src\/log\/|src\/commands\/|main\.ts)/;
  // Inside a worker, console and the standard streams are replaced by messages; a child process talks over its own.
  const replacesIt = /^src\/runner\/(worker_entry|console|process_entry|fence|file_fence)\w*\.ts$/;
  forbid(
    source.filter(({ path }) => !mayWrite.test(path) && !replacesIt.test(path)),
    (module) => matches(module, output),
  );
});

Deno.test("Only main.ts ends the process", () => {
  const childsMain = "src/runner/process_entry.ts";
  forbid(
    source.filter(({ path }) => path !== "main.ts" && path !== childsMain),
    (module) => matches(module, /\bDeno\.exit\(|process\.exit\(/g),
  );
});

Deno.test("No function has more than 50 lines, and no file more than 400", async () => {
  const tooLong: string[] = [];
  for (const { path } of [...source, ...services]) {
    const text = await Deno.readTextFile(join(root, path));
    const lineCount = text.split("\n").length - 1;
    if (lineCount > 400) tooLong.push(`${path}: has ${lineCount} lines`);
    for (const { message } of Deno.lint.runPlugin(shortFunctions, path, text)) {
      tooLong.push(`${path}: ${message}`);
    }
  }
  assert.deepEqual(tooLong, []);
});

const shortFunctions: Deno.lint.Plugin = {
  name: "livecue",
  rules: {
    "short-functions": {
      create(context) {
        const look = (node: Deno.lint.Node) => {
          const text = context.sourceCode.getText(node);
          const lineCount = text.split("\n").length;
          if (lineCount <= 50) return;
          context.report({ node, message: `has a function of ${lineCount} lines: ${text.split("\n")[0]}` });
        };
        return { FunctionDeclaration: look, FunctionExpression: look, ArrowFunctionExpression: look };
      },
    },
  },
};

Deno.test("File names are snake_case, and none is a drawer for everything", () => {
  const names = [...source, ...services, ...tests].map(({ path }) => path);
  assert.deepEqual(names.filter((path) => !/^[a-z0-9_/]+\.tsx?$/.test(path)), []);
  assert.deepEqual(
    names.filter((path) => /\b(utils?|common|types|helpers?|misc|index|mod)\b/.test(path)),
    [],
  );
});

Deno.test("A test waits for moments, never for the wall clock", () => {
  forbid(
    tests.filter(({ path }) =>
      !/^test\/support\/services\//.test(path) && path !== "test/architecture_test.ts"
    ),
    (module) => matches(module, /\bsetTimeout\(|\bdelay\(/g),
  );
});

Deno.test("Nothing has the system watch files: that opens and closes them, and gives up SQLite's locks", () => {
  forbid(
    [...source, ...services],
    (module) => matches(module, /\bwatchFs\b|\bfs\.watch\b/g),
  );
});

Deno.test("The tasks that open the screen have Deno say nothing on it, as of what it downloads for a service", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(join(root, "deno.json")));
  for (const name of ["livecue", "start", "demo"]) assert.match(tasks[name].command, / --quiet /);
});
