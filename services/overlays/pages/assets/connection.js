// @ts-check
/// <reference lib="dom" />
/**
 * The page's line to Livecue: what happens comes in, what was shown goes out. It comes back by itself, as often
 * as Livecue does; an EventSource of its own gives up on some errors.
 */
/** @import { MessageName, Messages } from "../../messages.ts" */

const firstPauseMs = 200;
const longestPauseMs = 2000;

const page = new URLSearchParams(location.search);

/**
 * The path with this page's token, where there is one.
 * @param {string} path
 * @param {Record<string, string>} [query]
 */
export function address(path, query = {}) {
  const token = page.get("token");
  const params = new URLSearchParams(token === null ? query : { ...query, token });
  return params.size === 0 ? path : `${path}?${params}`;
}

/** @type {number | undefined} What the server spoke when this page was opened. */
let version;

/**
 * Calls each handler with the messages of its name. On every connect `hello` comes first. Where Livecue came back
 * in another version, the page loads itself anew.
 * @param {{ [Name in MessageName]?: (message: Messages[Name]) => void }} handlers
 * @param {{ query?: Record<string, string>, isConnected?: (is: boolean) => void }} [options]
 */
export function listen(handlers, { query = {}, isConnected = () => {} } = {}) {
  let pauseMs = firstPauseMs;

  function connect() {
    const stream = new EventSource(address("/stream", query));
    stream.onopen = () => {
      pauseMs = firstPauseMs;
      isConnected(true);
    };
    stream.onerror = () => {
      stream.close();
      isConnected(false);
      setTimeout(connect, pauseMs);
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
    };
    for (const [name, handle] of Object.entries(handlers)) {
      stream.addEventListener(name, (message) => handle(JSON.parse(message.data)));
    }
    stream.addEventListener("hello", (message) => {
      const hello = JSON.parse(message.data);
      version ??= hello.version;
      if (version !== hello.version) location.reload();
    });
  }

  connect();
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
