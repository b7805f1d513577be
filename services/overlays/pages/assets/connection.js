// @ts-check
/// <reference lib="dom" />
/** The page's line to Livecue: what happens comes in, what was shown goes out. */
/** @import { MessageName, Messages } from "../../messages.ts" */

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

/**
 * Calls each handler with the messages of its name. `hello` comes first, and again whenever something may have been
 * missed. Where Livecue came back in another version, the page loads itself anew.
 * @param {{ [Name in MessageName]?: (message: Messages[Name]) => void }} handlers
 * @param {Record<string, string>} [query]
 */
export function listen(handlers, query = {}) {
  /** @type {number | undefined} */
  let version;
  const stream = new SharedWorker(address("/assets/shared_stream.js", query)).port;
  stream.onmessage = ({ data: { name, data } }) => {
    const message = JSON.parse(data);
    if (name === "hello") {
      version ??= message.version;
      if (version !== message.version) return location.reload();
    }
    /** @type {Record<string, (message: unknown) => void>} */ (handlers)[name]?.(message);
  };
  addEventListener("pagehide", () => stream.postMessage("leaving"));
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
