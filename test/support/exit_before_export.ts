/** A program with telemetry that exits as Livecue does, with code 3, shortly before an export of its metrics. */
import { trace } from "@opentelemetry/api";
import { systemClock } from "../../src/clock.ts";
import { prepareExit } from "../../src/commands/telemetry_exit.ts";

const beforeExit = await prepareExit();
trace.getTracer("test").startSpan("last").end();
const intervalMs = Number(Deno.env.get("OTEL_METRIC_EXPORT_INTERVAL"));
await new Promise<void>((resolve) => systemClock.after(intervalMs - 800, resolve));
await beforeExit();
Deno.exit(3);
