/**
 * A recording captured by the command again and again into small queues, now and then to a kill, and held row for row
 * against the model; then processed, every change held against the rules.
 */
import assert from "node:assert/strict";
import { AdmissionModel, type ModelRow } from "./admission_model.ts";
import { beginAudit, checkAudit } from "./item_audit.ts";
import { Choices, makeRecording, makeServices, type SceneService, writeScene } from "./kill_scene.ts";
import { livecue, query, startLivecue } from "./livecue.ts";
import { randomFrom } from "./rooms_scene.ts";

export interface AdmissionRunOptions {
  seed: number;
  messages: number;
  captures: number;
  /** Queues' sizes, to choose from. */
  sizes: readonly number[];
}

export interface AdmissionReport {
  rows: number;
  evicted: number;
  dropped: number;
  kills: number;
  /** Changes of items while they were processed. */
  changes: number;
}

/** Throws if a row differs from the model's, or a change breaks a rule. */
export async function runAdmission(
  folder: string,
  { seed, messages, captures, sizes }: AdmissionRunOptions,
): Promise<AdmissionReport> {
  const choices = new Choices(randomFrom(seed));
  const recording = await makeRecording(folder, choices, { messages, deaths: 0 });
  const services = makeServices(choices, { hasProcess: true, dies: false }).map((service) => ({
    ...service,
    subscriptions: mostlyDiscardable(service.subscriptions, choices),
    isolation: "worker" as const,
    max_queue_size: choices.of(...sizes),
  }));
  writeScene(folder, services, { durability: "normal", name: "Tested" });
  const model = new AdmissionModel(services);
  const replay = ["--plain", "--speed", "max", "--source", recording.source];
  let kills = 0;
  for (let session = 1; session <= captures; session++) {
    const running = startLivecue(
      folder,
      "capture",
      ...replay,
      "--batch-size",
      String(choices.of(1, 7, 100, 500)),
    );
    if (session < captures && choices.whole(3) > 0) {
      await running.line(new RegExp(`message ${100 * (1 + choices.whole(messages / 100 - 1))}$`));
      running.kill("SIGKILL");
      kills++;
    }
    const { code, stderr } = await running.ended;
    if (session === captures) assert.equal(code, 0, stderr);
    model.replay(recording.events, storedIn(folder, session));
  }
  assert.equal(storedIn(folder, captures), recording.messageIds.length);
  assertRows(query<ModelRow>(folder, rowsSql), model.rows);
  beginAudit(folder);
  const { code, stderr } = await livecue(
    folder,
    "start",
    ...replay,
    "--batch-size",
    String(choices.of(1, 7, 100, 500)),
  );
  assert.equal(code, 0, stderr);
  const count = (reason: string) => model.rows.filter((row) => row.discard_reason === reason).length;
  return {
    rows: model.rows.length,
    evicted: count("evicted"),
    dropped: count("queue_full"),
    kills,
    changes: checkAudit(folder, services),
  };
}

/** Else queues are soon full of what nothing can push out. */
export function mostlyDiscardable(
  subscriptions: SceneService["subscriptions"],
  choices: Choices,
): typeof subscriptions {
  const entries = Object.entries(subscriptions).map(([type, subscription]) => {
    return [type, { ...subscription, is_discardable: choices.whole(5) > 0 }] as const;
  });
  return Object.fromEntries(entries);
}

const rowsSql =
  `SELECT item.id, service.slug AS service, live_event_id, priority, is_async, is_discardable, count, status,
    discard_reason
  FROM event_queue AS item JOIN service ON service.id = item.service_id ORDER BY item.id`;

function storedIn(folder: string, session: number): number {
  return Number(
    query(folder, "SELECT count(*) AS stored FROM live_event WHERE session_id = ?", session)[0]!.stored,
  );
}

/** Says where they part. */
function assertRows(rows: ModelRow[], expected: ModelRow[]): void {
  for (let index = 0; index < Math.max(rows.length, expected.length); index++) {
    assert.deepEqual({ ...rows[index] }, { ...expected[index] });
  }
}
