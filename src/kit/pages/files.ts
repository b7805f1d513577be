/**
 * Finds pages and their files: the service's, or a file of the same name in the user's theme folder. Only plain names
 * are files, so a name cannot lead to another folder.
 */
import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spoken, t } from "../../language.ts";

/** The scripts that connect pages to Livecue. */
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
/** Longer names do not exist on any system, and looking for one is an error on some. */
const maxNameLength = 100;
/** Device names on Windows, with any extension. */
const deviceName = /^(?:con|prn|aux|nul|com\d|lpt\d)\./i;

/** A file is in memory while it is sent. */
const maxFileBytes = 100 * 2 ** 20;

const encoder = new TextEncoder();

export interface PageFile {
  content: Uint8Array<ArrayBuffer>;
  contentType: string;
}

function jsonFile(value: unknown): PageFile {
  return { content: encoder.encode(JSON.stringify(value)), contentType: contentTypes["json"] as string };
}

/** Why a theme folder cannot be used, and what to do; null if it can. */
export async function folderProblem(folder: string): Promise<string | null> {
  try {
    await readdir(folder);
    return null;
  } catch (error) {
    return error instanceof Deno.errors.NotCapable
      ? t`"theme_folder" is ignored (${folder}): it may not be read; also add it to the list "read" of "permissions"`
      : t`"theme_folder" is ignored (${folder}): it is not a readable folder; check its name`;
  }
}

export interface FilesOptions {
  folder: string;
  themeFolder: string | null;
  /** The content of further files in `assets`, by name. */
  assets: Record<string, string>;
}

export class Files {
  readonly #folder: string;
  readonly #themeFolder: string | null;
  readonly #assets: Record<string, string>;

  constructor({ folder, themeFolder, assets }: FilesOptions) {
    this.#folder = folder;
    this.#themeFolder = themeFolder;
    this.#assets = assets;
  }

  /** The file for a URL path; null if there is none. It is read each time, so that theme changes show at once. */
  async find(path: string): Promise<PageFile | null> {
    if (path === "/") return await this.#read(this.#folder, "index.html");
    const [, folder, name] = path.match(/^\/(?:(assets|livecue)\/)?([^/]+)$/) ?? [];
    if (name === undefined) return null;
    if (folder === "livecue" && name === "language.json") return jsonFile(spoken());
    if (folder === "livecue") return await fileIn([clientFolder], name);
    if (folder === undefined) return await this.#read(this.#folder, `${name}.html`);
    return await this.#read(join(this.#folder, "assets"), name) ?? this.#asset(name);
  }

  /** The service's pages by name, then the user's additional ones; without the index. */
  async pages(): Promise<{ name: string; isOwn: boolean }[]> {
    const own = await pagesIn(this.#folder);
    const further = this.#themeFolder === null ? [] : await pagesIn(this.#themeFolder);
    return [
      ...own.map((name) => ({ name, isOwn: true })),
      ...further.filter((name) => !own.includes(name)).map((name) => ({ name, isOwn: false })),
    ];
  }

  #asset(name: string): PageFile | null {
    const contentType = typeOf(name);
    if (contentType === null || !Object.hasOwn(this.#assets, name)) return null;
    return { content: encoder.encode(this.#assets[name]), contentType };
  }

  #read(folder: string, name: string): Promise<PageFile | null> {
    return fileIn(this.#themeFolder === null ? [folder] : [this.#themeFolder, folder], name);
  }
}

async function pagesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => typeOf(name) === contentTypes["html"]);
  return names.map((name) => name.slice(0, -".html".length)).filter((name) => name !== "index").sort();
}

/** The file from the first folder that has it. */
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

/** null if there is no such file, or if it is too large. Links are ignored, because they could lead anywhere. */
async function contentOf(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const found = await lstat(path);
    if (!found.isFile() || found.size > maxFileBytes) return null;
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
