/** One thing that is done in the game, as the backends get it. */
import { t } from "livecue/language";
import { buttons } from "./key_names.ts";

export type Deed =
  /** Keys and mouse buttons by name: pressed in this order, held for `ms`, and released. */
  | { kind: "press"; keys: readonly string[]; ms: number }
  /** Pixels; `dx` to the right, `dy` down. */
  | { kind: "move"; dx: number; dy: number }
  /** One notch of the wheel. */
  | { kind: "scroll"; direction: "up" | "down" }
  | { kind: "pause"; ms: number };

/** How long a key is pressed if the rule does not say. Games look at the keyboard once a frame. */
export const tapMs = 60;

/** Whether it goes to the window under the mouse, and not to the one that has the keyboard. */
export function needsPointer(deed: Deed): boolean {
  return deed.kind === "scroll" || (deed.kind === "press" && deed.keys.some((key) => buttons.has(key)));
}

/** For example "space ×3, w for 800 ms, mouse 100 right". Pauses are left out. */
export function describeDeeds(deeds: readonly Deed[]): string {
  const parts: { text: string; count: number }[] = [];
  for (const deed of deeds) {
    if (deed.kind === "pause") continue;
    const text = describe(deed);
    const last = parts.at(-1);
    if (last?.text === text) last.count++;
    else parts.push({ text, count: 1 });
  }
  return parts.map(({ text, count }) => count === 1 ? text : `${text} ×${count}`).join(", ");
}

function describe(deed: Exclude<Deed, { kind: "pause" }>): string {
  switch (deed.kind) {
    case "press":
      return deed.ms === tapMs ? deed.keys.join("+") : t`${deed.keys.join("+")} for ${deed.ms} ms`;
    case "scroll":
      return deed.direction === "up" ? t`wheel up` : t`wheel down`;
    case "move": {
      const [across, along] = [Math.abs(deed.dx), Math.abs(deed.dy)];
      const parts = [
        t`mouse`,
        deed.dx !== 0 && (deed.dx > 0 ? t`${across} right` : t`${across} left`),
        deed.dy !== 0 && (deed.dy > 0 ? t`${along} down` : t`${along} up`),
      ];
      return parts.filter((part) => part !== false).join(" ");
    }
  }
}
