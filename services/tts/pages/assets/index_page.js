// @ts-check
/// <reference lib="dom" />
/** The page / with all addresses, a box to try a text, the volume, and buttons to skip and mute. */
/** @import { Status } from "../../messages.ts" */
/** @import { Voice } from "../../speech.ts" */
import { msg, t, tag, translated } from "/livecue/language.js";
import { address, listen, send } from "/livecue/page.js";

const pages = [
  { path: "/speak?captions=1", about: msg("speaks and shows the words") },
  { path: "/speak", about: msg("speaks") },
  { path: "/captions", about: msg("shows the words") },
];
const streams = [
  { path: "/hls/live/master.m3u8", about: msg("plays all speech a few seconds late, in any player") },
  { path: "/listen", about: msg("plays the stream in a browser") },
];
const thanksMs = 1500;

/**
 * @template {HTMLElement} Element
 * @param {string} id
 * @param {new () => Element} type
 * @returns {Element}
 */
function part(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no #${id}`);
  return found;
}

const volume = part("volume", HTMLInputElement);
const mute = part("mute", HTMLButtonElement);
const skip = part("skip", HTMLButtonElement);
const voice = part("voice", HTMLSelectElement);
/** @type {Status["speaking"]} */
let speaking = null;
let isMuted = false;

/** @param {Status} status */
function show(status) {
  speaking = status.speaking;
  isMuted = status.isMuted;
  const { speakingPages: count, waiting } = status;
  const state = part("status", HTMLElement);
  state.textContent = count === 0
    ? t`No page /speak is open`
    : count === 1
    ? t`One page /speak is open`
    : t`${count} pages /speak are open`;
  state.className = count === 0 ? "away" : "here";
  part("now-name", HTMLElement).textContent = speaking?.name ? `${speaking.name}:` : "";
  part("now-text", HTMLElement).textContent = speaking?.text ?? t`Nothing is being spoken.`;
  part("waiting", HTMLElement).textContent = waiting === 0
    ? ""
    : waiting === 1
    ? t`One text is waiting.`
    : t`${waiting} texts are waiting.`;
  skip.disabled = speaking === null;
  mute.textContent = isMuted ? t`Unmute` : t`Mute`;
  if (document.activeElement !== volume) volume.value = String(Math.round(status.volume * 100));
  part("volume-value", HTMLOutputElement).value = `${volume.value} %`;
}

/** @param {SubmitEvent} event */
async function say(event) {
  event.preventDefault();
  const text = part("text", HTMLTextAreaElement).value;
  const answer = await fetch(address("/say"), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(voice.value === "" ? { text } : { text, voice: voice.value }),
  }).catch(() => null);
  part("said", HTMLElement).textContent = answer === null
    ? t`Livecue does not answer.`
    : answer.ok
    ? t`Livecue accepted the text.`
    : await answer.text();
}

/** @param {{ path: string, about: string }} page */
function lineOf({ path, about }) {
  const url = new URL(path, location.href);
  const token = new URLSearchParams(location.search).get("token");
  if (token !== null) url.searchParams.set("token", token);
  const line = document.createElement("li");
  const link = document.createElement("a");
  link.href = link.textContent = url.href;
  const copy = document.createElement("button");
  copy.textContent = t`Copy`;
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(url.href);
      copy.textContent = t`Copied`;
    } catch {
      // A page of another computer may not.
      getSelection()?.selectAllChildren(link);
      copy.textContent = t`Press Ctrl+C`;
    }
    setTimeout(() => copy.textContent = t`Copy`, thanksMs);
  });
  const words = document.createElement("p");
  words.textContent = translated(about);
  line.append(link, copy, words);
  return line;
}

async function loadVoices() {
  const answer = await fetch(address("/voices"));
  /** @type {Voice[]} */
  const voices = await answer.json();
  const names = new Intl.DisplayNames(tag, { type: "language", fallback: "code" });
  /** @type {Map<string, HTMLOptGroupElement>} */
  const groups = new Map();
  const named = voices.map((each) => ({ ...each, about: nameOf(names, each.language) }));
  for (const { engine, name, about } of named.sort((one, other) => one.about.localeCompare(other.about))) {
    const group = groups.get(engine) ?? document.createElement("optgroup");
    group.label = engine;
    groups.set(engine, group);
    const option = document.createElement("option");
    option.value = name;
    option.textContent = `${about} (${name})`;
    group.append(option);
  }
  voice.append(...groups.values());
}

/**
 * @param {Intl.DisplayNames} names
 * @param {string} language
 */
function nameOf(names, language) {
  try {
    return names.of(language) ?? language;
  } catch {
    // A language that the browser does not know.
    return language;
  }
}

part("pages", HTMLElement).append(...pages.map(lineOf));
part("streams", HTMLElement).append(...streams.map(lineOf));
part("try", HTMLFormElement).addEventListener("submit", say);
skip.addEventListener("click", () => void send("/skip", { id: speaking?.id ?? null }));
mute.addEventListener("click", () => void send("/mute", { isMuted: !isMuted }));
volume.addEventListener("input", () => {
  part("volume-value", HTMLOutputElement).value = `${volume.value} %`;
  void send("/volume", { volume: Number(volume.value) / 100 });
});
void loadVoices();
listen({ hello: show, status: show });
