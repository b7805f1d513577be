/**
 * The part of the fence for `node:sqlite`. Some of SQLite's settings apply to the whole process, where
 * Livecue's own database is open: with a memory limit of one byte, for example, Livecue could store nothing
 * any more.
 */
import type { DatabaseSync } from "node:sqlite";
import { lock, refuse } from "./refusal.ts";

/** SQL cannot assemble a name from parts, so a search for the name finds every use. */
const ofTheProcess = ["heap_limit", "store_directory"];

const { apply } = Reflect;
const { call } = Function.prototype;
const lowerCase: (text: string) => string = call.bind(String.prototype.toLowerCase);
const includes: (text: string, part: string) => boolean = call.bind(String.prototype.includes);

/** Replaces methods of the class, so no export changes. */
export function fenceDatabases(sqlite: Record<string, unknown>): string[] {
  const Database = sqlite["DatabaseSync"] as typeof DatabaseSync;
  const original = Object.getPrototypeOf(Database.prototype) as DatabaseSync;
  const { prepare, exec } = original;
  lock(original, "prepare", function (this: DatabaseSync, ...args: unknown[]) {
    check(args[0]);
    return apply(prepare, this, args);
  });
  lock(original, "exec", function (this: DatabaseSync, ...args: unknown[]) {
    check(args[0]);
    return apply(exec, this, args);
  });
  // It prepares its statements where the fence cannot check them.
  lock(original, "createTagStore", refuse("createTagStore"));
  return [];
}

function check(sql: unknown): void {
  if (typeof sql !== "string") return;
  const text = lowerCase(sql);
  for (let i = 0; i < ofTheProcess.length; i++) {
    const setting = ofTheProcess[i] as string;
    if (includes(text, setting)) refuse(`SQLite's ${setting}`)();
  }
}
