import type { FromWorker, ToWorker } from "./worker.ts";

export async function withBareWorker<Result>(use: (worker: Worker) => Promise<Result>): Promise<Result> {
  const worker = new Worker(new URL("worker.ts", import.meta.url), { type: "module" });
  try {
    return await use(worker);
  } finally {
    worker.terminate();
  }
}

export function ask(worker: Worker, message: ToWorker): Promise<FromWorker> {
  return new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => resolve(data);
    worker.postMessage(message);
  });
}
