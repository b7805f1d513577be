/** What a page server answers, and how it reads what it is told. */
import { limit } from "../limit.ts";
import { pictureSources } from "./pictures.ts";

const bodyLimitMs = 10_000;

/** Nothing from outside but TikTok's pictures; no script or style in a page's own text. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  `img-src 'self' data: ${pictureSources}`,
  // A player makes such an address for what it has put together.
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
  // A site that opens the index in a window has no hold on it.
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  // Compression would hold back the stream.
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

/** Where another method is of use. */
export function refuseMethod(method: "GET" | "POST"): Response {
  const response = refuse(405, `Only ${method} is of use here.`);
  response.headers.set("allow", method === "GET" ? "GET, HEAD" : method);
  return response;
}

/** The answer to HEAD: all but the body, whose length is said where it is known. */
export async function withoutBody(response: Response): Promise<Response> {
  const { status, headers } = response;
  if (headers.get("content-type") !== eventStream) {
    headers.set("content-length", String((await response.arrayBuffer()).byteLength));
  }
  return new Response(null, { status, headers });
}

export const eventStream = "text/event-stream";

/** The JSON that the request holds, undefined where it is none; or what to answer where it holds something else. */
export async function jsonOf(
  request: Request,
  { maxBytes }: { maxBytes: number },
): Promise<{ value: unknown } | Response> {
  // What a form of another site can send has other types, and what has this one is first asked for.
  if (request.headers.get("content-type")?.split(";")[0]?.trim() !== "application/json") {
    return refuse(415, "Only application/json is taken.");
  }
  const text = await textWithin(request, maxBytes).catch(() => undefined);
  if (text === undefined) return refuse(400, "The request was cut off.");
  return text === null ? refuse(413, "This is too much.") : { value: parsed(text) };
}

/** null where it is longer, or does not come to its end. */
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

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
