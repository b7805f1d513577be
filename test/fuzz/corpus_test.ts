/**
 * Inputs for which a fuzzer once failed must not fail again. corpus/TARGET.ts contains each input as the failure's
 * report gave it.
 */
import { hold } from "./fuzzing.ts";
import { loadTarget } from "./targets.ts";

const folder = new URL("corpus/", import.meta.url);

for (const { name: file } of Deno.readDirSync(folder)) {
  const name = file.replace(/\.ts$/, "");
  const { past } = await import(new URL(file, folder).href);
  Deno.test(`${name}: ${past.length} inputs that once failed hold`, async () => {
    const target = await loadTarget(name);
    for (const input of past) await hold(target, input);
  });
}
