/** A collector of OpenTelemetry: it takes metrics, spans and logs as JSON over HTTP, and remembers them. */

export type Attributes = Record<string, string | number>;

export interface Point {
  name: string;
  unit: string;
  kind: "sum" | "gauge" | "histogram";
  attributes: Attributes;
  /** Of a histogram, the number of its values. */
  value: number;
}

export interface SeenSpan {
  name: string;
  traceId: string;
  spanId: string;
  /** "" for the first span of a trace. */
  parentId: string;
  attributes: Attributes;
  /** Unix milliseconds. */
  start: number;
  end: number;
  /** 2 for an error. */
  status: number;
}

interface SentAttribute {
  key: string;
  value: { stringValue?: string; intValue?: string; doubleValue?: number };
}

interface SentPoint {
  attributes: SentAttribute[];
  asDouble?: number;
  asInt?: string;
  count?: string;
}

interface SentMetric {
  name: string;
  unit: string;
  sum?: { dataPoints: SentPoint[] };
  gauge?: { dataPoints: SentPoint[] };
  histogram?: { dataPoints: SentPoint[] };
}

interface SentSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  attributes: SentAttribute[];
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status: { code: number };
}

export class FakeCollector implements AsyncDisposable {
  readonly spans: SeenSpan[] = [];
  /** Everything that came, as text. */
  readonly bodies: { path: string; text: string }[] = [];
  readonly #points = new Map<string, Point>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #hangs: boolean;
  readonly #hanging = Promise.withResolvers<void>();
  readonly #asked = Promise.withResolvers<void>();
  #waiting: { isTrue: () => boolean; resolve: () => void }[] = [];

  /** A collector that `hangs` takes each request and never answers. */
  constructor({ hangs = false } = {}) {
    this.#hangs = hangs;
    const take = (request: Request) => this.#take(request);
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, take);
  }

  /** The variables that have a Deno program export to this collector. Metrics come every minute, and at its exit. */
  get env(): Record<string, string> {
    return {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.addr.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_TIMEOUT: this.#hangs ? "1000" : "30000",
      OTEL_BSP_SCHEDULE_DELAY: "100",
      OTEL_BSP_MAX_QUEUE_SIZE: "20000",
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "20000",
    };
  }

  /** Resolves at the first request. */
  get asked(): Promise<void> {
    return this.#asked.promise;
  }

  get points(): Point[] {
    return [...this.#points.values()];
  }

  /** The latest values with these attributes, among others, added up. */
  sum(name: string, attributes: Attributes = {}): number {
    return this.points.filter((point) => point.name === name && hasAll(point.attributes, attributes))
      .reduce((sum, { value }) => sum + value, 0);
  }

  /** Resolves when `isTrue` is, which is asked after each request. */
  async until(isTrue: () => boolean): Promise<void> {
    if (isTrue()) return;
    await new Promise<void>((resolve) => this.#waiting.push({ isTrue, resolve }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hanging.resolve();
    await this.#server.shutdown();
  }

  async #take(request: Request): Promise<Response> {
    const text = await request.text();
    this.#asked.resolve();
    if (this.#hangs) await this.#hanging.promise;
    const path = new URL(request.url).pathname;
    this.bodies.push({ path, text });
    if (path === "/v1/metrics") this.#takeMetrics(JSON.parse(text));
    if (path === "/v1/traces") this.#takeSpans(JSON.parse(text));
    this.#waiting = this.#waiting.filter(({ isTrue, resolve }) => !isTrue() || resolve());
    return Response.json({});
  }

  #takeMetrics(body: { resourceMetrics: { scopeMetrics: { metrics: SentMetric[] }[] }[] }): void {
    for (const metric of scopesOf(body.resourceMetrics, "scopeMetrics", "metrics")) {
      const { name, unit } = metric;
      for (const kind of ["sum", "gauge", "histogram"] as const) {
        for (const point of metric[kind]?.dataPoints ?? []) {
          const attributes = attributesOf(point.attributes);
          const value = point.asDouble ?? Number(point.asInt ?? point.count);
          this.#points.set(JSON.stringify([name, attributes]), { name, unit, kind, attributes, value });
        }
      }
    }
  }

  #takeSpans(body: { resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[] }): void {
    for (const span of scopesOf(body.resourceSpans, "scopeSpans", "spans")) {
      this.spans.push({
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentId: span.parentSpanId,
        attributes: attributesOf(span.attributes),
        start: Number(span.startTimeUnixNano) / 1e6,
        end: Number(span.endTimeUnixNano) / 1e6,
        status: span.status.code,
      });
    }
  }
}

function scopesOf<Scopes extends string, Entries extends string, Entry>(
  resources: Record<Scopes, Record<Entries, Entry[]>[]>[],
  scopes: Scopes,
  entries: Entries,
): Entry[] {
  return resources.flatMap((resource) => resource[scopes].flatMap((scope) => scope[entries]));
}

function attributesOf(sent: SentAttribute[]): Attributes {
  const sorted = sent.toSorted((a, b) => a.key < b.key ? -1 : 1);
  return Object.fromEntries(
    sorted.map(({ key, value: { stringValue, intValue, doubleValue } }) => [
      key,
      stringValue ?? Number(intValue ?? doubleValue),
    ]),
  );
}

function hasAll(attributes: Attributes, wanted: Attributes): boolean {
  return Object.entries(wanted).every(([key, value]) => attributes[key] === value);
}
