/** The body of a request: the event in a fixed format, or the streamer's filled template. */
import type { LiveEvent, QueueItem } from "livecue/service";
import { type Quote, Template } from "livecue/template";
import { z } from "zod";
import { shortened } from "./shortened.ts";

/**
 * A JSON value whose texts are templates. They are filled before the value is converted to JSON, so values need no
 * quoting.
 */
export type BodyTemplate =
  | Template
  | number
  | boolean
  | null
  | BodyTemplate[]
  | { [key: string]: BodyTemplate };

/** The text of the body and its media type. */
export interface Body {
  text: string;
  contentType: string;
}

/** A text that no server expects to be longer. */
const longestText = 2000;

export const bodySchema = z.json().transform((value, context): BodyTemplate => {
  if (typeof value === "string" && /^\s*\{\s*"/.test(value)) {
    const message =
      "is JSON inside a string: remove the quotes around it, so that no viewer's name can break it";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  }
  try {
    return compile(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    context.addIssue({ code: "custom", message: error.message });
    return z.NEVER;
  }
});

function compile(value: z.core.util.JSONType): BodyTemplate {
  if (typeof value === "string") return new Template(value);
  if (Array.isArray(value)) return value.map(compile);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, compile(inner)]));
}

/** How the texts of a body are filled, and what happens to the whole afterwards. */
export interface Filling {
  /** The text of a template. `place` is the path to it, for example "embeds[].title"; "" for a body that is a text. */
  fill(template: Template, place: string): string;
  fit(body: unknown): unknown;
}

/** Fills the template. A template that is a plain string becomes plain text, any other becomes JSON. */
export function fillBody(template: BodyTemplate, { fill, fit }: Filling): Body {
  const filled = fit(fillValue(template, "", fill));
  if (typeof filled === "string") return { text: filled, contentType: "text/plain; charset=utf-8" };
  return jsonBody(filled);
}

function fillValue(template: BodyTemplate, place: string, fill: Filling["fill"]): unknown {
  if (template instanceof Template) return fill(template, place);
  if (Array.isArray(template)) return template.map((inner) => fillValue(inner, `${place}[]`, fill));
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map((
      [key, inner],
    ) => [key, fillValue(inner, place ? `${place}.${key}` : key, fill)]),
  );
}

/** Shortens each text of a body for a server whose limits are not known. */
export function fitForAny(body: unknown): unknown {
  if (typeof body === "string") return shortened(body, longestText);
  if (Array.isArray(body)) return body.map(fitForAny);
  if (typeof body !== "object" || body === null) return body;
  return Object.fromEntries(Object.entries(body).map(([key, inner]) => [key, fitForAny(inner)]));
}

/** The shape that docs/services/webhook.md documents. `id` is the delivery's. */
export function eventBody(id: string, event: LiveEvent, { count }: Pick<QueueItem, "count">): Body {
  const { type, data, user, streak, isFirstOfUser, createdAt, receivedAt, roomId, sessionId } = event;
  const diamonds = event.type === "GiftEvent" ? count * event.data.gift.diamondCount : 0;
  return jsonBody({
    id,
    type,
    timestamp: isoTime(createdAt) ?? isoTime(receivedAt),
    data,
    user,
    count,
    diamonds,
    streak,
    isFirstOfUser,
    createdAt,
    receivedAt,
    roomId,
    sessionId,
    eventId: event.id,
  });
}

/** Null if the time is invalid. It comes from TikTok, so it cannot be trusted. */
function isoTime(milliseconds: number): string | null {
  const time = new Date(milliseconds);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

function jsonBody(value: unknown): Body {
  return { text: JSON.stringify(value), contentType: "application/json; charset=utf-8" };
}

/** How viewers' texts are escaped in this template. */
export function quoteFor({ text }: Template, isMarkdown: boolean): Quote | undefined {
  if (/^https?:\/\/\S*$/i.test(text)) return encodeForAddress;
  return isMarkdown ? escapeMarkdown : undefined;
}

/** Escapes a value for a URL, so that it cannot change its other parts. */
function encodeForAddress(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

/** Escapes Markdown, so that viewers cannot add links, mentions, headings or spoilers. */
function escapeMarkdown(value: string): string {
  return value.replace(/[\\`*_~|<>[\]()#@:-]/g, "\\$&");
}
