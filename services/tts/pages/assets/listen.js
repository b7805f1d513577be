// @ts-check
/// <reference lib="dom" />
/** Plays the live stream, or with `?id=7` one speech in a voice that the listener chooses. */
/** @import Hls, { Level } from "hls.js" */
import { t } from "/livecue/language.js";
import { address } from "/livecue/page.js";

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const audio = /** @type {HTMLAudioElement} */ (part("audio"));
const volume = /** @type {HTMLInputElement} */ (part("volume"));
const voice = /** @type {HTMLSelectElement} */ (part("voice"));
const voiceLabel = part("voice-label");
const button = part("listen");

const given = new URLSearchParams(location.search);
const id = given.get("id");
const isLive = id === null;
const retryMs = 2000;
/** The live stream plays this far behind the newest sound, so that a slow network makes no gaps. */
const behindSeconds = 4;

/** @param {string} text */
function tell(text) {
  part("state").textContent = text;
}

/** @type {Hls | null} */
let player = null;
/** The name of the voice that the listener chose. */
let chosen = given.get("voice");

async function openPlayer() {
  const module = await import(address("/hls/player.js"));
  const Player = /** @type {typeof import("hls.js").default} */ (module.default);
  const { Events, ErrorTypes } = Player;
  const hls = new Player({
    // The pages' content security policy forbids scripts and tracks that a page makes.
    enableWorker: false,
    enableID3MetadataCues: false,
    enableEmsgMetadataCues: false,
    liveSyncDuration: behindSeconds,
    liveMaxLatencyDuration: 4 * behindSeconds,
    // People listen to a live stream for hours.
    backBufferLength: 30,
  });
  hls.on(Events.MANIFEST_PARSED, (_, { levels }) => {
    const found = levels.findIndex(({ name }) => name === chosen);
    // Voices are not qualities: the player may not change them when the network is slow.
    hls.loadLevel = found === -1 ? hls.firstLevel : found;
    listVoices(levels, hls.loadLevel);
    audio.play().catch(giveUp);
  });
  hls.on(Events.ERROR, (_, { fatal, type }) => {
    if (!fatal) return;
    tell(isLive ? t`Livecue is not running. The page keeps trying.` : t`Livecue does not have this speech.`);
    if (type === ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
    else if (isLive) setTimeout(() => load(hls), retryMs);
  });
  return hls;
}

/**
 * @param {readonly Level[]} levels
 * @param {number} index The one that plays.
 */
function listVoices(levels, index) {
  voice.hidden = voiceLabel.hidden = isLive || levels.length < 2;
  // The player sorts them by bandwidth. The speech's own voice has the greatest.
  const options = levels.map(({ name }, index) => new Option(name, String(index))).reverse();
  voice.replaceChildren(...options);
  voice.value = String(index);
}

/** @param {Hls} hls */
function load(hls) {
  hls.loadSource(address(`/hls/${isLive ? "live" : encodeURIComponent(id)}/master.m3u8`));
}

async function start() {
  button.hidden = true;
  tell(t`Connecting …`);
  try {
    player?.destroy();
    player = await openPlayer();
    player.attachMedia(audio);
    load(player);
  } catch (error) {
    giveUp(error);
  }
}

/** @param {unknown} error */
function giveUp(error) {
  button.hidden = false;
  tell(t`The browser cannot play the sound: ${error}`);
}

part("title").textContent = titleText();
audio.volume = Math.min(1, Math.max(0, Number(given.get("volume") ?? 1) || 0));
volume.valueAsNumber = audio.volume;
volume.addEventListener("input", () => audio.volume = volume.valueAsNumber);
audio.addEventListener("playing", () => tell(isLive ? t`You are listening.` : ""));
audio.addEventListener("ended", () => {
  tell(t`The speech is over.`);
  button.hidden = false;
});
button.addEventListener("click", () => void start());
voice.addEventListener("change", () => {
  chosen = voice.selectedOptions[0]?.text ?? null;
  if (player !== null) player.currentLevel = Number(voice.value);
});

function titleText() {
  return isLive ? t`Speech, live` : t`Speech ${id}`;
}
