/** Updates the two service tables to match the config. */
import type { DatabaseSync } from "node:sqlite";
import type { ServiceConfig } from "../service.ts";
import type { Subscription } from "../subscription.ts";
import { highestId } from "./columns.ts";
import { inTransaction } from "./sqlite/schema.ts";

/**
 * Makes `service` and `service_event_config` match the config, by slug. Deletes nothing: services and subscriptions
 * that are no longer in the config become inactive or disabled. Returns the id of each configured service by its
 * slug.
 */
export function syncServices(
  database: DatabaseSync,
  services: readonly ServiceConfig[],
): Map<string, number> {
  return inTransaction(database, () => {
    setAsideBroken(database);
    database.prepare("UPDATE service SET is_active = 0").run();
    const ids = new Map<string, number>();
    for (const service of services) {
      const id = saveService(database, service);
      ids.set(service.slug, id);
      saveSubscriptions(database, id, service.subscriptions);
    }
    return ids;
  });
}

/** The next id, ignoring invalid ones: after the highest possible rowid, SQLite would choose ids at random. */
function nextIn(table: "service" | "service_event_config"): string {
  return `(SELECT coalesce(max(id), 0) + 1 FROM ${table} WHERE id BETWEEN 1 AND ${highestId})`;
}

/** Renames a service with an invalid id, so that a new row can take its slug. */
function setAsideBroken(database: DatabaseSync): void {
  database.prepare(
    `UPDATE service SET slug = 'set aside ' || id || ': ' || CAST(slug AS TEXT)
      WHERE NOT id BETWEEN 1 AND ${highestId} AND CAST(slug AS TEXT) NOT LIKE 'set aside %'`,
  ).run();
}

function saveService(database: DatabaseSync, service: ServiceConfig): number {
  const row = database.prepare(
    `INSERT INTO service (id, slug, name, service_class, max_queue_size, is_active)
      VALUES (${nextIn("service")}, ?, ?, ?, ?, ?)
      ON CONFLICT (slug) DO UPDATE SET name = excluded.name, service_class = excluded.service_class,
        max_queue_size = excluded.max_queue_size, is_active = excluded.is_active
      RETURNING id`,
  ).get(service.slug, service.name, service.serviceClass, service.maxQueueSize, service.isActive ? 1 : 0);
  return Number(row?.id);
}

function saveSubscriptions(
  database: DatabaseSync,
  serviceId: number,
  subscriptions: ServiceConfig["subscriptions"],
): void {
  database.prepare("UPDATE service_event_config SET is_enabled = 0 WHERE service_id = ?").run(serviceId);
  const save = database.prepare(
    `INSERT INTO service_event_config
        (id, service_id, event_type, is_enabled, priority, is_async, is_discardable, streaks)
      VALUES (${nextIn("service_event_config")}, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (service_id, event_type) DO UPDATE SET is_enabled = excluded.is_enabled,
        priority = excluded.priority, is_async = excluded.is_async,
        is_discardable = excluded.is_discardable, streaks = excluded.streaks`,
  );
  for (const [eventType, subscription] of Object.entries(subscriptions)) {
    if (subscription === undefined) continue;
    save.run(serviceId, eventType, ...subscriptionValues(subscription));
  }
}

function subscriptionValues(subscription: Subscription): [number, number, number, number, string] {
  const { isEnabled, priority, isAsync, isDiscardable, streaks } = subscription;
  return [isEnabled ? 1 : 0, priority, isAsync ? 1 : 0, isDiscardable ? 1 : 0, streaks];
}
