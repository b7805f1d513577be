/** Turns the example into a user's config. */
import nodePath from "node:path";
import { pathToFileURL } from "node:url";
import { applyEdits, findNodeAtLocation, modify } from "jsonc-parser";
import { parseSyntax, plainValue } from "./syntax.ts";

/**
 * The example for a config in `configFolder`, with adjusted paths to the project's files: `$schema`, each
 * `service_class`, and readable or writable paths below `./services`. Both folders are absolute.
 */
export function renderConfig(
  exampleText: string,
  { configFolder, projectFolder, isWindows = Deno.build.os === "windows" }: {
    configFolder: string;
    projectFolder: string;
    isWindows?: boolean;
  },
): string {
  const paths = isWindows ? nodePath.win32 : nodePath.posix;
  if (paths.relative(configFolder, projectFolder) === "") return exampleText;
  const { root } = parseSyntax(exampleText);
  if (root === null) throw new Error("the example is not valid JSON with comments");

  const moved = (path: string) => pathFrom(configFolder, paths.resolve(projectFolder, path), paths);
  let text = exampleText;
  const schema = findNodeAtLocation(root, ["$schema"])?.value;
  if (typeof schema === "string") {
    const path = moved(schema);
    // Editors accept an absolute URL here, but not an absolute path.
    const address = paths.isAbsolute(path) ? pathToFileURL(path, { windows: isWindows }).href : path;
    text = withValue(text, ["$schema"], address);
  }
  const services = findNodeAtLocation(root, ["services"]);
  const slugs = services === undefined ? [] : Object.keys(plainValue(services) as object);
  for (const slug of slugs) {
    const path = ["services", slug, "service_class"];
    text = withValue(text, path, moved(findNodeAtLocation(root, path)?.value));
    for (const kind of ["read", "write"]) {
      const grant = ["services", slug, "permissions", kind];
      for (const [index, { value }] of (findNodeAtLocation(root, grant)?.children ?? []).entries()) {
        if (value.startsWith("./services/")) text = withValue(text, [...grant, index], moved(value));
      }
    }
  }
  return text;
}

/** The path with forward slashes; relative, unless the two have only the drive or the root in common. */
export function pathFrom(folder: string, target: string, paths: typeof nodePath = nodePath): string {
  const relative = paths.relative(folder, target);
  const stepsUp = relative.split(paths.sep).filter((step) => step === "..").length;
  const depth =
    folder.slice(paths.parse(folder).root.length).split(paths.sep).filter((name) => name !== "").length;
  const isFar = paths.isAbsolute(relative) || (stepsUp > 0 && stepsUp >= depth);
  const path = (isFar ? target : relative).split(paths.sep).join("/");
  return isFar || stepsUp > 0 ? path : `./${path}`;
}

/** Keeps comments and layout. */
function withValue(text: string, path: (string | number)[], value: string): string {
  return applyEdits(text, modify(text, path, value, {}));
}
