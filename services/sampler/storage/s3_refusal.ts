/** What an S3 server says when it refuses a request, and the sentence about it. */
import { XMLParser } from "fast-xml-parser";

/** All values are text: a name or an id of digits would lose its zeros as a number. */
const parser = new XMLParser({ parseTagValue: false, ignoreDeclaration: true, removeNSPrefix: true });

/** The elements of an S3 answer. One that may come several times has to be read with `listOf`. */
export interface XmlElement {
  [name: string]: string | XmlElement | (string | XmlElement)[] | undefined;
}

/** The root element with its name; null if the text is no XML. */
export function parseXml(text: string): { root: string; element: XmlElement } | null {
  try {
    const parsed = parser.parse(text.trim(), true) as XmlElement;
    const [root] = Object.keys(parsed);
    const element = root === undefined ? undefined : parsed[root];
    if (root === undefined || element === undefined || Array.isArray(element)) return null;
    return { root, element: typeof element === "string" ? {} : element };
  } catch {
    return null;
  }
}

export function textOf(element: XmlElement, name: string): string {
  const value = element[name];
  return typeof value === "string" ? value : "";
}

export function listOf(element: XmlElement, name: string): XmlElement[] {
  const value = element[name] ?? [];
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "object");
}

/** An answer other than the expected one. */
export interface Refusal {
  status: number;
  /** S3's error code; "" if the answer has none, as that of HEAD. */
  code: string;
  /** The server's own sentence. */
  message: string;
  /** The region that the server wants; "" if it names none. */
  region: string;
  isWebPage: boolean;
  headers: Headers;
}

/** Bodies of answers that are read. A list of 1000 uploads has under 1 MB. */
const maxBodyBytes = 4 * 1024 * 1024;

/** Reads a body up to 4 MB; the rest is discarded. */
export async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBodyBytes) break;
  }
  return await new Blob(chunks).text();
}

/** Looks at an answer whose body is `text`; null if it is no refusal. */
export function refusalIn(response: Response, text: string): Refusal | null {
  const { status, headers } = response;
  const isWebPage = isHtml(headers) && text.trim() !== "" || /^\s*<(?:!doctype html|html)\b/i.test(text);
  const parsed = isWebPage ? null : parseXml(text);
  const error = parsed?.root === "Error" ? parsed.element : null;
  if (response.ok && error === null && !isWebPage) return null;
  const message = textOf(error ?? {}, "Message");
  return {
    status,
    headers,
    isWebPage,
    code: textOf(error ?? {}, "Code"),
    message,
    region: textOf(error ?? {}, "Region") || headers.get("x-amz-bucket-region") ||
      /expecting '([\w-]+)'/.exec(message)?.[1] || "",
  };
}

export function isHtml(headers: Headers): boolean {
  return /^text\/html\b/i.test(headers.get("content-type") ?? "");
}
