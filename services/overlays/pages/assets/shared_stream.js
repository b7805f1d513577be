// @ts-check
/// <reference lib="dom" />
/// <reference lib="webworker" />
/**
 * One stream for all pages of this browser that want the same. A browser keeps six connections to a server at most,
 * and all of OBS's sources are pages of one browser: with a stream each, the seventh would hang.
 *
 * It comes back by itself, as often as Livecue does; an EventSource of its own gives up on some errors. A page that
 * joins opens it anew, so that `hello` is as of now; to the others that is as after a reconnect.
 */

const firstPauseMs = 200;
const longestPauseMs = 2000;
const names = ["event", "totals", "board"];

/** @type {Set<MessagePort>} */
const pages = new Set();
/** @type {EventSource | null} The one that speaks; and the one that has not said hello yet. */
let current = null;
/** @type {EventSource | null} */
let next = null;
let pauseMs = firstPauseMs;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {unknown} message */
function tell(message) {
  for (const page of pages) page.postMessage(message);
}

function connect() {
  clearTimeout(timer);
  next?.close();
  const stream = new EventSource(`/stream${location.search}`);
  next = stream;
  stream.addEventListener("hello", ({ data }) => {
    if (current !== stream) current?.close();
    current = stream;
    next = null;
    pauseMs = firstPauseMs;
    tell({ name: "hello", data });
  });
  for (const name of names) {
    stream.addEventListener(name, ({ data }) => {
      if (current === stream) tell({ name, data });
    });
  }
  stream.onerror = () => lose(stream);
}

/** @param {EventSource} stream */
function lose(stream) {
  stream.close();
  if (current === stream) current = null;
  if (next === stream) next = null;
  if (next !== null) return;
  timer = setTimeout(connect, pauseMs);
  pauseMs = Math.min(2 * pauseMs, longestPauseMs);
}

addEventListener("connect", (event) => {
  const [page] = /** @type {MessageEvent} */ (event).ports;
  if (page === undefined) return;
  pages.add(page);
  // All that a page says is that it goes.
  page.onmessage = () => pages.delete(page);
  connect();
});
