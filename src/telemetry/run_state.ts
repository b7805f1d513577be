/** The metrics that OpenTelemetry asks for at each export: the state of the services and the sources. */
import type { Meter } from "@opentelemetry/api";
import type { ObservedRun, ObservedService } from "../run_observer.ts";
import type { ServicePhase } from "../service_state.ts";
import { labels, sourceLabel } from "./labels.ts";

type ConnectionPhase = ReturnType<ObservedRun["sources"]>[number]["connection"]["phase"];

const servicePhases = keysOf<ServicePhase>({
  starting: true,
  running: true,
  paused: true,
  "backing off": true,
  "switched off": true,
  stopping: true,
  stopped: true,
  stuck: true,
  "not processed": true,
});

const connectionPhases = keysOf<ConnectionPhase>({
  idle: true,
  looking_up: true,
  connecting: true,
  listening: true,
  live: true,
  waiting: true,
  reconnecting: true,
  ended: true,
});

function keysOf<Key extends string>(keys: Record<Key, true>): Key[] {
  return Object.keys(keys) as Key[];
}

/** The numbers of each service. */
const gauges = [
  {
    name: "livecue.queue.depth",
    description: "Items that wait in the queue.",
    valueOf: ({ pending }: ObservedService) => pending,
  },
  {
    name: "livecue.queue.limit",
    description: "How many items may wait in the queue.",
    valueOf: ({ maxQueueSize }: ObservedService) => maxQueueSize,
  },
  {
    name: "livecue.worker.items",
    description: "Items that the worker has.",
    valueOf: ({ inFlight }: ObservedService) => inFlight,
  },
];

export function watchRun(meter: Meter, run: ObservedRun): void {
  const { service } = labels;
  for (const { name, description, valueOf } of gauges) {
    meter.createObservableGauge(name, { unit: "{item}", description }).addCallback((result) => {
      for (const each of run.services()) result.observe(valueOf(each), { [service]: each.slug });
    });
  }
  const description = "Workers that had to be replaced.";
  meter.createObservableCounter("livecue.worker.restarts", { unit: "{restart}", description })
    .addCallback((result) => {
      for (const { slug, restarts } of run.services()) result.observe(restarts, { [service]: slug });
    });
  watchStates(meter, run);
}

/** A state is a gauge for each possible value: 1 for the current one, 0 for the others. */
function watchStates(meter: Meter, run: ObservedRun): void {
  const { service, source, state } = labels;
  const ofServices = {
    unit: "{service}",
    description: "1 for the current state of a service, 0 for the others.",
  };
  meter.createObservableGauge("livecue.service.state", ofServices).addCallback((result) => {
    for (const { slug, phase } of run.services()) {
      for (const each of servicePhases) {
        const attributes = { [service]: slug, [state]: each.replaceAll(" ", "_") };
        result.observe(each === phase ? 1 : 0, attributes);
      }
    }
  });
  const ofSources = {
    unit: "{source}",
    description: "1 for the current state of a connection, 0 for the others.",
  };
  meter.createObservableGauge("livecue.source.state", ofSources).addCallback((result) => {
    for (const { name, connection: { phase } } of run.sources()) {
      for (const each of connectionPhases) {
        result.observe(each === phase ? 1 : 0, { [source]: sourceLabel(name), [state]: each });
      }
    }
  });
}
