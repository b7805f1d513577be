/**
 * The first messages of a connection between an owner and a host. They come outside of the link's numbers: the owner
 * says hello until the host welcomes or refuses it. All are JSON texts.
 */
import { isFields } from "./fields.ts";

/** Raise it with each change of the messages of `src/runner/protocol.ts` or of this folder. */
export const linkProtocol = 1;

export interface Hello {
  kind: "hello";
  protocol: number;
  /** A session is one worker for one owner. It survives connections. */
  session: string;
  /** Whether the owner was never welcomed in this session. A host that does not know it then begins it. */
  isNew: boolean;
  /** The last number up to which the owner has received everything. */
  received: number;
  service: string;
  /** What the items belong to: a database, or one room of it. It gets a folder of its own on the host. */
  room: string;
  /** The process that owns the items, different at each start. */
  owner: string;
  /** For the host's log. */
  ownerName: string;
  /** Types of events that the owner lets the service emit. */
  emits: string[];
}

export interface Welcome {
  kind: "welcome";
  /** The last number up to which the host has received everything. */
  received: number;
  /** Whether the host can kill the worker even if it is stuck in a loop. */
  canKill: boolean;
}

export type RefusalReason =
  | { why: "protocol"; protocol: number }
  | { why: "unknown service" }
  /** The host lets the service emit types that the owner does not. */
  | { why: "emits"; types: string[] }
  | { why: "unknown session" }
  /** Another owner, which is connected, has the same room. */
  | { why: "room in use" }
  /** The owner's last worker is being stopped. */
  | { why: "still ending" }
  | { why: "too many sessions" }
  | { why: "stopping" };

export type Refusal = { kind: "refused" } & RefusalReason;

const maxNames = 200;
const maxNameLength = 200;

/** Null if the data is no hello. Of a hello in another protocol, only `protocol` is certain. */
export function readHello(data: unknown): Hello | null {
  const hello = readFields(data);
  if (hello === null || hello["kind"] !== "hello" || !isCount(hello["protocol"])) return null;
  if (hello["protocol"] !== linkProtocol) return hello as unknown as Hello;
  const { session, isNew, received, service, room, owner, ownerName, emits } = hello;
  const isRight = isId(session) && isId(room) && isId(owner) && isName(service) && isName(ownerName) &&
    typeof isNew === "boolean" && isCount(received) && isNames(emits);
  return isRight ? hello as unknown as Hello : null;
}

/** Null if the data is no answer to a hello. */
export function readAnswer(data: unknown): Welcome | Refusal | null {
  const answer = readFields(data);
  if (answer === null) return null;
  const { kind, received, canKill, why, protocol, types } = answer;
  if (kind === "welcome") {
    return isCount(received) && typeof canKill === "boolean" ? { kind, received, canKill } : null;
  }
  if (kind !== "refused") return null;
  switch (why) {
    case "protocol":
      return isCount(protocol) ? { kind, why, protocol } : null;
    case "emits":
      return isNames(types) ? { kind, why, types } : null;
    case "unknown service":
    case "unknown session":
    case "room in use":
    case "still ending":
    case "too many sessions":
    case "stopping":
      return { kind, why };
    default:
      return null;
  }
}

/** Whether the data is a message of the handshake, rather than a frame of the link. */
export function isHandshake(data: unknown): boolean {
  return typeof data === "string" && data.startsWith("{");
}

function readFields(data: unknown): Record<string, unknown> | null {
  if (typeof data !== "string" || data.length > 100_000) return null;
  try {
    const value: unknown = JSON.parse(data);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

/** A part of a path on the host, so it contains nothing that has a meaning there. */
function isId(value: unknown): value is string {
  return typeof value === "string" && /^[a-zA-Z0-9_-]{1,100}$/.test(value);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= maxNameLength;
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= maxNames && value.every(isName);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
