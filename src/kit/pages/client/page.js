// @ts-check
/// <reference lib="dom" />
/**
 * A page's line to Livecue: what happens comes in, what the page has to say goes out. Messages have no times but ages
 * in milliseconds, as they were when they were sent: count on from there by `performance.now()`.
 */

const given = new URLSearchParams(location.search);

/**
 * The path with this page's token, where there is one.
 * @param {string} path
 * @param {Record<string, string>} [query]
 */
export function address(path, query = {}) {
  const token = given.get("token");
  const params = new URLSearchParams(token === null ? query : { ...query, token });
  return params.size === 0 ? path : `${path}?${params}`;
}

/**
 * Calls each handler with the messages of its name. `hello` comes first, and again whenever something may have been
 * missed. Where Livecue came back in another version, the page loads itself anew.
 * @param {Record<string, ((message: any) => void) | undefined>} handlers
 * @param {Record<string, string>} [query] What the page asks for: the service sees it.
 */
export function listen(handlers, query = {}) {
  /** @type {unknown} */
  let version;
  const stream = new SharedWorker(address("/livecue/stream.js")).port;
  stream.onmessage = ({ data: { name, message } }) => {
    if (name === "hello") {
      version ??= message?.version;
      if (version !== message?.version) return location.reload();
    }
    handlers[name]?.(message);
  };
  join(stream, new URLSearchParams(query).toString());
}

/**
 * Where the browser has locks (not for a page of another computer), one tells the worker that the page is gone,
 * however it went.
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
 * Resolves to whether Livecue took it. What could not be sent is not sent again: Livecue helps itself.
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
