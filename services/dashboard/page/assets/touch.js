// @ts-check
/// <reference lib="dom" />
/** A finger on a chart: the value under it while it is there, and a span when it was drawn sideways. */
/** @import uPlot from "uplot" */

export const shortestDragPx = 12;

/**
 * The chart's own handlers do the same for a mouse.
 * @param {uPlot} plot
 * @param {() => void} onSelected
 */
export function followFinger(plot, onSelected) {
  const { over } = plot;
  /** The time at which it began stays where the chart grows or shrinks. @type {{ id: number, at: number } | null} */
  let finger = null;
  const leftOf = (/** @type {PointerEvent} */ { clientX }) => {
    const { left, width } = over.getBoundingClientRect();
    return Math.min(width, Math.max(0, clientX - left));
  };
  over.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch" || !event.isPrimary) return;
    const left = leftOf(event);
    finger = { id: event.pointerId, at: plot.posToVal(left, "x") };
    plot.setCursor({ left, top: over.clientHeight / 2 });
  });
  const follow = (/** @type {PointerEvent} */ event) => {
    if (finger === null || finger.id !== event.pointerId) return false;
    const now = leftOf(event);
    const start = plot.valToPos(finger.at, "x");
    const [left, width] = [Math.min(now, start), Math.abs(now - start)];
    plot.setCursor({ left: now, top: over.clientHeight / 2 });
    if (width >= shortestDragPx) plot.setSelect({ left, width, top: 0, height: over.clientHeight }, false);
    return true;
  };
  over.addEventListener("pointermove", follow);
  over.addEventListener("pointerup", (event) => {
    // The last moves before it may have been left out.
    if (!follow(event)) return;
    finger = null;
    if (plot.select.width >= shortestDragPx) onSelected();
  });
  over.addEventListener("pointercancel", () => {
    finger = null;
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  });
}
