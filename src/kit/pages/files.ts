/**
 * The pages and what they are made of: the service's, or the user's own file of the same name in the theme folder.
 * Names have no way to say "elsewhere": what is not a plain name is no file.
 */
import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What pages need to talk to Livecue. */
const clientFolder = fileURLToPath(new URL("./client/", import.meta.url));

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
  readonly #folder: string;
  readonly #themeFolder: string | null;

  constructor(folder: string, themeFolder: string | null) {
    this.#folder = folder;
    this.#themeFolder = themeFolder;
  }

  /** The file for a path of the address; null where there is none. Read anew each time, so that a theme can be tried. */
  async find(path: string): Promise<PageFile | null> {
    if (path === "/") return await this.#read(this.#folder, "index.html");
    const [, folder, name] = path.match(/^\/(?:(assets|livecue)\/)?([^/]+)$/) ?? [];
    if (name === undefined) return null;
    if (folder === "livecue") return await fileIn([clientFolder], name);
    return folder === undefined
      ? await this.#read(this.#folder, `${name}.html`)
      : await this.#read(join(this.#folder, "assets"), name);
  }

  /** The service's by their names, then the user's further ones; the index is none of them. */
  async pages(): Promise<{ name: string; isOwn: boolean }[]> {
    const own = await pagesIn(this.#folder);
    const further = this.#themeFolder === null ? [] : await pagesIn(this.#themeFolder);
    return [
      ...own.map((name) => ({ name, isOwn: true })),
      ...further.filter((name) => !own.includes(name)).map((name) => ({ name, isOwn: false })),
    ];
  }

  #read(folder: string, name: string): Promise<PageFile | null> {
    return fileIn(this.#themeFolder === null ? [folder] : [this.#themeFolder, folder], name);
  }
}

async function pagesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => typeOf(name) === contentTypes["html"]);
  return names.map((name) => name.slice(0, -".html".length)).filter((name) => name !== "index").sort();
}

/** From the first of the folders that has it. */
async function fileIn(folders: readonly string[], name: string): Promise<PageFile | null> {
  const contentType = typeOf(name);
  if (contentType === null) return null;
  for (const folder of folders) {
    const content = await contentOf(join(folder, name));
    if (content !== null) return { content, contentType };
  }
  return null;
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
