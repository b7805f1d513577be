/**
 * Names of attributes, and values for metrics. Every metric has few combinations of values: no name of a viewer, no id
 * and no text of others is ever a value.
 */
import { isEventType } from "../event.ts";

export const labels = {
  eventType: "livecue.event.type",
  source: "livecue.source",
  service: "livecue.service",
  itemEnd: "livecue.item.end",
  discardReason: "livecue.discard.reason",
  state: "livecue.state",
  streamer: "livecue.streamer",
} as const;

/** How many types of events that are not Livecue's own are told apart. A recording may contain any number of them. */
const maxOtherTypes = 50;

/** As OpenTelemetry names a value that stands for all others. */
const other = "_OTHER";

export class EventTypes {
  readonly #others = new Set<string>();

  label(type: string): string {
    if (isEventType(type) || this.#others.has(type)) return type;
    if (this.#others.size >= maxOtherTypes) return other;
    this.#others.add(type);
    return type;
  }
}

/** A source's name is a key of the config, or that of a recording with its file. */
export function sourceLabel(name: string): string {
  return name.startsWith("replay:") ? "replay" : name;
}
