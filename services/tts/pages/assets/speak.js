// @ts-check
/// <reference lib="dom" />
/** The page /speak. `?captions=1` shows the words, and `?volume=0.5` halves the volume. */
/** @import { Messages } from "../../messages.ts" */
import "/livecue/language.js";
import { listen } from "/livecue/page.js";
import { Captions } from "./captions.js";
import { Player } from "./player.js";

const given = new URLSearchParams(location.search);
const hasCaptions = given.get("captions") === "1";
const askedVolume = parseFloat(given.get("volume") ?? "");
/** A volume that is no number would make the page silent, and nobody would know why. */
const ownVolume = Number.isNaN(askedVolume) ? 1 : Math.min(1, Math.max(0, askedVolume));

const captions = new Captions(/** @type {HTMLElement} */ (document.getElementById("captions")));
const allow = /** @type {HTMLElement} */ (document.getElementById("allow"));
/** OBS allows sound at once. Another browser may require a click, so the button appears after this time. */
const patienceMs = 500;

const player = new Player(
  (text, about, now) => hasCaptions && captions.show({ text, ...about }, now),
  () => captions.end(),
);

/** @param {Messages["status"]} status */
function takeStatus({ volume, isMuted }) {
  player.setVolume(isMuted ? 0 : volume * ownVolume);
}

/** Connects only when the browser allows sound. Otherwise the page would lose the texts that Livecue sends. */
async function start() {
  const timer = setTimeout(() => allow.hidden = false, patienceMs);
  allow.addEventListener("click", () => void player.allow());
  await player.allow();
  clearTimeout(timer);
  allow.hidden = true;
  listen({
    /** @param {Messages["hello"]} hello */
    hello: (hello) => {
      takeStatus(hello);
      if (hello.interrupted !== null) player.add(hello.interrupted);
    },
    /** @param {Messages["speak"]} text */
    speak: (text) => player.add(text),
    /** @param {Messages["end"]} end */
    end: ({ id, status }) => status !== "spoken" && player.skip(id),
    status: takeStatus,
  }, { wants: "speech" });
}

void start();
