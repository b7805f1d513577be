/** Creates a file atomically, never replacing an existing one. */
import { existsSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";

/**
 * Has `make` write a temporary file in the folder of `path`, syncs it to the disk, and renames it. If anything
 * throws, the temporary file is removed. Throws a `UserError` if `path` exists already.
 */
export function makeNewFile<Result>(path: string, make: (temporary: string) => Result): Result {
  const target = resolve(path);
  refuseExisting(target);
  const temporary = freeName(`${target}.part`);
  try {
    const result = make(temporary);
    syncFile(temporary);
    publish(temporary, target);
    syncFolder(dirname(target));
    return result;
  } finally {
    for (const part of [temporary, `${temporary}-wal`, `${temporary}-shm`, `${temporary}-journal`]) {
      remove(part);
    }
  }
}

/** `name`, with a number appended if such a file exists. */
export function freeName(name: string): string {
  for (let number = 1;; number += 1) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!exists(candidate)) return candidate;
  }
}

/** Whether a file, folder or link of this name exists. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Throws a `UserError` if something of this name exists, or if its folder does not. */
export function refuseExisting(path: string): void {
  const target = resolve(path);
  const folder = dirname(target);
  if (lookAt(folder)?.isDirectory !== true) {
    throw new UserError(t`There is no folder ${folder}. Create it, or name another file.`);
  }
  if (lookAt(target) !== null) {
    throw new UserError(t`${target} already exists and is not overwritten. Name another file.`);
  }
}

/**
 * Linking fails if the target has appeared in the meantime. Some file systems have no links, so rename is the
 * fallback.
 */
function publish(temporary: string, target: string): void {
  try {
    Deno.linkSync(temporary, target);
  } catch (error) {
    refuseExisting(target);
    if (error instanceof Deno.errors.AlreadyExists) throw error;
    Deno.renameSync(temporary, target);
  }
}

function syncFile(path: string): void {
  const file = Deno.openSync(path, { read: true, write: true });
  try {
    file.syncSync();
  } finally {
    file.close();
  }
}

/** Brings the file's name to the disk. Windows does this itself and cannot sync a folder. */
export function syncFolder(folder: string): void {
  try {
    const opened = Deno.openSync(folder, { read: true });
    try {
      opened.syncSync();
    } finally {
      opened.close();
    }
  } catch (error) {
    if (Deno.build.os !== "windows" && !(error instanceof Deno.errors.PermissionDenied)) throw error;
  }
}

function lookAt(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new UserError(
      t`${basename(path)} cannot be accessed: ${(error as Error).message}. Name another file.`,
    );
  }
}

/** `existsSync` returns false for a name that is too long. */
function remove(path: string): void {
  if (existsSync(path)) Deno.removeSync(path);
}
