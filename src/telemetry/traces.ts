/** Code that continues a trace, and Deno's own spans, in any thread. */
import { context, type Span, trace } from "@opentelemetry/api";

/** Runs code as a part of a trace, which is given as a `traceparent` of W3C Trace Context, or as a part of none. */
export type ContinueTrace = <Result>(trace: string | undefined, run: () => Result) => Result;

/** For W3C Trace Context. */
const version = "00";

/** The `traceparent` of a span. */
export function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `${version}-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

export const continueTrace: ContinueTrace = (traceparent, run) => {
  if (traceparent === undefined) return run();
  const [, traceId = "", spanId = "", flags = ""] = traceparent.split("-");
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return context.with(trace.setSpanContext(context.active(), parent), run);
};

/** Attributes of Deno's spans that may contain an address with its secrets. */
const hidden = new Set(["url.path", "url.query", "exception.message", "exception.stacktrace"]);

/** Deno's spans of requests are of the same class as all others, and set each attribute with this method. */
export function hideAddresses(): void {
  const prototype: Span = Object.getPrototypeOf(trace.getTracer("livecue").startSpan("unused"));
  const { setAttribute, setStatus } = prototype;
  prototype.setAttribute = function (key, value) {
    if (hidden.has(key)) return this;
    if (key !== "url.full") return setAttribute.call(this, key, value);
    const address = URL.parse(String(value));
    if (address === null) return this;
    setAttribute.call(this, "server.address", address.hostname);
    return address.port === "" ? this : setAttribute.call(this, "server.port", Number(address.port));
  };
  prototype.setStatus = function ({ code }) {
    return setStatus.call(this, { code });
  };
}
