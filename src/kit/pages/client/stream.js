// @ts-check
/// <reference lib="dom" />
/// <reference lib="webworker" />
/**
 * One stream for all pages of this browser. A browser opens at most six connections to a server, and all of OBS's
 * sources are pages of one browser: with one stream per page, the seventh would hang. It reconnects by itself every
 * time; a plain EventSource gives up on some errors. When the queries of the pages change, it opens a new stream, and
 * all pages get a new `hello`, as after a reconnect. The old stream stays until the first message of the new one.
 */

const firstPauseMs = 200;
const longestPauseMs = 2000;

/** @type {Map<MessagePort, string>} What each page asks for. */
const pages = new Map();
/** @type {EventSource | null} The stream in use; and below, a new one without messages yet. */
let current = null;
/** @type {EventSource | null} */
let next = null;
let pauseMs = firstPauseMs;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

function connect() {
  clearTimeout(timer);
  next?.close();
  next = null;
  const queries = [...new Set(pages.values())];
  if (queries.length === 0) {
    current?.close();
    current = null;
    return;
  }
  const params = new URLSearchParams(location.search);
  for (const query of queries) params.append("page", query);
  const stream = new EventSource(`/stream?${params}`);
  next = stream;
  stream.onmessage = ({ data }) => {
    if (stream === next) takeOver(stream);
    if (stream === current) deliver(data, queries);
  };
  stream.onerror = () => lose(stream);
}

/** @param {EventSource} stream */
function takeOver(stream) {
  current?.close();
  current = stream;
  next = null;
  pauseMs = firstPauseMs;
}

/**
 * @param {string} data
 * @param {string[]} queries The queries of the stream, in its order.
 */
function deliver(data, queries) {
  const [name, indices, message] = JSON.parse(data);
  for (const [page, query] of pages) {
    if (indices.includes(queries.indexOf(query))) page.postMessage({ name, message });
  }
}

/** @param {EventSource} stream */
function lose(stream) {
  stream.close();
  if (current === stream) current = null;
  if (next === stream) next = null;
  if (next !== null) return;
  clearTimeout(timer);
  timer = setTimeout(connect, pauseMs);
  pauseMs = Math.min(2 * pauseMs, longestPauseMs);
}

/** @param {MessagePort} page */
function leave(page) {
  const query = pages.get(page);
  if (query === undefined) return;
  pages.delete(page);
  if (![...pages.values()].includes(query)) connect();
}

addEventListener("connect", (event) => {
  const [page] = /** @type {MessageEvent} */ (event).ports;
  if (page === undefined) return;
  page.onmessage = ({ data }) => {
    if (data === "leaving") return leave(page);
    pages.set(page, data.query);
    connect();
    if (data.lock !== undefined) void navigator.locks.request(data.lock, () => leave(page));
  };
});
