// @ts-check
/// <reference lib="dom" />
/** Draws detections into a chart: the time over which each was found, and its name at the top. */
/** @import uPlot from "uplot" */
/** @import { ShownDetection } from "../../messages.ts" */
import { colorOf } from "./colors.js";

const longestName = 24;

/**
 * @param {uPlot} plot
 * @param {ShownDetection[]} detections The newest first.
 */
export function drawMarks(plot, detections) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  let labelEnd = -Infinity;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  for (const { name, from, to } of [...detections].reverse()) {
    const [left, right] = [plot.valToPos(from, "x", true), plot.valToPos(to, "x", true)];
    const width = Math.max(2 * ratio, right - left);
    ctx.fillStyle = colorOf("--mark-area");
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.fillStyle = colorOf("--mark");
    ctx.fillRect(left, bbox.top, width, 3 * ratio);
    ctx.fillRect(left + width - 2 * ratio, bbox.top, 2 * ratio, bbox.height);
    const label = name.length > longestName ? `${name.slice(0, longestName)}…` : name;
    const labelLeft = Math.max(left, bbox.left) + 4 * ratio;
    if (labelLeft < labelEnd || left + width < bbox.left) continue;
    ctx.fillText(label, labelLeft, bbox.top + 6 * ratio);
    labelEnd = labelLeft + ctx.measureText(label).width + 8 * ratio;
  }
  ctx.restore();
}
