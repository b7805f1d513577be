/**
 * The memory that a thread shares with its query worker, so that the thread can wait for an answer without returning
 * to its event loop. Answers longer than the memory come in parts: the worker waits until each is taken.
 * Invariants: one question at a time; the worker writes `answered` after the data, and the asker resets it before it
 * asks for the next part; the asker turns `ready` off when it gives a question up, and tells the worker, which turns
 * it on again.
 */

/** From the asker to the worker. */
export type QueryRequest =
  | { kind: "open"; address: string; applicationName: string; timeoutMs: number; memory: SharedArrayBuffer }
  | { kind: "ask"; number: number; sql: string; values: readonly (string | number | null)[] }
  /** The answer comes as a message, and other questions may be asked meanwhile. */
  | { kind: "ask_later"; number: number; sql: string; values: readonly (string | number | null)[] }
  | { kind: "give_up" }
  | { kind: "close" };

/** From the worker. It does not know the language, so the other side explains why it could not connect. */
export type QueryReply =
  | { kind: "opened" }
  | ({ kind: "failed" } & FailureNote)
  | { kind: "answer"; number: number; answer: Answer };

/** What `connectionTrouble` needs of an error. */
export interface FailureNote {
  message: string;
  code: string | null;
  syscall: string | null;
}

/** The content of an answer. */
export type Answer =
  | { columns: readonly string[]; rows: readonly (readonly unknown[])[] }
  /** null: the connection is lost. */
  | { error: { message: string; code: string | null } | null };

const slots = { state: 0, answered: 1, length: 2, rest: 3, taken: 4 } as const;
const states = { away: 0, ready: 1 } as const;
const headerBytes = 32;
const partBytes = 1024 * 1024;
/** How long the worker waits for an asker that takes parts; an asker that ended never does. */
const partLimitMs = 10_000;

export class QueryChannel {
  readonly memory: SharedArrayBuffer;
  readonly #header: Int32Array;
  readonly #data: Uint8Array;

  constructor(memory = new SharedArrayBuffer(headerBytes + partBytes)) {
    this.memory = memory;
    this.#header = new Int32Array(memory, 0, headerBytes / 4);
    this.#data = new Uint8Array(memory, headerBytes);
  }

  get isReady(): boolean {
    return Atomics.load(this.#header, slots.state) === states.ready;
  }

  set isReady(isReady: boolean) {
    Atomics.store(this.#header, slots.state, isReady ? states.ready : states.away);
  }

  /** Blocks until question `number` is answered, at most `limitMs`; null if it was not. */
  take(number: number, limitMs: number): Answer | null {
    const parts: Uint8Array[] = [];
    for (let rest = 1; rest > 0;) {
      if (!this.#wait(slots.answered, number, limitMs)) return null;
      const length = Atomics.load(this.#header, slots.length);
      rest = Atomics.load(this.#header, slots.rest);
      parts.push(this.#data.slice(0, length));
      if (rest === 0) break;
      Atomics.store(this.#header, slots.answered, 0);
      Atomics.store(this.#header, slots.taken, rest);
      Atomics.notify(this.#header, slots.taken);
    }
    return JSON.parse(new TextDecoder().decode(joined(parts)));
  }

  /** Gives the answer to question `number`. */
  put(number: number, answer: Answer): void {
    const bytes = new TextEncoder().encode(JSON.stringify(answer));
    let rest = Math.ceil(bytes.length / partBytes);
    Atomics.store(this.#header, slots.taken, 0);
    for (let start = 0; start < bytes.length; start += partBytes) {
      const part = bytes.subarray(start, start + partBytes);
      rest -= 1;
      this.#data.set(part);
      Atomics.store(this.#header, slots.length, part.length);
      Atomics.store(this.#header, slots.rest, rest);
      Atomics.store(this.#header, slots.answered, number);
      Atomics.notify(this.#header, slots.answered);
      if (rest > 0 && !this.#wait(slots.taken, rest, partLimitMs)) return;
    }
  }

  #wait(slot: number, value: number, limitMs: number): boolean {
    for (let found = Atomics.load(this.#header, slot); found !== value;) {
      if (Atomics.wait(this.#header, slot, found, limitMs) === "timed-out") return false;
      found = Atomics.load(this.#header, slot);
    }
    return true;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}
