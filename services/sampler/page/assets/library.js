// @ts-check
/// <reference lib="dom" />
/** The library page: adds, finds and plays samples, and shows the work on new ones. */
/** @import { Sample, SampleStatus } from "../../sample.ts" */
import { address, listen } from "/livecue/page.js";
import { Player } from "./player.js";
import { element, part } from "/livecue/elements.js";
import { SampleLine } from "./sample_line.js";

const typingMs = 250;
const notes = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
const flats = { "C#": "Db", "D#": "Eb", "F#": "Gb", "G#": "Ab", "A#": "Bb" };

const search = part("search", HTMLInputElement);
const from = part("bpm-from", HTMLInputElement);
const to = part("bpm-to", HTMLInputElement);
const key = part("key", HTMLSelectElement);
const sort = part("sort", HTMLSelectElement);
const list = part("samples", HTMLOListElement);
const more = part("more", HTMLButtonElement);
const empty = part("empty", HTMLParagraphElement);
const added = part("added", HTMLParagraphElement);
const player = new Player(part("audio", HTMLAudioElement));

/** @type {Map<number, SampleLine>} In the order of the page. */
const lines = new Map();
/** @type {string | null} */
let nextCursor = null;
/** Counts the questions, so that a late answer to an old one is not shown. */
let asked = 0;

/** @param {Record<SampleStatus, number>} counts */
function showCounts({ requested, running, done, failed }) {
  const parts = [
    `${done} done`,
    ...(running > 0 ? [`${running} in progress`] : []),
    ...(requested > 0 ? [`${requested} waiting`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  part("counts", HTMLElement).textContent = parts.join(" · ");
}

/** @returns {Record<string, string>} */
function question() {
  const isTempo = from.value !== "" || to.value !== "";
  return {
    ...(search.value.trim() === "" ? {} : { search: search.value }),
    ...(isTempo ? { bpm: `${from.value || 1}-${to.value || 999}` } : {}),
    ...(key.value === "" ? {} : { key: key.value }),
    sort: sort.value,
  };
}

function isFiltered() {
  return Object.keys(question()).length > 1;
}

/**
 * Asks for samples: for as many as are shown, or for the next page.
 * @param {{ isNextPage: boolean }} options
 */
async function load({ isNextPage }) {
  const number = ++asked;
  const limit = isNextPage ? 50 : Math.min(100, Math.max(50, lines.size));
  const cursor = isNextPage && nextCursor !== null ? { cursor: nextCursor } : {};
  const query = { ...question(), limit: String(limit), ...cursor };
  const answer = await fetch(address("/samples", query)).then((found) => found.json()).catch(() => null);
  if (number !== asked) return;
  if (answer === null || answer.error !== undefined) {
    // The stream says hello when Livecue is back, and then the page asks again.
    part("counts", HTMLElement).textContent = answer?.error ?? "Livecue does not answer.";
    return;
  }
  nextCursor = answer.nextCursor;
  show(answer.samples, { isNextPage });
}

/**
 * @param {Sample[]} samples
 * @param {{ isNextPage: boolean }} options
 */
function show(samples, { isNextPage }) {
  const wanted = new Set(samples.map(({ id }) => id));
  if (!isNextPage) {
    for (const [id, line] of lines) if (!wanted.has(id)) remove(id, line);
  }
  for (const [index, sample] of samples.entries()) {
    const line = lines.get(sample.id) ?? newLine(sample);
    line.update(sample);
    // Moving an element that is in its place would end a drag on it.
    if (isNextPage) list.append(line.root);
    else if (list.children[index] !== line.root) list.insertBefore(line.root, list.children[index] ?? null);
  }
  more.hidden = nextCursor === null;
  empty.hidden = lines.size > 0;
  empty.textContent = isFiltered()
    ? "No sample matches. Change the search or the filters."
    : "There are no samples yet. Paste the link to a TikTok video above and press Add, or let a moderator write it in the chat.";
}

/** @param {Sample} sample */
function newLine(sample) {
  const line = new SampleLine(sample, {
    player,
    retry: (id) => send("/retry", { id }),
    remove: (id) => send("/remove", { id }),
  });
  lines.set(sample.id, line);
  return line;
}

/**
 * @param {number} id
 * @param {SampleLine} line
 */
function remove(id, line) {
  player.leave(line);
  line.root.remove();
  lines.delete(id);
}

/**
 * Resolves to what is wrong, or null.
 * @param {string} path
 * @param {unknown} body
 */
async function send(path, body) {
  const answer = await fetch(address(path), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => null);
  if (answer === null) return "Livecue does not answer. Start it, and try again.";
  return answer.ok ? null : (await answer.text()).trim();
}

part("add", HTMLFormElement).addEventListener("submit", async (event) => {
  event.preventDefault();
  const url = part("url", HTMLInputElement);
  const problem = await send("/request", { url: url.value });
  added.textContent = problem ?? "The sample is in the list.";
  added.className = problem === null ? "" : "bad";
  if (problem !== null) return;
  url.value = "";
  void load({ isNextPage: false });
});

/** @type {ReturnType<typeof setTimeout> | undefined} */
let typing;
const filters = part("filters", HTMLFormElement);
filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => void load({ isNextPage: false }), typingMs);
});
more.addEventListener("click", () => void load({ isNextPage: true }));

for (const note of notes) {
  for (const mode of ["", "m"]) {
    const option = element("option", { value: note + mode });
    const flat = flats[/** @type {keyof typeof flats} */ (note)];
    option.textContent = flat === undefined ? note + mode : `${note}${mode} / ${flat}${mode}`;
    key.append(option);
  }
}

listen({
  hello: ({ counts }) => {
    showCounts(counts);
    void load({ isNextPage: false });
  },
  samples: ({ samples, counts }) => {
    showCounts(counts);
    const isKnown = samples.every((/** @type {Sample} */ { id }) => lines.has(id));
    for (const sample of samples) lines.get(sample.id)?.update(sample);
    if (!isKnown) void load({ isNextPage: false });
  },
  reload: () => void load({ isNextPage: false }),
});
