/** The metrics that OpenTelemetry asks for at each export: the state of the services and the sources. */
import type {
  Attributes,
  Meter,
  Observable,
  ObservableCallback,
  ObservableCounter,
  ObservableGauge,
  ObservableResult,
} from "@opentelemetry/api";
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

export class RunStates {
  readonly #meter: Meter;
  readonly #gauges: { instrument: ObservableGauge; valueOf(service: ObservedService): number }[];
  readonly #restarts: ObservableCounter;
  readonly #services: ObservableGauge;
  readonly #sources: ObservableGauge;

  constructor(meter: Meter) {
    this.#meter = meter;
    this.#gauges = gauges.map(({ name, description, valueOf }) => ({
      instrument: this.#gauge(name, "{item}", description),
      valueOf,
    }));
    this.#restarts = meter.createObservableCounter("livecue.worker.restarts", {
      unit: "{restart}",
      description: "Workers that had to be replaced.",
    });
    this.#services = this.#gauge(
      "livecue.service.state",
      "{service}",
      "1 for the current state of a service, 0 for the others.",
    );
    this.#sources = this.#gauge(
      "livecue.source.state",
      "{source}",
      "1 for the current state of a connection, 0 for the others.",
    );
  }

  /** Asks `run` at each export, until the returned function is called. `room`: more labels. */
  watch(run: ObservedRun, room: Attributes): () => void {
    const { service } = labels;
    const asked: [Observable, ObservableCallback][] = [
      ...this.#gauges.map(({ instrument, valueOf }): [Observable, ObservableCallback] => [
        instrument,
        (result) => {
          for (const each of run.services()) result.observe(valueOf(each), { [service]: each.slug, ...room });
        },
      ]),
      [this.#restarts, (result) => {
        for (const { slug, restarts } of run.services()) {
          result.observe(restarts, { [service]: slug, ...room });
        }
      }],
      [this.#services, (result) => {
        for (const { slug, phase } of run.services()) {
          observeState(result, { current: phase, all: servicePhases }, { [service]: slug, ...room });
        }
      }],
      [this.#sources, (result) => {
        for (const { name, connection: { phase } } of run.sources()) {
          const attributes = { [labels.source]: sourceLabel(name), ...room };
          observeState(result, { current: phase, all: connectionPhases }, attributes);
        }
      }],
    ];
    for (const [instrument, callback] of asked) instrument.addCallback(callback);
    return () => {
      for (const [instrument, callback] of asked) instrument.removeCallback(callback);
    };
  }

  #gauge(name: string, unit: string, description: string): ObservableGauge {
    return this.#meter.createObservableGauge(name, { unit, description });
  }
}

/** A state is a gauge for each possible value: 1 for the current one, 0 for the others. */
function observeState<Phase extends string>(
  result: ObservableResult,
  { current, all }: { current: Phase; all: readonly Phase[] },
  attributes: Attributes,
): void {
  for (const each of all) {
    result.observe(each === current ? 1 : 0, { ...attributes, [labels.state]: each.replaceAll(" ", "_") });
  }
}
