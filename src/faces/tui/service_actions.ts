/** The keys that act on services; what loses something, or much, is asked for first. */
import type { Action, ItemsCount, Query, ServiceView, Snapshot } from "../../control.ts";
import type { ServicePhase } from "../../service_state.ts";
import { formatCount, formatItems } from "./format.ts";
import { areAllPaused } from "./keys.ts";
import {
  type Dialog,
  dispatch,
  only,
  type ScreenState,
  selectedPane,
  selectedService,
  type Step,
  topView,
  withStatus,
} from "./state.ts";

/** So many items are put back without asking. */
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

/** What a key does to the selected service, or to the items of the open event. */
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
      return only({ ...state, dialog: askToEmpty(service as ServiceView) });
    case "retry_failed":
      return countFirst(state, { kind: "items", slug, status: "failed" });
    case "retry_discarded":
      return countFirst(state, { kind: "items", slug, status: "discarded" });
    case "retry_event": {
      const view = topView(state);
      const items = view.kind === "event" ? view.detail?.items ?? [] : [];
      const over = items.filter(({ status }) => status === "failed" || status === "discarded");
      return only(state, ...over.map(({ id }) => dispatch({ kind: "retry_item", itemId: id })));
    }
  }
}

/** Of the pane in which the cursor is. */
export function pressPaneKey(state: ScreenState, letter: string): Step {
  const selected = selectedPane(state);
  const key = selected?.pane.keys?.find(({ key }) => key === letter);
  if (selected === null || key === undefined) return only(state);
  return only(state, dispatch({ kind: "press", slug: selected.slug, pane: selected.pane.title, key }));
}

/** What becomes of items that are put back. */
const whenHandled: Record<ServicePhase, string> = {
  running: "They are handled in their turn.",
  starting: "They are handled when it has started.",
  paused: "They wait until it goes on.",
  "backing off": "They wait until it has been started again.",
  stuck: "They wait until it answers, or is started again.",
  "switched off": "They wait: it is switched off until it is restarted.",
  stopping: "They wait for the next start.",
  stopped: "They wait for the next start.",
  "not processed": "They wait: this run does not process it.",
};

/** How many there are is asked at the moment of the key: the columns count this run alone. */
function countFirst(state: ScreenState, query: ItemsQuery): Step {
  return only(state, { kind: "query", query, asked: 0 });
}

/** The answer is in: what is done then is done to those items that were counted, and to no others. */
export function actOnCounted(state: ScreenState, { slug, status }: ItemsQuery, { asked }: ItemsCount): Step {
  // Something else has been begun meanwhile.
  if (state.dialog !== null) return only(state);
  const service = state.snapshot.services.find((service) => service.slug === slug);
  const name = service?.name ?? slug;
  if (asked.count === 0) return only(withStatus(state, `It has no ${status} items.`, "note"));
  const action: Action = { kind: "retry", slug, status, asked };
  if (asked.count <= fewItems) return only(state, dispatch(action));
  const when = service === undefined ? "" : whenHandled[service.phase];
  const question = `Put ${formatCount(asked.count)} ${status} items of ${name} back? ${when}`.trimEnd();
  return only({ ...state, dialog: { kind: "confirm", question, action } });
}

function askToEmpty({ slug, name, pending }: ServiceView): Dialog {
  const question = `Empty the queue of ${name}? ${formatItems(pending)} will be discarded.`;
  return { kind: "confirm", question, action: { kind: "empty", slug, asked: pending } };
}

/** A question names what its answer would do now: a queue goes on to fill while it stands. */
export function withPresentCount(dialog: Dialog | null, { services }: Snapshot): Dialog | null {
  if (dialog?.kind !== "confirm" || dialog.action.kind !== "empty") return dialog;
  const { slug } = dialog.action;
  const service = services.find((service) => service.slug === slug);
  return service === undefined ? dialog : askToEmpty(service);
}
