/** Connects a service of this run to the parts that its worker needs. */
import { databaseIdOf } from "./database_id.ts";
import { ItemFolders } from "./item_folders.ts";
import { ItemSteps } from "./item_steps.ts";
import type { Clock } from "../clock.ts";
import type { QueuedItem } from "../item.ts";
import type { Emitter } from "../lives/emitter.ts";
import type { Log } from "../log/log.ts";
import type { RunObserver } from "../run_observer.ts";
import type { LiveSession } from "../session.ts";
import type { Store } from "../store/store.ts";
import type { LiveAccess } from "./live_access.ts";
import { type ItemEnd, QueueFeed, type QueueFeedOptions } from "./queue_feed.ts";
import type { ServiceUnit } from "./service_unit.ts";
import { ServiceReadings } from "./service_readings.ts";
import type { StoredReadings } from "./stored_readings.ts";
import { StoredState } from "./stored_state.ts";

export interface UnitFeedOptions {
  store: Store;
  clock: Clock;
  log: Log;
  emitter: Emitter;
  lives: LiveAccess;
  readings: StoredReadings;
  /** The session of an event that a service emits outside of an item. */
  sessionFor(source: string | null): LiveSession;
  observer?: RunObserver | undefined;
  onItemEnded?: ((slug: string, item: QueuedItem, end: ItemEnd) => void) | undefined;
  /** A service may have become idle. */
  onChange: () => void;
}

export function makeFeed(unit: ServiceUnit, options: UnitFeedOptions): QueueFeed {
  const { store, clock, log, lives, readings, emitter, sessionFor, observer, onItemEnded, onChange } =
    options;
  const { serviceId, slug } = unit;
  const databaseId = databaseIdOf(store);
  return new QueueFeed({
    queue: unit.queue,
    log: store.writer,
    beforeCommit: (work) => store.writer.beforeCommit(work),
    clock,
    whenReadable: (read) => store.whenReadable(read),
    state: new StoredState({ serviceId, operations: store.writer, kept: store.kept }),
    steps: new ItemSteps({
      queue: unit.queue,
      log: store.writer,
      clock,
      stored: store.reader,
      databaseId,
      timeoutMs: () => unit.config.timeoutMs,
      warn: (sentence) => log.named(slug).warn(sentence),
    }),
    folders: new ItemFolders({
      dataFolder: () => unit.config.dataFolder,
      databaseId,
      statusOf: (itemId) => store.reader.statusOf(itemId),
      log: log.named(slug),
    }),
    lives,
    emitFrom: (cause, emission) => emitter.emitFrom(cause, unit, emission),
    emit: (source, emission) => emitter.emit(sessionFor(source), unit, emission),
    readings: new ServiceReadings(readings, onChange),
    show: (pane) => unit.show(pane),
    trouble: (text) => {
      unit.troubles.report(text);
      onChange();
    },
    wake: () => unit.runner?.wake(),
    ...measuring(unit, observer),
    onEnded: (item, end) => {
      unit.counts[end.status]++;
      onItemEnded?.(slug, item, end);
    },
    onChange,
  });
}

function measuring(
  { slug, metrics }: ServiceUnit,
  observer: RunObserver | undefined,
): Pick<QueueFeedOptions, "onStarted" | "onSettled"> {
  return {
    onStarted: (item, at) => {
      metrics.started(item, at);
      return observer?.handedOut(slug, item, item.queuedAt == null ? null : at - item.queuedAt);
    },
    onSettled: (item, end) => {
      metrics.ended(end);
      observer?.settled(slug, item, end);
    },
  };
}
