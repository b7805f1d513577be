/** A program with telemetry whose span has an address as a hostile client may send it. */
import { trace } from "@opentelemetry/api";
import { openTraces } from "../../src/telemetry/telemetry.ts";

await openTraces();
const span = trace.getTracer("test").startSpan("GET");
span.setAttribute("http.request.method", "GET");
span.setAttribute("url.full", "http://[SECRET");
span.end();
Deno.exit(0);
