/** Databases with damaged pages. */
import { DatabaseSync } from "node:sqlite";

/** Fills whole pages of a table's or index's leaves with what is none, and returns how many. */
export function spoilPages(
  path: string,
  name: string,
  chosen: (index: number, pages: number) => boolean,
): number {
  const database = new DatabaseSync(path);
  const pages = database.prepare("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'").all(name);
  database.close();
  const file = Deno.openSync(path, { read: true, write: true });
  const bad = pages.filter((_, index) => chosen(index, pages.length));
  for (const { pageno } of bad) {
    file.seekSync((Number(pageno) - 1) * 4096, Deno.SeekMode.Start);
    file.writeSync(new Uint8Array(4096).fill(0x5a));
  }
  file.close();
  return bad.length;
}
