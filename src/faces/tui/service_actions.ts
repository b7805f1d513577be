/** The keys that act on services; what loses something, or much, is asked for first. */
import type { Action, ServiceView } from "../../control.ts";
import { formatCount, formatItems } from "./format.ts";
import { areAllPaused } from "./keys.ts";
import { dispatch, only, type ScreenState, selectedService, type Step, topView } from "./state.ts";

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

/** What a key does to the selected service, or to the items of the open event. */
export function act(state: ScreenState, action: ServiceAction): Step {
  const service = selectedService(state);
  if (service === null && action !== "retry_event") return only(state);
  const { slug, phase, pending, name } = service ?? ({ slug: "" } as ServiceView);
  switch (action) {
    case "pause":
      return only(state, dispatch({ kind: phase === "paused" ? "resume" : "pause", slug }));
    case "pause_all":
      return only(state, dispatch({ kind: areAllPaused(state) ? "resume" : "pause", slug: null }));
    case "restart":
      return only(state, dispatch({ kind: "restart", slug }));
    case "empty":
      return ask(state, `Empty the queue of ${name}? ${formatItems(pending)} will be discarded.`, {
        kind: "empty",
        slug,
      });
    case "retry_failed":
      return retry(state, service as ServiceView, "failed");
    case "retry_discarded":
      return retry(state, service as ServiceView, "discarded");
    case "retry_event": {
      const view = topView(state);
      const items = view.kind === "event" ? view.detail?.items ?? [] : [];
      const over = items.filter(({ status }) => status === "failed" || status === "discarded");
      return only(state, ...over.map(({ id }) => dispatch({ kind: "retry_item", itemId: id })));
    }
  }
}

function retry(state: ScreenState, service: ServiceView, status: "failed" | "discarded"): Step {
  const action: Action = { kind: "retry", slug: service.slug, status };
  const count = service[status];
  if (count <= fewItems) return only(state, dispatch(action));
  const what = `Put ${
    formatCount(count)
  } ${status} items of ${service.name} back? They will be acted on now.`;
  return ask(state, what, action);
}

function ask(state: ScreenState, question: string, action: Action): Step {
  return only({ ...state, dialog: { kind: "confirm", question, action } });
}
