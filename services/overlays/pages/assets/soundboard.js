// @ts-check
/// <reference lib="dom" />
/**
 * The page of the soundboard. It asks Livecue before it plays a sound, so that of several open pages one plays it. With
 * `?play=every` it plays all sounds without asking.
 */
/** @import { GameViews } from "../../games/games.ts" */
// Translates the button.
import "/livecue/language.js";
import { send } from "./connection.js";
import { make, nameOf } from "./elements.js";
import { fit } from "./fit.js";
import { followAs, place } from "./game_page.js";
import { choiceSetting, numberSetting } from "./settings.js";
import { bufferOf } from "./soundboard_sounds.js";

/** @typedef {GameViews["soundboard"]} View */
/** @typedef {NonNullable<View["playing"]>} Sound */

const isEvery = choiceSetting("play", ["once", "every"]) === "every";
const isShown = choiceSetting("show", ["names", "nothing"]) === "names";
const loudness = numberSetting("volume", { or: 1, min: 0, max: 1 });
const isPreview = new URLSearchParams(location.search).has("preview");
/** A sound that began longer ago was for a page that is gone. */
const staleMs = 5000;
/** If the page that should play does not, this one asks again after this time. */
const patienceMs = 1200;

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const id = crypto.randomUUID === undefined ? String(Math.random()) : crypto.randomUUID();
const audio = new AudioContext();
/** Sounds that have been played, or were offered. A reload in the middle of a sound does not play it again. */
let lastNumber = Number(sessionStorage.getItem("sound") ?? 0);
let source = /** @type {AudioBufferSourceNode | null} */ (null);

/**
 * @param {View} view
 * @param {boolean} isFirst
 */
function show(view, isFirst) {
  if (isFirst) tellAble();
  const { playing } = view;
  part("playing").hidden = playing === null || !isShown;
  if (playing === null) return stop();
  const what = fit(make("bdi", "name loud what", playing.sound));
  const by = playing.by === "" ? [] : [nameOf({ name: playing.by, handle: "" })];
  part("playing").replaceChildren(make("span", "", "🔊"), what, ...by);
  if (playing.number === lastNumber) return;
  stop();
  lastNumber = playing.number;
  sessionStorage.setItem("sound", String(lastNumber));
  if (!isPreview && playing.ageMs < staleMs && audio.state === "running") void play(playing, view);
}

/**
 * @param {Sound} sound
 * @param {View} view
 */
async function play({ number, file, sound }, { volume, maxMs }) {
  if (!isEvery && !(await mayPlay(number)) && !(await mayPlayLater(number))) return;
  try {
    const buffer = await bufferOf(audio, file, sound);
    if (number !== lastNumber) return;
    await ring(buffer, volume * loudness, maxMs);
  } catch (error) {
    await send("/broken", { file: file || sound, why: /** @type {Error} */ (error).message });
  }
  if (number === lastNumber) await say({ has_played: number });
}

/**
 * Resolves when it has ended, or was stopped.
 * @param {AudioBuffer} buffer
 * @param {number} volume
 * @param {number} maxMs
 */
function ring(buffer, volume, maxMs) {
  return new Promise((resolve) => {
    const gain = audio.createGain();
    gain.gain.value = volume;
    const playing = audio.createBufferSource();
    playing.buffer = buffer;
    playing.connect(gain).connect(audio.destination);
    playing.onended = () => resolve(undefined);
    playing.start(0, 0, maxMs / 1000);
    source = playing;
  });
}

function stop() {
  source?.stop();
  source = null;
}

/** @param {number} number */
function mayPlay(number) {
  return say({ plays: number });
}

/** @param {number} number */
async function mayPlayLater(number) {
  await new Promise((resolve) => setTimeout(resolve, patienceMs));
  return number === lastNumber && await mayPlay(number);
}

/** @param {{ can_play?: boolean, plays?: number, has_played?: number }} what */
async function say(what) {
  return await send("/sound", { page: id, ...what });
}

function tellAble() {
  const canPlay = audio.state === "running";
  part("blocked").hidden = canPlay || isPreview;
  if (!isPreview) void say({ can_play: canPlay });
}

addEventListener("click", () => void audio.resume());
addEventListener("keydown", () => void audio.resume());
audio.onstatechange = tellAble;
// OBS lets pages play at once.
void audio.resume();
place("bottom-left");
followAs("soundboard", { player: id }, show);
