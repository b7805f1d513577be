/** Reports when an event is due. Sleeps until then, and does not depend on the main thread's load. */
import { clock, type Pace } from "./pace.ts";

const main = self as unknown as Worker;

main.onmessage = ({ data: { begin, ratePerSecond, count } }: MessageEvent<Pace & { begin: number }>) => {
  const asleep = new Int32Array(new SharedArrayBuffer(4));
  let told = 0;
  while (told < count) {
    const rest = begin + told * 1000 / ratePerSecond - clock();
    if (rest > 0) Atomics.wait(asleep, 0, 0, rest);
    const due = Math.min(count, Math.floor((clock() - begin) * ratePerSecond / 1000) + 1);
    if (due === told) continue;
    told = due;
    main.postMessage(told);
  }
};
