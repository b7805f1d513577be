/**
 * The pages and what they are made of: ours, or the user's own file of the same name in the theme folder. Names
 * have no way to say "elsewhere": what is not a plain name is no file.
 */
import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const pagesFolder = fileURLToPath(new URL("./pages/", import.meta.url));
const assetsFolder = join(pagesFolder, "assets");

/** As the index lists them. */
const ownPages = ["alerts", "chat", "goal", "leaderboard", "ticker"];

const contentTypes: Record<string, string> = {
  css: "text/css; charset=utf-8",
  gif: "image/gif",
  html: "text/html; charset=utf-8",
  jpg: "image/jpeg",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  ogg: "audio/ogg",
  png: "image/png",
  svg: "image/svg+xml",
  ttf: "font/ttf",
  wav: "audio/wav",
  webm: "video/webm",
  webp: "image/webp",
  woff2: "font/woff2",
};

const plainName = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.([a-z0-9]+)$/i;
/** Longer ones are no file's on any system, and asking for one is an error on some. */
const maxNameLength = 100;
/** Names that Windows takes for devices, with whatever ending. */
const deviceName = /^(?:con|prn|aux|nul|com\d|lpt\d)\./i;

export interface PageFile {
  content: Uint8Array<ArrayBuffer>;
  contentType: string;
}

/** Why a theme folder cannot be used, with what to do; null where it can. */
export async function folderProblem(folder: string): Promise<string | null> {
  try {
    await readdir(folder);
    return null;
  } catch (error) {
    const advice = error instanceof Deno.errors.NotCapable
      ? 'it may not be read: name it in the list "read" of "permissions", too'
      : "it is no folder that can be read: check its name";
    return `"theme_folder" is left out, ${folder}: ${advice}`;
  }
}

export class Files {
  readonly #themeFolder: string | undefined;

  constructor(themeFolder: string | undefined) {
    this.#themeFolder = themeFolder;
  }

  /** The file for a path of the address; null where there is none. Read anew each time, so that a theme can be tried. */
  async find(path: string): Promise<PageFile | null> {
    if (path === "/") return await this.#read(pagesFolder, "index.html");
    const [, folder, name] = path.match(/^\/(assets\/)?([^/]+)$/) ?? [];
    if (name === undefined) return null;
    return folder === undefined
      ? await this.#read(pagesFolder, `${name}.html`)
      : await this.#read(assetsFolder, name);
  }

  /** Ours, then the user's further ones. */
  async pages(): Promise<{ name: string; isOwn: boolean }[]> {
    const names = this.#themeFolder === undefined ? [] : await readdir(this.#themeFolder);
    const further = names.filter((name) => typeOf(name) === contentTypes["html"])
      .map((name) => name.slice(0, -".html".length))
      .filter((name) => name !== "index" && !ownPages.includes(name));
    return [
      ...ownPages.map((name) => ({ name, isOwn: true })),
      ...further.sort().map((name) => ({ name, isOwn: false })),
    ];
  }

  async #read(folder: string, name: string): Promise<PageFile | null> {
    const contentType = typeOf(name);
    if (contentType === null) return null;
    for (const from of [this.#themeFolder, folder]) {
      const content = from === undefined ? null : await contentOf(join(from, name));
      if (content !== null) return { content, contentType };
    }
    return null;
  }
}

function typeOf(name: string): string | null {
  if (name.length > maxNameLength || deviceName.test(name)) return null;
  const ending = name.match(plainName)?.[1];
  return ending === undefined ? null : contentTypes[ending.toLowerCase()] ?? null;
}

/** Null where there is no such file. A link is none: it could lead anywhere. */
async function contentOf(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    if (!(await lstat(path)).isFile()) return null;
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
