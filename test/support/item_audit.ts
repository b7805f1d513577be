/**
 * Every change of an item, written down by the database itself in the order in which it is made, and the rules of
 * admission and of hand-outs that hold at each of them.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { query } from "./livecue.ts";
import { begunIn } from "./kill_check.ts";
import type { SceneService } from "./kill_scene.ts";

const columns =
  "item, service, priority, discardable, before, after, attempts, crashes, not_before, reason, error";
const valuesOf = (before: string) =>
  `new.id, new.service_id, new.priority, new.is_discardable, ${before}, new.status, new.attempts, new.crashes,
    new.not_before, new.discard_reason, new.error`;

const auditSql = `
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY, item INTEGER, service INTEGER, priority INTEGER, discardable INTEGER,
    before TEXT, after TEXT, attempts INTEGER, crashes INTEGER, not_before INTEGER, reason TEXT, error TEXT
  );
  INSERT INTO audit (${columns})
    SELECT ${valuesOf("'found'")} FROM event_queue AS new WHERE status = 'pending' OR status = 'processing';
  CREATE TRIGGER audit_insert AFTER INSERT ON event_queue BEGIN
    INSERT INTO audit (${columns}) VALUES (${valuesOf("NULL")});
  END;
  CREATE TRIGGER audit_update AFTER UPDATE ON event_queue BEGIN
    INSERT INTO audit (${columns}) VALUES (${valuesOf("old.status")});
  END;`;

/** From now on changes are written down. Nobody else has the database open. */
export function beginAudit(folder: string): void {
  const database = new DatabaseSync(join(folder, "livecue.db"));
  try {
    database.exec(`BEGIN; ${auditSql} COMMIT;`);
  } finally {
    database.close();
  }
}

interface Change {
  seq: number;
  item: number;
  slug: string;
  priority: number;
  discardable: number;
  before: string | null;
  after: string;
  attempts: number;
  crashes: number;
  not_before: number | null;
  reason: string | null;
  error: string | null;
}

/** Throws at the first change that breaks a rule. Returns how many changes there were. The services keep diaries. */
export function checkAudit(folder: string, services: readonly SceneService[]): number {
  const changes = query<Change>(
    folder,
    "SELECT audit.*, slug FROM audit JOIN service ON service.id = audit.service ORDER BY seq",
  );
  for (const service of services) {
    const audited = new AuditedService(service, begunIn(folder, service.slug));
    for (const change of changes) if (change.slug === service.slug) audited.take(change);
  }
  return changes.length;
}

/** One service's items, as far as they are pending or in hand, searched anew for every rule. */
class AuditedService {
  readonly #service: SceneService;
  readonly #begun: ReadonlySet<string>;
  /** By priority, 1 first. */
  readonly #pending = Array.from({ length: 11 }, () => new Map<number, Change>());
  readonly #inHand = new Map<number, Change>();
  #evicted: Change | null = null;

  constructor(service: SceneService, begun: ReadonlySet<string>) {
    this.#service = service;
    this.#begun = begun;
  }

  take(change: Change): void {
    const told = `${this.#service.slug}: ${JSON.stringify(change)}`;
    if (this.#evicted !== null) this.#checkEviction(this.#evicted, change, told);
    else if (change.before === null) this.#checkAdmission(change, told);
    if (change.before === "pending" && change.after === "processing") this.#checkClaim(change, told);
    this.#evicted = change.reason === "evicted" ? change : null;
    if (this.#evicted !== null) this.#checkVictim(change, told);
    this.#checkCrash(change, told);
    const ofPriority = this.#pending[change.priority]!;
    ofPriority.delete(change.item);
    this.#inHand.delete(change.item);
    if (change.after === "pending") ofPriority.set(change.item, change);
    if (change.after === "processing") this.#inHand.set(change.item, change);
  }

  get #pendingCount(): number {
    return this.#pending.reduce((sum, { size }) => sum + size, 0);
  }

  /** The one that is evicted first. */
  #lowest(): Change | undefined {
    for (const ofPriority of this.#pending) {
      let oldest: Change | undefined;
      for (const each of ofPriority.values()) {
        if (each.discardable === 1 && (oldest === undefined || each.item < oldest.item)) oldest = each;
      }
      if (oldest !== undefined) return oldest;
    }
  }

  #hasOlder(change: Change, among = this.#pending): boolean {
    for (const ofPriority of among) {
      // What has failed may wait for its moment.
      for (const { item, not_before } of ofPriority.values()) {
        if (item < change.item && not_before === null) return true;
      }
    }
    return false;
  }

  #checkAdmission(change: Change, told: string): void {
    const { max_queue_size, prefetch, max_concurrency } = this.#service;
    switch (change.after) {
      case "pending":
        return assert.ok(this.#pendingCount < max_queue_size, `it came into a full queue: ${told}`);
      case "discarded":
        assert.ok(this.#pendingCount >= max_queue_size, `it was dropped though there was room: ${told}`);
        return assert.ok(
          (this.#lowest()?.priority ?? 10) >= change.priority,
          `a lower one was there: ${told}`,
        );
      case "processing": {
        assert.ok(!this.#hasOlder(change), `it was taken though others waited: ${told}`);
        assert.ok(this.#inHand.size < max_concurrency + prefetch, told);
        return this.#checkAlone(change, told);
      }
      default:
        assert.fail(told);
    }
  }

  #checkVictim({ item }: Change, told: string): void {
    assert.ok(this.#pendingCount >= this.#service.max_queue_size, `the queue was not full: ${told}`);
    assert.equal(item, this.#lowest()?.item, `another one was to be evicted: ${told}`);
  }

  #checkEviction(evicted: Change, change: Change, told: string): void {
    assert.deepEqual([change.before, change.after], [null, "pending"], `nobody came in its place: ${told}`);
    assert.ok(change.priority > evicted.priority, `it evicted its like: ${told}`);
  }

  #checkClaim(change: Change, told: string): void {
    const olderWaits = this.#hasOlder(change, [this.#pending[change.priority]!]);
    assert.ok(!olderWaits, `an older one waits: ${told}`);
    this.#checkAlone(change, told);
  }

  /** A worker's death counts for those alone that it was in. Where Livecue itself is killed nobody can tell. */
  #checkCrash({ item, crashes, attempts, error }: Change, told: string): void {
    const before = this.#inHand.get(item);
    if (
      before === undefined || crashes === before.crashes || error?.startsWith("Livecue crashed or was killed")
    ) return;
    if (this.#service.isolation === "worker") {
      assert.ok(this.#begun.has(`${item} ${attempts}`), `it had not begun: ${told}`);
    }
  }

  /** What has crashed is in hand alone. */
  #checkAlone(change: Change, told: string): void {
    const crashed = [...this.#inHand.values(), change].filter(({ crashes }) => crashes > 0);
    if (crashed.length > 0) assert.equal(this.#inHand.size, 0, `it is not alone: ${told}`);
  }
}
