/** The traces of the whole program, with a collector of OpenTelemetry. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { FakeCollector, type SeenSpan } from "../support/fake_collector.ts";
import { startProgramWith, writeConfig } from "../support/livecue.ts";
import { probe } from "../support/telemetry_probes.ts";
import { withFolder } from "../support/temporary_store.ts";

const demo = ["demo", "--plain", "--seed", "4", "--rate", "200", "--for", "1", "--database", "livecue.db"];

async function traced(
  services: Record<string, unknown>,
  look: (collector: FakeCollector) => void,
  env: Record<string, string> = {},
): Promise<void> {
  await withFolder(async (folder) => {
    writeConfig(folder, { services });
    await using collector = new FakeCollector();
    const { code, stderr } = await startProgramWith({ ...collector.env, ...env }, folder, ...demo).ended;
    assert.equal(code, 0, stderr);
    look(collector);
  });
}

/** The first span of this name, with its parents, the nearest first. */
function wayTo(name: string, { spans }: FakeCollector): SeenSpan[] {
  const way: SeenSpan[] = [];
  for (let span = spans.find((span) => span.name === name); span !== undefined;) {
    way.push(span);
    const { parentId } = span;
    span = spans.find(({ spanId }) => spanId === parentId);
  }
  return way;
}

const names = (spans: SeenSpan[]) => spans.map(({ name }) => name);

for (const isolation of ["worker", "process"]) {
  Deno.test(`A request of a service in a ${isolation} is a part of the trace of the event, without its secrets`, async () => {
    const requests: string[] = [];
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      requests.push(request.headers.get("traceparent") ?? "");
      return new Response();
    });
    const address = `http://127.0.0.1:${server.addr.port}`;
    await traced({ web: probe("fetch", { CommentEvent: {} }, { address, isolation }) }, (collector) => {
      const way = wayTo("GET", collector);
      assert.deepEqual(names(way), ["GET", "process web", "receive CommentEvent"]);
      assert.equal(way.at(-1)?.parentId, "");
      assert.equal(new Set(way.map(({ traceId }) => traceId)).size, 1);
      assert.equal(way[0]?.attributes["server.address"], "127.0.0.1");
      assert.equal(way[0]?.attributes["server.port"], server.addr.port);
      const queued = collector.spans.find(({ name, traceId }) =>
        name === "queue web" && traceId === way[0]?.traceId
      );
      assert.equal(queued?.parentId, way.at(-1)?.spanId);
      for (const { start, end } of [...way, queued as SeenSpan]) assert.ok(end >= start);
      assert.ok(requests.some((traceparent) => traceparent.includes(`${way[0]?.traceId}-${way[0]?.spanId}`)));
      assert.ok(!collector.bodies.some(({ text }) => text.includes("SECRET")));
    });
    await server.shutdown();
  });
}

Deno.test("A request that fails tells neither its address nor its error", async () => {
  await traced({ web: probe("fetch in vain", { CommentEvent: {} }) }, (collector) => {
    const [request, process] = wayTo("GET", collector);
    assert.equal(request?.status, 2);
    assert.equal(process?.status, 2);
    assert.equal(process?.attributes["error.type"], "failed");
    assert.ok(!collector.bodies.some(({ text }) => /SECRET|etch failed/.test(text)));
  });
});

Deno.test("An address that cannot be read is left out of a span, and breaks nothing", async () => {
  await using collector = new FakeCollector();
  const program = fileURLToPath(new URL("../support/unreadable_address.ts", import.meta.url));
  const args = ["run", "-A", "--no-check", "--quiet", program];
  const { code } = await new Deno.Command(Deno.execPath(), { args, env: collector.env }).output();
  assert.equal(code, 0);
  const span = collector.spans.find(({ name }) => name === "GET");
  assert.deepEqual(span?.attributes, { "http.request.method": "GET" });
});

Deno.test("An event that a service emits continues the trace of the item that caused it", async () => {
  const services = {
    wheel: { ...probe("emit", { GiftEvent: {} }), emits: ["SpinEvent"] },
    show: probe("succeed", { SpinEvent: {} }),
  };
  await traced(services, (collector) => {
    assert.deepEqual(names(wayTo("process show", collector)), [
      "process show",
      "receive SpinEvent",
      "process wheel",
      "receive GiftEvent",
    ]);
  });
});

Deno.test("The sampler of OpenTelemetry decides about whole traces, and the metrics have everything", async () => {
  const env = { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.2" };
  await traced({ done: probe("succeed", { CommentEvent: {} }) }, (collector) => {
    const arrived = collector.spans.filter(({ parentId }) => parentId === "").length;
    const stored = collector.sum("livecue.events");
    assert.ok(arrived > 0 && arrived < stored / 2, `${arrived} of ${stored}`);
    for (const { parentId } of collector.spans) {
      assert.ok(parentId === "" || collector.spans.some(({ spanId }) => spanId === parentId));
    }
  }, env);
});
