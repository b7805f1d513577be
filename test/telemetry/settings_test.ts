import assert from "node:assert/strict";
import { endpointOf, telemetryMistakes } from "../../src/telemetry/settings.ts";
import { startProgramWith, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const of = (variables: Record<string, string>) => (name: string) => variables[name];
const mistakesIn = (variables: Record<string, string>) =>
  telemetryMistakes(of({ OTEL_DENO: "true", ...variables }));

Deno.test("A value that Deno ignores gets a sentence that says what to do", () => {
  const cases: [Record<string, string>, string][] = [
    [{ OTEL_DENO: "1" }, 'OTEL_DENO is "1", which Deno ignores. Set it to "true" or "false".'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: "localhost:4318" },
      "OTEL_EXPORTER_OTLP_ENDPOINT is no web address, so Deno sends nothing to it. It must start with http:// or " +
      "https://, as http://localhost:4318.",
    ],
    [
      { OTEL_METRIC_EXPORT_INTERVAL: "5s" },
      'OTEL_METRIC_EXPORT_INTERVAL is "5s", which Deno ignores. Set it to a whole number above 0.',
    ],
    [
      { OTEL_TRACES_SAMPLER_ARG: "10%" },
      'OTEL_TRACES_SAMPLER_ARG is "10%", which is no number from 0 to 1. Set it to the share of the traces that you ' +
      "want.",
    ],
    [
      { OTEL_SDK_DISABLED: "true" },
      'OTEL_SDK_DISABLED is "true", so there is no telemetry, whatever OTEL_DENO says.',
    ],
  ];
  for (const [variables, sentence] of cases) assert.deepEqual(mistakesIn(variables), [sentence]);
});

Deno.test("Right values, and variables without OTEL_DENO, get none", () => {
  const right = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://user:secret@collector.example:4318",
    OTEL_METRIC_EXPORT_INTERVAL: "5000",
    OTEL_TRACES_SAMPLER_ARG: "0.1",
    OTEL_BSP_MAX_QUEUE_SIZE: "",
  };
  assert.deepEqual(mistakesIn(right), []);
  assert.deepEqual(telemetryMistakes(of({ OTEL_EXPORTER_OTLP_ENDPOINT: "nonsense" })), []);
  assert.deepEqual(telemetryMistakes(of({ OTEL_DENO: "False", OTEL_TRACES_SAMPLER_ARG: "x" })), []);
});

Deno.test("The log names where telemetry goes, without a password", () => {
  const endpoint = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://user:secret@collector.example:4318/path?key=secret",
  };
  assert.equal(endpointOf(of(endpoint)), "https://collector.example:4318");
  assert.equal(endpointOf(of({})), "http://localhost:4318");
  assert.equal(endpointOf(of({ OTEL_EXPORTER_OTLP_PROTOCOL: "console" })), null);
  assert.equal(
    endpointOf(of({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://127.0.0.1:9090/metrics" })),
    null,
  );
});

Deno.test("A run says that OTEL_DENO has a wrong value, and goes on without telemetry", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {});
    const args = ["demo", "--plain", "--for", "0.1", "--database", "livecue.db"];
    const { code, stdout, stderr } = await startProgramWith({ OTEL_DENO: "yes" }, folder, ...args).ended;
    assert.match(stderr, /OTEL_DENO is "yes", which Deno ignores/);
    assert.doesNotMatch(stdout, /are sent to/);
    assert.equal(code, 0);
  });
});

Deno.test("Deno refuses a protocol and a sampler that it does not know, before Livecue starts", async () => {
  await withFolder(async (folder) => {
    for (
      const [name, value] of [["OTEL_EXPORTER_OTLP_PROTOCOL", "xml"], ["OTEL_TRACES_SAMPLER", "sometimes"]]
    ) {
      const env = { OTEL_DENO: "true", [name as string]: value as string };
      const { code, stderr } = await startProgramWith(env, folder, "version").ended;
      assert.match(stderr, new RegExp(`${name} specifies an unsupported .*: ${value}`));
      assert.equal(code, 1);
    }
  });
});
