/** All benchmarks, in the order in which they are run; each is `bench/NAME.ts`. */
export const names = [
  "pipeline",
  "peers",
  "postgres",
  "latency",
  "growth",
  "idle",
  "rooms",
  "sources",
  "queue",
  "services",
  "pages",
  "speech",
  "sampler",
  "store",
  "readings",
  "peebot",
] as const;

/** Those whose targets are ratios within one run, so that a test can hold them on any machine. */
export const namesWithRatios: readonly (typeof names[number])[] = [
  "pipeline",
  "sources",
  "queue",
  "sampler",
  "postgres",
];
