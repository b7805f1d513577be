/**
 * Runs one target in its own process, so that an input that takes all the time or memory is known too: NUMBER_FILE
 * always contains the number of the current input. Arguments: NAME SECONDS SEED NUMBER_FILE [PATH]. The report is the
 * last line.
 */
import { fuzz } from "./fuzzing.ts";
import { loadTarget } from "./targets.ts";

// An input that is cut off by the time limit may have the console taken away.
const tell = console.log;
const [name = "", seconds, seed, numberFile = "", path] = Deno.args;
using file = Deno.openSync(numberFile, { write: true, create: true });
const number = new Float64Array(1);
const bytes = new Uint8Array(number.buffer);

const report = await fuzz(await loadTarget(name), {
  seed: Number(seed),
  seconds: Number(seconds),
  path,
  onInput(input) {
    number[0] = input;
    file.seekSync(0, Deno.SeekMode.Start);
    file.writeSync(bytes);
  },
});
tell(JSON.stringify(report));
// Whatever an input left running is no reason to go on.
Deno.exit(0);
