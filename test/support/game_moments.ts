/** The moments at which something happens in a game. */
import type { Moment } from "../../services/overlays/games/game.ts";
import { describeEvent } from "../../services/overlays/overlay_event.ts";
import { addedBy, type LiveEvent } from "../../src/event.ts";

/** A person asks for something. */
export function bySomebody(now: number): Moment {
  return { now, at: now, event: null, shown: null };
}

/** An event is received and handled. `count`: what it adds. */
export function byViewer(now: number, event: LiveEvent, { count = addedBy(event) } = {}): Moment {
  const shown = describeEvent(event, { id: event.id, count }, { alert: null, mask: maskNothing });
  return { now, at: now, event, shown };
}

const maskNothing = Object.assign((text: string) => text, { hiddenIn: () => [] });
