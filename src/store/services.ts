/** Updates the two service tables to match the config. */
import type { ServiceConfig } from "../service.ts";
import type { Subscription } from "../subscription.ts";
import { highestId } from "./columns.ts";
import type { Statement } from "./database.ts";
import type { Query } from "./query.ts";

/**
 * Statements that make `service` and `service_event_config` match the config, by slug. They delete nothing: services
 * and subscriptions that are no longer in the config become inactive or disabled.
 */
export function savingServices(services: readonly ServiceConfig[], streamer: string): Statement[] {
  return [
    settingAsideBroken,
    { sql: "UPDATE service SET is_active = 0 WHERE streamer = ?", values: [streamer] },
    ...services.flatMap((service) => [
      savingService(service, streamer),
      ...savingSubscriptions(service, streamer),
    ]),
  ];
}

export interface ServicesAsked {
  services: readonly ServiceConfig[];
  streamer: string;
}

/** The ids of the services by slug. */
export function serviceIds(query: Query, { services, streamer }: ServicesAsked): Map<string, number> {
  const rows = query.all<{ id: number; slug: string }>(
    "SELECT id, slug FROM service WHERE streamer = ?",
    streamer,
  );
  const ids = new Map(rows.map(({ id, slug }) => [slug, id]));
  return new Map(services.map(({ slug }) => [slug, ids.get(slug) as number]));
}

/** The next id, ignoring invalid ones: after the highest possible rowid, SQLite would choose ids at random. */
function nextIn(table: "service" | "service_event_config"): string {
  return `(SELECT coalesce(max(id), 0) + 1 FROM ${table} WHERE id BETWEEN 1 AND ${highestId})`;
}

/** Renames a service with an invalid id, so that a new row can take its slug. */
const settingAsideBroken: Statement = {
  sql: `UPDATE service SET slug = 'set aside ' || id || ': ' || CAST(slug AS TEXT)
    WHERE NOT id BETWEEN 1 AND ${highestId} AND CAST(slug AS TEXT) NOT LIKE 'set aside %'`,
  values: [],
};

function savingService(service: ServiceConfig, streamer: string): Statement {
  return {
    sql: `INSERT INTO service (id, slug, name, service_class, max_queue_size, is_active, streamer)
      VALUES (${nextIn("service")}, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (streamer, slug) DO UPDATE SET name = excluded.name, service_class = excluded.service_class,
        max_queue_size = excluded.max_queue_size, is_active = excluded.is_active`,
    values: [
      service.slug,
      service.name,
      service.serviceClass,
      service.maxQueueSize,
      service.isActive ? 1 : 0,
      streamer,
    ],
  };
}

const itsId = "(SELECT id FROM service WHERE streamer = ? AND slug = ?)";

function savingSubscriptions({ slug, subscriptions }: ServiceConfig, streamer: string): Statement[] {
  const disabling = {
    sql: `UPDATE service_event_config SET is_enabled = 0 WHERE service_id = ${itsId}`,
    values: [streamer, slug],
  };
  const saving = Object.entries(subscriptions).flatMap(([eventType, subscription]): Statement[] =>
    subscription === undefined ? [] : [{
      sql: `INSERT INTO service_event_config
          (id, service_id, event_type, is_enabled, priority, is_async, is_discardable, streaks)
        VALUES (${nextIn("service_event_config")}, ${itsId}, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (service_id, event_type) DO UPDATE SET is_enabled = excluded.is_enabled,
          priority = excluded.priority, is_async = excluded.is_async,
          is_discardable = excluded.is_discardable, streaks = excluded.streaks`,
      values: [streamer, slug, eventType, ...subscriptionValues(subscription)],
    }]
  );
  return [disabling, ...saving];
}

function subscriptionValues(subscription: Subscription): [number, number, number, number, string] {
  const { isEnabled, priority, isAsync, isDiscardable, streaks } = subscription;
  return [isEnabled ? 1 : 0, priority, isAsync ? 1 : 0, isDiscardable ? 1 : 0, streaks];
}
