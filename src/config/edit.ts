/** Changes to the text of a config file that keep its comments and layout. */
import nodePath from "node:path";
import { pathToFileURL } from "node:url";
import { applyEdits, findNodeAtLocation, modify } from "jsonc-parser";
import { UserError } from "../user_error.ts";
import { bareHandle, handleWords } from "./handle.ts";
import { parseSyntax, plainValue, withoutMark } from "./syntax.ts";

/** The text with `tiktok.user` set to the bare handle, "" for a blank. Throws a UserError where it cannot. */
export function setUser(text: string, username: string): string {
  const handle = bareHandle(username);
  if (handle === null) {
    throw new UserError(`${JSON.stringify(username)} is no TikTok handle. Give ${handleWords}.`);
  }
  const { root, findings } = parseSyntax(text);
  const tiktok = root && findNodeAtLocation(root, ["tiktok"]);
  const isWritable = root?.type === "object" && (tiktok?.type ?? "object") === "object";
  if (!isWritable || findings.length > 0) {
    throw new UserError("The user cannot be written into the config file: it has mistakes. Mend them first.");
  }
  return withValue(text, ["tiktok", "user"], handle);
}

/**
 * The example as it should be written into `configFolder`: the paths that lead into the project (`$schema`,
 * each `service_class`, and what a service may read or write below `./services`) still do so from there. Both folders are absolute.
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
    // Editors take an absolute address here, but not an absolute path.
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

/** With forward slashes; relative, unless the two have nothing in common but the drive or the root. */
function pathFrom(folder: string, target: string, paths: nodePath.PlatformPath): string {
  const relative = paths.relative(folder, target);
  const stepsUp = relative.split(paths.sep).filter((step) => step === "..").length;
  const depth =
    folder.slice(paths.parse(folder).root.length).split(paths.sep).filter((name) => name !== "").length;
  const isFar = paths.isAbsolute(relative) || (stepsUp > 0 && stepsUp >= depth);
  const path = (isFar ? target : relative).split(paths.sep).join("/");
  return isFar || stepsUp > 0 ? path : `./${path}`;
}

function withValue(fileText: string, path: (string | number)[], value: string): string {
  const text = withoutMark(fileText);
  const mark = fileText.slice(0, fileText.length - text.length);
  const edits = modify(text, path, value, {
    formattingOptions: { insertSpaces: true, tabSize: 2, eol: text.includes("\r\n") ? "\r\n" : "\n" },
    // A key that is not there yet comes first: after the last, it would part a comment from what it is about.
    getInsertionIndex: () => 0,
  });
  return mark + applyEdits(text, edits);
}
