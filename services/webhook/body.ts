/** What is sent: the event in a fixed shape, or what the streamer's template makes of it. */
import type { LiveEvent, QueueItem } from "livecue/service";
import { type Quote, Template } from "livecue/template";
import { z } from "zod";

/** A JSON value whose texts are templates. Quoting is not left to anyone: it is filled in before it becomes JSON. */
export type BodyTemplate =
  | Template
  | number
  | boolean
  | null
  | BodyTemplate[]
  | { [key: string]: BodyTemplate };

/** What is sent, and its media type. */
export interface Body {
  text: string;
  contentType: string;
}

/** A message of Discord's may be no longer, and it refuses one that is. */
const longestText = 2000;

export const bodySchema = z.json().transform((value, context): BodyTemplate => {
  if (typeof value === "string" && /^\s*\{\s*"/.test(value)) {
    const message = "is JSON in a text: write it without the quotes around it, so that no name can break it";
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

/** A template that is a text, and no more, is sent as a text. */
export function fillBody(
  template: BodyTemplate,
  fill: (template: Template) => string,
): Body {
  const fillText = (text: Template) => shortened(fill(text));
  if (template instanceof Template) {
    return { text: fillText(template), contentType: "text/plain; charset=utf-8" };
  }
  return jsonBody(fillValue(template, fillText));
}

function fillValue(template: BodyTemplate, fill: (template: Template) => string): unknown {
  if (template instanceof Template) return fill(template);
  if (Array.isArray(template)) return template.map((inner) => fillValue(inner, fill));
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([key, inner]) => [key, fillValue(inner, fill)]));
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

/** Null for what is no time: TikTok's word is not ours to trust. */
function isoTime(milliseconds: number): string | null {
  const time = new Date(milliseconds);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

function jsonBody(value: unknown): Body {
  return { text: JSON.stringify(value), contentType: "application/json; charset=utf-8" };
}

function shortened(text: string): string {
  if (text.length <= longestText) return text;
  const start = text.slice(0, longestText - 1);
  // Half of a character that takes two places is none.
  return `${start.isWellFormed() ? start : start.slice(0, -1)}…`;
}

/** How what viewers wrote is made harmless in this text. */
export function quoteFor({ text }: Template, isMarkdown: boolean): Quote | undefined {
  if (/^https?:\/\/\S*$/i.test(text)) return encodeForAddress;
  return isMarkdown ? escapeMarkdown : undefined;
}

/** Makes it a part of an address that cannot become another one. */
function encodeForAddress(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

/** Makes it plain text where Markdown is read: no link, mention, heading or spoiler of theirs. */
function escapeMarkdown(value: string): string {
  return value.replace(/[\\`*_~|<>[\]()#@:-]/g, "\\$&");
}
