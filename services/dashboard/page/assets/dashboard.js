// @ts-check
/// <reference lib="dom" />
/** The page of charts. */
/** @import { Messages, NewReading, Overview, ShownChannel, ShownChart, ShownDetection } from "../../messages.ts" */
import { listen } from "/livecue/page.js";
import { part } from "/livecue/elements.js";
import { t } from "/livecue/language.js";
import { ChannelList } from "./channel_list.js";
import { Chart, jsonAt } from "./chart.js";
import { Spans } from "./spans.js";

/** Readings that came meanwhile are drawn as they come. This draws those that were late, and summaries. */
const reloadMs = 15_000;
const tickMs = 1000;
const overviewPauseMs = 2000;

const status = part("status", HTMLElement);
const place = part("charts", HTMLElement);

/** @type {Map<string, ShownChannel>} */
let channels = new Map();
/** @type {Map<string, Chart>} By their channels. */
const charts = new Map();
/** @type {ShownDetection[]} */
let detections = [];
/** The difference between Livecue's clock and this one. */
let clockAheadMs = 0;
let isLookingAgain = false;

const spans = new Spans(() => {
  showSpan();
  void load();
});
const list = new ChannelList({
  isCharted: (key) => chosen().includes(key),
  onChart: (key, isOn) => {
    choose(isOn ? [...chosen(), key] : chosen().filter((other) => other !== key));
    void loadOverview();
  },
});

function now() {
  return Date.now() + clockAheadMs;
}

/** The channels for which somebody has added a chart. They are in the page's address, so that it can be kept. */
function chosen() {
  return new URLSearchParams(location.search).getAll("chart");
}

/** @param {string[]} keys */
function choose(keys) {
  const url = new URL(location.href);
  url.searchParams.delete("chart");
  for (const key of new Set(keys)) url.searchParams.append("chart", key);
  history.replaceState(null, "", url);
}

function newest() {
  return Math.max(
    0,
    ...[...charts.values()].flatMap((chart) => chart.channels.map(({ key }) => channels.get(key)?.at ?? 0)),
  );
}

function showSpan() {
  const span = spans.at(now(), newest());
  for (const chart of charts.values()) chart.show(span);
}

async function loadOverview() {
  const overview = /** @type {Overview | null} */ (await jsonAt("/channels"));
  if (overview === null) {
    status.textContent = t`Livecue does not answer. The page tries again when it is back.`;
    return;
  }
  clockAheadMs = overview.now - Date.now();
  channels = new Map(overview.channels.map((channel) => [channel.key, channel]));
  part("empty", HTMLElement).hidden = channels.size > 0;
  part("spans", HTMLElement).hidden = channels.size === 0;
  status.textContent = "";
  list.show(overview.channels, now());
  showCharts(overview);
  showSpan();
  showAges();
  await load();
}

/** @param {Overview} overview */
function showCharts({ charts: configured, gapMs }) {
  const keys = chosen().filter((key) => channels.has(key));
  const added = keys.map((key) => ({ title: "", channels: [key], more: 0, gapMs }));
  const wanted = [
    ...configured.map((shown) => ({ shown, id: `configured ${JSON.stringify(shown)}`, isAdded: false })),
    ...added.map((shown) => ({ shown, id: `added ${JSON.stringify(shown)}`, isAdded: true })),
  ];
  for (const [id, chart] of charts) {
    if (wanted.some((other) => other.id === id)) continue;
    chart.close();
    charts.delete(id);
  }
  for (const { id, shown, isAdded } of wanted) {
    const chart = charts.get(id) ?? makeChart(shown, isAdded);
    const isNew = !charts.has(id);
    // The map keeps the order of the page.
    charts.delete(id);
    charts.set(id, chart);
    if (isNew) {
      place.append(chart.root);
      chart.open();
    }
  }
}

/**
 * @param {ShownChart} shown
 * @param {boolean} isAdded
 */
function makeChart(shown, isAdded) {
  const own = shown.channels.map((key) => channels.get(key)).filter((channel) => channel !== undefined);
  return new Chart(shown, /** @type {ShownChannel[]} */ (own), {
    onSpan: (span) => spans.choose(span),
    onBack: () => spans.back(),
    onRemove: isAdded
      ? () => {
        choose(chosen().filter((key) => key !== shown.channels[0]));
        void loadOverview();
      }
      : null,
  });
}

async function load() {
  const { from, to } = spans.at(now(), newest());
  const question = { from: String(Math.floor(from)), to: String(Math.ceil(to) + 1) };
  const [found, ...loaded] = await Promise.all([
    /** @type {Promise<ShownDetection[] | null>} */ (jsonAt("/detections", question)),
    ...[...charts.values()].map((chart) => chart.load()),
  ]);
  if (found === null || loaded.includes(false)) {
    status.textContent = t`Livecue did not answer all questions. The charts may be incomplete.`;
    return;
  }
  status.textContent = "";
  detections = found;
  showDetections();
}

function showDetections() {
  for (const chart of charts.values()) chart.setDetections(detections);
}

function showAges() {
  for (const chart of charts.values()) chart.showAges(now());
  list.showValues(now());
}

/** @param {NewReading[]} readings */
function addReadings(readings) {
  for (const [key, at, value] of readings) {
    const channel = channels.get(key);
    if (channel === undefined) {
      void lookAgain();
      continue;
    }
    Object.assign(channel, { at, value });
    for (const chart of charts.values()) chart.add(key, at, value);
  }
  showAges();
  showSpan();
}

/** There are new channels. */
async function lookAgain() {
  if (isLookingAgain) return;
  isLookingAgain = true;
  await loadOverview();
  setTimeout(() => isLookingAgain = false, overviewPauseMs);
}

listen({
  hello: (/** @type {Messages["hello"]} */ { title, now: theirs }) => {
    clockAheadMs = theirs - Date.now();
    document.title = title;
    part("title", HTMLElement).textContent = title;
    void loadOverview();
  },
  readings: (/** @type {Messages["readings"]} */ { now: theirs, readings }) => {
    clockAheadMs = theirs - Date.now();
    addReadings(readings);
  },
  detection: (/** @type {ShownDetection} */ detection) => {
    detections = [detection, ...detections].sort((one, other) => other.to - one.to);
    showDetections();
  },
});

setInterval(() => {
  if (document.hidden) return;
  showAges();
  if (spans.isLive) showSpan();
}, tickMs);
setInterval(() => {
  if (spans.isLive && !document.hidden) void load();
}, reloadMs);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const chart of charts.values()) chart.redraw();
});
