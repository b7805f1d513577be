/**
 * What a worker guards before it loads any code of a service: uncaught errors (one would end the whole process),
 * permission requests (they would ask at the terminal), and exits (they end a worker without any event).
 */
import { failureText } from "../failure.ts";
import { describeFailure } from "./failure.ts";
import { lock } from "./refusal.ts";

/**
 * Reports an uncaught error of the service with its stack; the worker goes on. Deno reports one through the global
 * `dispatchEvent`. It prints the error on the terminal and ends the worker if a listener throws, or if nobody prevents
 * that. So these events go to `report` only, and to no listener.
 */
export function reportUncaught(report: (text: string) => void): void {
  const { dispatchEvent } = globalThis;
  const { apply, defineProperty } = Reflect;
  const typeOf = Object.getOwnPropertyDescriptor(Event.prototype, "type")?.get as () => string;
  lock(globalThis, "dispatchEvent", (event: Event) => {
    const type = apply(typeOf, event, []);
    if (type !== "error" && type !== "unhandledrejection") return apply(dispatchEvent, globalThis, [event]);
    try {
      const { error, reason } = event as ErrorEvent & PromiseRejectionEvent;
      const [what, thrown] = type === "error" ? ["uncaught error", error] : ["unhandled rejection", reason];
      report(`${what}: ${failureText(describeFailure(thrown))}`);
    } catch {
      // The service replaced something that the report needs.
    }
    defineProperty(event, "defaultPrevented", { value: true });
    return false;
  });
}

/** Answers a permission request like a query, because only the config grants permissions. */
export function answerPermissionRequests(): void {
  const permissions = Deno.permissions;
  permissions.request = (descriptor) => permissions.query(descriptor);
  permissions.requestSync = (descriptor) => permissions.querySync(descriptor);
}

/** Announces an exit just before it. Otherwise only the heartbeat would notice it, seconds later. */
export function announceExit(announce: (how: string) => void): void {
  const exit = Deno.exit;
  const worker = globalThis as unknown as { close(): void };
  const close = worker.close.bind(worker);
  Deno.exit = (code?: number) => {
    announce(`it called Deno.exit with code ${code ?? 0}`);
    return exit(code);
  };
  worker.close = () => {
    announce("it called close");
    close();
  };
}
