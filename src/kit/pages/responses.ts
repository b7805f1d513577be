/** Responses of a page server, and reading of request bodies. */
import { t } from "../../language.ts";
import { limit } from "../limit.ts";

const bodyLimitMs = 10_000;

/** Allows nothing from other servers, and no inline scripts and styles. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  // A player's script makes such an address for the sound that it has loaded.
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "frame-ancestors 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const securityHeaders = {
  "content-security-policy": policy,
  "cross-origin-resource-policy": "same-origin",
  // A website that opens the index in a window has no access to that window.
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  // Compression would delay the stream.
  "cache-control": "no-store, no-transform",
};

/** With the headers that keep other sites out, and pages from running what viewers wrote. */
export function answer(body: BodyInit, contentType: string, status = 200): Response {
  return new Response(body, { status, headers: { ...securityHeaders, "content-type": contentType } });
}

export function done(): Response {
  return new Response(null, { status: 204, headers: securityHeaders });
}

/** With the reason as a line of text. */
export function refuse(status: number, why: string): Response {
  return new Response(`${why}\n`, {
    status,
    headers: { ...securityHeaders, "content-type": "text/plain; charset=utf-8" },
  });
}

/** For a request with the wrong method. */
export function refuseMethod(method: "GET" | "POST"): Response {
  const response = refuse(405, t`Only ${method} is allowed here.`);
  response.headers.set("allow", method === "GET" ? "GET, HEAD" : method);
  return response;
}

/** The answer to HEAD: without a body, but with its length if known. A length that a route has set is kept. */
export async function withoutBody(response: Response): Promise<Response> {
  const { status, headers } = response;
  if (headers.has("content-length")) await response.body?.cancel();
  else if (headers.get("content-type") !== eventStream) {
    headers.set("content-length", String((await response.arrayBuffer()).byteLength));
  }
  return new Response(null, { status, headers });
}

export const eventStream = "text/event-stream";

/** The JSON in the request, or a response that refuses the request. */
export async function jsonOf(
  request: Request,
  { maxBytes }: { maxBytes: number },
): Promise<{ value: unknown } | Response> {
  // Forms of other sites cannot send this type, and scripts of other sites need a preflight request for it.
  if (request.headers.get("content-type")?.split(";")[0]?.trim() !== "application/json") {
    return refuse(415, t`Only application/json is allowed.`);
  }
  const text = await textWithin(request, maxBytes).catch(() => undefined);
  if (text === undefined) return refuse(400, t`The request was incomplete.`);
  if (text === null) return refuse(413, t`The request is too large.`);
  try {
    return { value: JSON.parse(text) };
  } catch {
    return refuse(400, t`The request is not valid JSON.`);
  }
}

/** null if the body is longer, or does not end in time. */
async function textWithin(request: Request, maxBytes: number): Promise<string | null> {
  const reader = request.body?.getReader();
  const cancel = limit(bodyLimitMs, () => void reader?.cancel("It takes too long.").catch(() => {}));
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  try {
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      length += part.value.length;
      if (length > maxBytes) return null;
      text += decoder.decode(part.value, { stream: true });
    }
    return text;
  } finally {
    cancel();
    reader?.releaseLock();
  }
}
