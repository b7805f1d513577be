/** Every metric, as a collector gets it, against its page and its dashboard in the docs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FakeCollector, type Point } from "../support/fake_collector.ts";

const docs = fileURLToPath(new URL("../../docs", import.meta.url));
const program = fileURLToPath(new URL("../support/every_metric.ts", import.meta.url));

/** The points of all metrics, and what the collector can sum up. */
async function withEveryMetric(look: (collector: FakeCollector, points: Point[]) => void): Promise<void> {
  await using collector = new FakeCollector();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", program],
    env: { ...collector.env, OTEL_METRIC_EXPORT_INTERVAL: "100" },
  }).spawn();
  await collector.until(() => collector.sum("livecue.queue.limit") > 0 && collector.sum("livecue.items") > 0);
  child.kill("SIGKILL");
  await child.status;
  look(collector, collector.points.filter(({ name }) => !name.startsWith("v8js.")));
}

Deno.test("A count is what was committed, also of a service that has left the config", async () => {
  await withEveryMetric((collector) => {
    const items = (end: string, reason: Record<string, string> = {}) =>
      collector.sum("livecue.items", { "livecue.service": "overlays", "livecue.item.end": end, ...reason });
    assert.equal(items("completed"), 1);
    assert.equal(items("failed"), 1);
    assert.equal(items("discarded", { "livecue.discard.reason": "stale" }), 1);
    assert.equal(items("discarded", { "livecue.discard.reason": "emptied" }), 1);
    const lost = (type: string) => collector.sum("livecue.events.lost", { "livecue.event.type": type });
    assert.equal(lost("JoinEvent"), 5);
    assert.equal(lost("LikeEvent"), 1);
    assert.equal(collector.sum("livecue.worker.restarts", { "livecue.service": "overlays" }), 2);
    assert.equal(collector.sum("messaging.process.duration", { "error.type": "crashed" }), 1);
    assert.equal(collector.sum("messaging.process.duration"), 1);
    assert.equal(collector.sum("livecue.queue.wait.duration"), 1);
    assert.equal(collector.sum("livecue.service.state", { "livecue.state": "backing_off" }), 1);
    assert.equal(collector.sum("livecue.source.state", { "livecue.state": "reconnecting" }), 1);
  });
});

Deno.test("Each room has numbers of its own, until it ends", async () => {
  await withEveryMetric((collector, points) => {
    const ana = { "livecue.streamer": "ana.live" };
    assert.equal(collector.sum("livecue.events", ana), 1);
    assert.equal(collector.sum("livecue.queue.depth", ana), 40);
    assert.equal(collector.sum("livecue.source.state", { ...ana, "livecue.state": "live" }), 1);
    assert.ok(points.every(({ attributes }) => attributes["livecue.streamer"] !== "gone.live"));
  });
});

Deno.test("A label has few values, and no path of a recording", async () => {
  await withEveryMetric((collector, points) => {
    const types = new Set(points.map(({ attributes }) => attributes["livecue.event.type"]));
    assert.ok(types.has("Made49Event") && !types.has("Made50Event"));
    assert.equal(collector.sum("livecue.events", { "livecue.event.type": "_OTHER" }), 30);
    assert.equal(collector.sum("livecue.events", { "livecue.source": "replay" }), 1);
    assert.ok(!collector.bodies.some(({ text }) => text.includes("secret evening")));
  });
});

Deno.test("The page has each metric with its unit and its labels, and no other", async () => {
  const page = Deno.readTextFileSync(join(docs, "metrics.md"));
  const rows = [...page.matchAll(/^\| `((?:livecue|messaging)\.[\w.]+)` +\| `(.+?)` +\| (.*?) +\|/gm)];
  const described = new Map(
    rows.map((
      [, name, unit, labels = ""],
    ) => [name, { unit, labels: new Set(labels.match(/[a-z_.]{4,}/g)) }]),
  );
  await withEveryMetric((_, points) => {
    assert.deepEqual([...described.keys()].sort(), [...new Set(points.map(({ name }) => name))].sort());
    for (const { name, unit } of points) {
      const labels = points.filter((point) => point.name === name).flatMap(({ attributes }) =>
        Object.keys(attributes)
      );
      assert.deepEqual(described.get(name), { unit, labels: new Set([...labels].sort()) }, name);
    }
  });
});

Deno.test("The dashboard asks for each metric, only for those that there are, and only for their labels", async () => {
  const { panels } = JSON.parse(Deno.readTextFileSync(join(docs, "metrics_dashboard.json")));
  const queries: string[] = panels.flatMap(({ targets }: { targets: { expr: string }[] }) =>
    targets.map(({ expr }) => expr)
  );
  await withEveryMetric((_, points) => {
    const known = new Map(
      points.flatMap((point) => prometheusNames(point).map((name) => [name, point] as const)),
    );
    const asked = new Set<string>();
    for (const query of queries) {
      const names = query.match(/\b(?:livecue|messaging)_[a-z_]+(?=\{)/g) ?? [];
      assert.ok(names.length > 0, query);
      for (const name of names) asked.add(known.get(name)?.name ?? assert.fail(`${name} in ${query}`));
      const labels = names.flatMap((name) =>
        points.filter((point) => point.name === known.get(name)?.name)
          .flatMap(({ attributes }) => Object.keys(attributes).map((label) => label.replaceAll(".", "_")))
      );
      for (const [label] of query.matchAll(/\b(?:livecue|messaging|error)_[a-z_]+\b(?!\{)/g)) {
        assert.ok(labels.includes(label), `${label} in ${query}`);
      }
    }
    assert.deepEqual([...asked].sort(), [...new Set(points.map(({ name }) => name))].sort());
  });
});

/** As Prometheus writes the names of the metric's series. */
function prometheusNames({ name, unit, kind }: Point): string[] {
  const base = name.replaceAll(".", "_") + (unit === "s" ? "_seconds" : "");
  switch (kind) {
    case "sum":
      return [`${base}_total`];
    case "gauge":
      return [base];
    case "histogram":
      return ["bucket", "sum", "count"].map((series) => `${base}_${series}`);
  }
}
