/** The keys that act on services. Actions that lose data or affect many items ask first. */
import type { Action, ItemsCount, Query, ServiceView, Snapshot } from "../../control.ts";
import { counted, msg, noun, t, translated } from "../../language.ts";
import type { ServicePhase } from "../../service_state.ts";
import { formatCount, formatItems } from "./format.ts";
import { areAllPaused, endedOf } from "./why_off.ts";
import {
  type Dialog,
  dispatch,
  only,
  type ScreenState,
  selectedPane,
  selectedService,
  type Step,
  withStatus,
} from "./state.ts";

const itemNoun = noun("item");

/** Up to this many items are put back without asking. */
const fewItems = 20;

type ServiceAction =
  | "pause"
  | "pause_all"
  | "restart"
  | "empty"
  | "retry_failed"
  | "retry_discarded"
  | "retry_event";

type ItemsQuery = Query & { kind: "items" };

/** Performs a key's action on the selected service, or on the items of the open event. */
export function act(state: ScreenState, action: ServiceAction): Step {
  const service = selectedService(state);
  if (service === null && action !== "retry_event") return only(state);
  const { slug, phase } = service ?? ({ slug: "" } as ServiceView);
  switch (action) {
    case "pause":
      return only(state, dispatch({ kind: phase === "paused" ? "resume" : "pause", slug }));
    case "pause_all":
      return only(state, dispatch({ kind: areAllPaused(state) ? "resume" : "pause", slug: null }));
    case "restart":
      return only(state, dispatch({ kind: "restart", slug }));
    case "empty":
      return only({ ...state, dialog: askToEmpty(service as ServiceView, state.snapshot) });
    case "retry_failed":
      return countFirst(state, { kind: "items", slug, status: "failed" });
    case "retry_discarded":
      return countFirst(state, { kind: "items", slug, status: "discarded" });
    case "retry_event": {
      const itemIds = endedOf(state).map(({ id }) => id);
      const action: Action = { kind: "retry_items", itemIds };
      if (itemIds.length <= fewItems) return only(state, dispatch(action));
      const question = t`Put ${counted(itemIds.length, itemNoun)} of this streak back?`;
      return only({ ...state, dialog: { kind: "confirm", question, action } });
    }
  }
}

/** Sends a pane's key to the service whose pane has the cursor. */
export function pressPaneKey(state: ScreenState, letter: string): Step {
  const selected = selectedPane(state);
  const key = selected?.pane.keys?.find(({ key }) => key === letter);
  if (selected === null || key === undefined) return only(state);
  return only(state, dispatch({ kind: "press", slug: selected.slug, pane: selected.pane.title, key }));
}

/** When the service will process items that are put back. */
const whenHandled: Record<ServicePhase, string> = {
  running: msg("They will be processed in their turn."),
  starting: msg("They will be processed when the service has started."),
  paused: msg("They wait until you resume the service."),
  "backing off": msg("They wait until the service is running again."),
  stuck: msg("They wait until the service answers or is restarted."),
  "switched off": msg("They wait until you restart the service."),
  stopping: msg("They wait for the next start."),
  stopped: msg("They wait for the next start."),
  "not processed": msg("They wait, because this run does not process the service."),
};

/** Counts the items in the database when the key is pressed, because the columns count only this run. */
function countFirst(state: ScreenState, query: ItemsQuery): Step {
  return only(state, { kind: "query", query, asked: 0 });
}

/** Acts on exactly the items that were counted, or on the newest of them that the queue has room for. */
export function actOnCounted(state: ScreenState, { slug, status }: ItemsQuery, counted: ItemsCount): Step {
  const { asked: { count: all, upToId }, room } = counted;
  const asked = { count: Math.min(all, room ?? all), upToId };
  // The user has opened a dialog in the meantime.
  if (state.dialog !== null) return only(state);
  const service = state.snapshot.services.find((service) => service.slug === slug);
  const name = service?.name ?? slug;
  if (all === 0) {
    const none = status === "failed" ? t`${name} has no failed items.` : t`${name} has no discarded items.`;
    return only(withStatus(state, none, "note"));
  }
  if (asked.count === 0) {
    const why = status === "failed"
      ? t`The queue of ${name} is full, so none of its ${formatCount(all)} failed items can come back.`
      : t`The queue of ${name} is full, so none of its ${formatCount(all)} discarded items can come back.`;
    return only(withStatus(state, why, "note"));
  }
  const action: Action = { kind: "retry", slug, status, asked };
  if (asked.count === all && all <= fewItems) return only(state, dispatch(action));
  const when = service === undefined ? "" : translated(whenHandled[service.phase]);
  const fits = asked.count === all ? "" : ` ${t`Its queue has no room for more.`}`;
  const question = `${questionOf(name, { status, asked: asked.count, all })}${fits} ${when}`.trimEnd();
  return only({ ...state, dialog: { kind: "confirm", question, action } });
}

function questionOf(
  name: string,
  { status, asked, all }: { status: ItemsQuery["status"]; asked: number; all: number },
): string {
  const [some, of] = [formatCount(asked), formatCount(all)];
  if (status === "failed") {
    return asked === all
      ? t`Put ${of} failed items of ${name} back?`
      : t`Put the newest ${some} of ${of} failed items of ${name} back?`;
  }
  return asked === all
    ? t`Put ${of} discarded items of ${name} back?`
    : t`Put the newest ${some} of ${of} discarded items of ${name} back?`;
}

function askToEmpty({ slug, name, pending }: ServiceView, { newestItemId }: Snapshot): Dialog {
  const question = t`Empty the queue of ${name}? ${formatItems(pending)} will be discarded.`;
  return {
    kind: "confirm",
    question,
    action: { kind: "empty", slug, asked: { count: pending, upToId: newestItemId } },
  };
}

/** Updates the count in an open question, because the queue keeps filling. */
export function withPresentCount(dialog: Dialog | null, snapshot: Snapshot): Dialog | null {
  if (dialog?.kind !== "confirm" || dialog.action.kind !== "empty") return dialog;
  const { slug } = dialog.action;
  const service = snapshot.services.find((service) => service.slug === slug);
  return service === undefined ? dialog : askToEmpty(service, snapshot);
}
