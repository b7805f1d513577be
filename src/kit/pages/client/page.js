// @ts-check
/// <reference lib="dom" />
/**
 * A page's connection to Livecue, in both directions. Messages have no times, only ages in milliseconds at the moment
 * of sending: count on from there with `performance.now()`.
 */

const given = new URLSearchParams(location.search);

/**
 * The path with this page's token, if there is one.
 * @param {string} path
 * @param {Record<string, string>} [query]
 */
export function address(path, query = {}) {
  const token = given.get("token");
  const params = new URLSearchParams(token === null ? query : { ...query, token });
  return params.size === 0 ? path : `${path}?${params}`;
}

/**
 * Calls each handler with the messages of its name. `hello` comes first, and again whenever the page may have missed
 * something. If Livecue comes back with another version, the page reloads itself.
 * @param {Record<string, ((message: any) => void) | undefined>} handlers
 * @param {Record<string, string>} [query] What the page asks for. The service gets it.
 */
export function listen(handlers, query = {}) {
  /** @type {unknown} */
  let version;
  const deliver = (/** @type {string} */ name, /** @type {any} */ message) => {
    if (name === "hello") {
      version ??= message?.version;
      if (version !== message?.version) return location.reload();
    }
    handlers[name]?.(message);
  };
  const asked = new URLSearchParams(query).toString();
  if (typeof SharedWorker === "undefined") return openOwnStream(asked, deliver);
  const stream = new SharedWorker(address("/livecue/stream.js")).port;
  stream.onmessage = ({ data: { name, message } }) => deliver(name, message);
  join(stream, asked);
}

const reopenMs = 1000;

/**
 * A stream for this page alone, in a browser without shared workers, as Chromium for Android.
 * @param {string} query
 * @param {(name: string, message: any) => void} deliver
 */
function openOwnStream(query, deliver) {
  const stream = new EventSource(address("/stream", { page: query }));
  stream.onmessage = ({ data }) => {
    const [name, , message] = JSON.parse(data);
    deliver(name, message);
  };
  // It gives up on some errors by itself.
  stream.onerror = () => {
    stream.close();
    setTimeout(() => openOwnStream(query, deliver), reopenMs);
  };
}

/**
 * If the browser supports locks (not for a page from another computer), a lock tells the worker when the page has
 * closed, in whatever way.
 * @param {MessagePort} stream
 * @param {string} query
 */
function join(stream, query) {
  addEventListener("pagehide", () => stream.postMessage("leaving"));
  if (navigator.locks === undefined) return stream.postMessage({ query });
  const lock = `livecue page ${crypto.randomUUID()}`;
  void navigator.locks.request(lock, () => {
    stream.postMessage({ query, lock });
    return new Promise(() => {});
  });
}

/**
 * Resolves to whether Livecue accepted it. A failed request is not retried, because Livecue does not depend on it.
 * @param {string} path
 * @param {unknown} body
 */
export async function send(path, body) {
  try {
    const answer = await fetch(address(path), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return answer.ok;
  } catch {
    return false;
  }
}
