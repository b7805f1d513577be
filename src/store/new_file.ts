/** A file that appears whole or not at all, and in no other's place. */
import { existsSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { UserError } from "../user_error.ts";

/**
 * Has `make` write a file of another name in the folder of `path`, brings it safely to the disk, and gives it its name.
 * Where something throws nothing is left of it. Throws a `UserError` where there is a file of that name already.
 */
export function makeNewFile<Result>(path: string, make: (temporary: string) => Result): Result {
  const target = resolve(path);
  refuse(target);
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

/** `name`, or with a number where there is such a file already. */
export function freeName(name: string): string {
  for (let number = 1;; number += 1) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (!isThere(candidate)) return candidate;
  }
}

/** Whether there is anything of this name. */
export function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function refuse(target: string): void {
  const folder = dirname(target);
  if (lookAt(folder)?.isDirectory !== true) {
    throw new UserError(`There is no folder ${folder}. Make it, or name another file.`);
  }
  if (lookAt(target) !== null) {
    throw new UserError(`${target} exists already, and is not written over. Name another file.`);
  }
}

/** A link fails where there is a file meanwhile; some disks know none. */
function publish(temporary: string, target: string): void {
  try {
    Deno.linkSync(temporary, target);
  } catch (error) {
    refuse(target);
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

/** So that the name is on the disk, too. Windows knows no such thing, and does it by itself. */
function syncFolder(folder: string): void {
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
      `${basename(path)} cannot be looked at: ${(error as Error).message}. Name another file.`,
    );
  }
}

/** A name that is too long is nobody's. */
function remove(path: string): void {
  if (existsSync(path)) Deno.removeSync(path);
}
