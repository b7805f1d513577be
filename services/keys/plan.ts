/** What an event does in the game. */
import { amountOf } from "livecue/rules";
import type { LiveEvent, QueueItem } from "livecue/service";
import { type Deed, tapMs } from "./deed.ts";
import { maxTimes, type Step } from "./options.ts";

/** In order. A viewer's text only ever chooses among the words of the config. */
export function planOf(steps: readonly Step[], event: LiveEvent, item: Pick<QueueItem, "count">): Deed[] {
  return steps.flatMap((step) => deedsOf(step, event, item));
}

function deedsOf(step: Step, event: LiveEvent, item: Pick<QueueItem, "count">): Deed[] {
  if ("pause_ms" in step) return [{ kind: "pause", ms: step.pause_ms }];
  if ("hold" in step) return [{ kind: "press", keys: step.hold.keys, ms: step.ms }];
  if ("move" in step) return [{ kind: "move", ...step.move }];
  if ("words" in step) return wordsIn(step, event);
  const count = amountOf(step.times, event, item, { max: maxTimes });
  return Array<Deed>(count).fill(deedOf(step));
}

function deedOf(step: Extract<Step, { times: unknown }>): Deed {
  if ("scroll" in step) return { kind: "scroll", direction: step.scroll };
  return { kind: "press", keys: "click" in step ? [`mouse_${step.click}`] : step.press.keys, ms: tapMs };
}

/** The first words of the comment that the table has, in any case. */
function wordsIn({ words, most }: Extract<Step, { words: unknown }>, event: LiveEvent): Deed[] {
  if (event.type !== "CommentEvent") return [];
  const table = new Map(Object.entries(words).map(([word, { keys }]) => [word.toLowerCase(), keys]));
  return event.data.comment.toLowerCase().split(/\s+/u)
    .flatMap((word): Deed[] => {
      const keys = table.get(word);
      return keys === undefined ? [] : [{ kind: "press", keys, ms: tapMs }];
    })
    .slice(0, most);
}
