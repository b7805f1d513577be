/**
 * What somebody sees of a room who does not own the database: the live, its events and viewers, and how services get
 * on. Settings, paths, errors, log lines, panes and notes may hold secrets, because services and their authors write
 * them, so none of them is sent. What is left out has a sentence in its place if something would seem to be wrong.
 */
import type {
  Answer,
  ConnectionView,
  ItemLine,
  Query,
  ReceivedItem,
  ServiceDetail,
  ServiceView,
  Snapshot,
  SourceView,
  StreakDetail,
} from "../control.ts";
import { isEventType, type LiveEvent, paymentEventTypes } from "../event.ts";
import { plainFailure } from "../failure.ts";
import { discardReasonWords } from "../item.ts";
import { t, translated } from "../language.ts";
import type { ViewerDetail } from "../viewer_view.ts";

export function moderatorSnapshot(snapshot: Snapshot): Snapshot {
  return {
    ...snapshot,
    sources: snapshot.sources.map(sourceOf),
    switchable: [],
    services: snapshot.services.map(serviceOf),
    log: [],
    recentUsers: [],
    configError: snapshot.configError === null ? null : elsewhere(),
  };
}

export function moderatorAnswer(query: Query, answer: Answer): Answer {
  switch (query.kind) {
    case "event": {
      const { event, items, streak, ...rest } = answer as Answer<Query & { kind: "event" }>;
      return {
        ...rest,
        event: event && eventOf(event),
        items: items.map(receivedOf),
        streak: streak && streakOf(streak),
      };
    }
    case "service":
      return detailOf(answer as ServiceDetail);
    case "viewer":
      return viewerOf(answer as ViewerDetail);
    case "events":
    case "event_place":
    case "event_search":
    case "event_time":
    case "gifts":
    case "sessions":
    case "session_sums":
    case "session_work":
    case "items":
    case "channels":
    case "channel":
      return answer;
  }
}

function sourceOf(source: SourceView): SourceView {
  return { ...source, connection: connectionOf(source.connection), playback: null };
}

/** Addresses and errors of servers are in the texts. */
function connectionOf(connection: ConnectionView): ConnectionView {
  switch (connection.phase) {
    case "listening":
      return { ...connection, title: t`for requests` };
    case "waiting":
      return { ...connection, why: t`The live has not begun, or cannot be reached.` };
    case "reconnecting":
      return { ...connection, why: t`The connection is lost.` };
    case "ended":
      return { ...connection, why: t`The capture has ended.` };
    case "idle":
    case "looking_up":
    case "connecting":
    case "live":
      return connection;
  }
}

function serviceOf(service: ServiceView): ServiceView {
  return {
    ...service,
    failure: service.failure && plainFailure(elsewhere()),
    troubles: service.troubles.map(({ forMs }) => ({ text: elsewhere(), forMs })),
    panes: [],
  };
}

/** The data of payments and of what services emit is theirs. */
function eventOf(event: LiveEvent): LiveEvent {
  const isPublic = isEventType(event.type) && !(paymentEventTypes as readonly string[]).includes(event.type);
  return isPublic ? event : { ...event, data: {} } as LiveEvent;
}

function streakOf(streak: StreakDetail): StreakDetail {
  const events = streak.events.map((event) => ({ ...event, items: event.items.map(receivedOf) }));
  return { ...streak, events };
}

function receivedOf(item: ReceivedItem): ReceivedItem {
  const steps = item.steps.map((step) => ({
    ...step,
    why: step.why && elsewhere(),
    progress: step.progress && { ...step.progress, text: "" },
  }));
  return { ...itemOf(item), steps };
}

/** Livecue's own reasons for a discard stay. All else may be an error of the service. */
function itemOf<Item extends ItemLine>(item: Item): Item {
  const isOwn = item.why === "" || Object.values(discardReasonWords).map(translated).includes(item.why);
  return isOwn ? item : { ...item, why: elsewhere() };
}

function detailOf({ running, pending, failures, ...detail }: ServiceDetail): ServiceDetail {
  return {
    ...detail,
    running: running.map(receivedOf),
    pending: pending.map(itemOf),
    failures: failures.map(itemOf),
    log: [],
  };
}

function viewerOf({ viewer, ...detail }: ViewerDetail): ViewerDetail {
  return { ...detail, viewer: viewer && { ...viewer, note: null } };
}

function elsewhere(): string {
  return t`The room's machine says why.`;
}
