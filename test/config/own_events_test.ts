import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";

const path = "/home/ana/livecue/config.jsonc";

function warningsOf(services: Record<string, { emits?: string[]; subscriptions: Record<string, unknown> }>) {
  const classes = Object.entries(services).map(([slug, each]) => [slug, { service_class: "a.ts", ...each }]);
  return parseConfig(JSON.stringify({ services: Object.fromEntries(classes) }), { path }).warnings;
}

Deno.test("A service that subscribes to what only it emits is told that it gets none of it", () => {
  const [warning, ...more] = warningsOf({
    wheel: { emits: ["SpinEvent"], subscriptions: { SpinEvent: {}, GiftEvent: {} } },
  });
  assert.match(
    warning ?? "",
    /services\.wheel\.subscriptions\.SpinEvent: only wheel emits SpinEvent, and no /,
  );
  assert.deepEqual(more, []);
});

Deno.test("A type that another service or a source brings as well is no matter", () => {
  assert.deepEqual(
    warningsOf({
      wheel: {
        emits: ["SpinEvent", "OrderEvent"],
        subscriptions: { SpinEvent: {}, OrderEvent: {}, "*": {} },
      },
      dice: { emits: ["SpinEvent"], subscriptions: {} },
    }),
    [],
  );
});
