// @ts-check
/// <reference lib="dom" />
/** A video, a picture or a Lottie animation of the theme folder, which belongs to an alert. */
import { t } from "/livecue/language.js";
import { make } from "./elements.js";

const maxSeconds = 20;

/**
 * @typedef {object} Media
 * @property {HTMLElement} element
 * @property {() => void} end Stops it and frees what it holds.
 */

/**
 * @param {string} file A file below /assets/.
 * @param {object} given
 * @param {number} given.volume From 0 to 1.
 * @param {(seconds: number) => void} given.onLength Called when the length of a video or an animation is known.
 * @param {(why: string) => void} given.onBroken Called if it cannot be shown.
 * @returns {Media}
 */
export function makeMedia(file, given) {
  const ending = file.split(".").at(-1)?.toLowerCase();
  const source = `/assets/${encodeURIComponent(file)}`;
  if (ending === "json") return makeLottie(source, given);
  return ending === "webm" || ending === "mp4" ? makeVideo(source, given) : makePicture(source, given);
}

/**
 * @param {string} source
 * @param {{ onBroken: (why: string) => void }} given
 */
function makePicture(source, { onBroken }) {
  const element = make("img", "");
  element.alt = "";
  element.onerror = () => onBroken(t`it is missing, larger than 100 MB, or not a picture`);
  element.src = source;
  return { element, end: () => element.onerror = null };
}

/**
 * @param {string} source
 * @param {{ volume: number, onLength: (seconds: number) => void, onBroken: (why: string) => void }} given
 */
function makeVideo(source, { volume, onLength, onBroken }) {
  const element = make("video", "");
  element.playsInline = true;
  element.volume = volume;
  element.muted = volume === 0;
  element.onloadedmetadata = () => onLength(Math.min(maxSeconds, element.duration || 0));
  element.onerror = () =>
    onBroken(t`it is missing, larger than 100 MB, or not a video that this browser plays`);
  element.src = source;
  void element.play().catch(({ name }) => {
    if (name !== "NotAllowedError") return;
    // Browsers other than OBS's play sound only after a click.
    element.muted = true;
    void element.play().catch(() => {});
  });
  const end = () => {
    element.onerror = null;
    element.removeAttribute("src");
    element.load();
  };
  return { element, end };
}

/**
 * @param {string} source
 * @param {{ onLength: (seconds: number) => void, onBroken: (why: string) => void }} given
 */
function makeLottie(source, { onLength, onBroken }) {
  const element = make("div", "lottie");
  /** @type {{ destroy(): void } | null} */
  let animation = null;
  let isEnded = false;
  async function load() {
    const [{ default: lottie }, answer] = await Promise.all([import("/assets/lottie.js"), fetch(source)]);
    if (!answer.ok) throw new Error(t`it is missing, larger than 100 MB, or not readable`);
    const animationData = await answer.json().catch(() => {
      throw new Error(t`it is not a Lottie animation`);
    });
    if (isEnded) return;
    const started = lottie.loadAnimation({ container: element, renderer: "svg", loop: false, animationData });
    animation = started;
    onLength(Math.min(maxSeconds, started.getDuration(false)));
  }
  load().catch(({ message }) => onBroken(message));
  const end = () => {
    isEnded = true;
    animation?.destroy();
  };
  return { element, end };
}
