/** Opens the workers of a host, each by the `isolation` of its service. */
import type { Clock } from "../clock.ts";
import { openProcess } from "../runner/process_transport.ts";
import { SharedWorkers } from "../runner/shared_transport.ts";
import { openWorker, type Transport, type TransportOptions } from "../runner/transport.ts";

export function localWorkers({ clock }: { clock: Clock }): (options: TransportOptions) => Transport {
  const shared = new SharedWorkers({ clock });
  return (options) => {
    switch (options.service.isolation) {
      case "worker":
        return openWorker(options);
      case "process":
        return openProcess(options);
      case "shared":
        return shared.open(options);
    }
  };
}
