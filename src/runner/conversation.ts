/**
 * The messages between the main thread and one worker. It lets through only valid messages and answers to
 * questions that the main thread asked, because the worker runs a third party's code. The log reports each
 * kind of mistake once.
 */
import type { Clock } from "../clock.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import type { ServiceConfig } from "../service.ts";
import { messageMistake } from "./checked_message.ts";
import { costsCredits } from "./credits.ts";
import { Intake } from "./intake.ts";
import { PacedLines } from "./paced_lines.ts";
import type { MessageFromWorker, MessageToWorker } from "./protocol.ts";
import type { HowLost, Transport, TransportOptions } from "./transport.ts";

/** Every message except those of commands and of the worker's programs. */
export type MessageOfLife = Exclude<
  MessageFromWorker,
  { kind: "child" | "print" | "commands" | "command_ended" }
>;

export interface ConversationOptions {
  service: ServiceConfig;
  clock: Clock;
  /** Its lines carry the service's name. */
  log: Log;
  /** May throw. */
  openTransport(options: TransportOptions): Transport;
  /** The message is handled when the returned promise settles. */
  onMessage(message: MessageOfLife): void | Promise<void>;
  /** No message follows. `why` continues a sentence that starts with "the service". */
  onLost(why: string, how: HowLost): void;
  /** As in `TransportOptions`. */
  onLeaving(): void;
  onInterrupted(forMs: number): void;
  endedItems(itemIds: readonly number[]): number[];
}

/** The answer that each question gets. */
const answerTo = { start: "start", ping: "pong", hold: "held", stop: "stopped" } as const;

/**
 * The first characters of a mistake identify its kind. A value that the service sent usually comes after
 * them.
 */
const charactersOfKind = 20;
const maxLoggedMistakes = 20;

/**
 * The cost of reading one printed line, however short, in characters. It makes 10,000 lines per second too
 * many.
 */
const charactersOfPrintedLine = 400;

type Question = keyof typeof answerTo;
type Answer = typeof answerTo[Question];

export class Conversation {
  readonly #options: ConversationOptions;
  readonly #transport: Transport;
  readonly #intake: Intake;
  readonly #owed: Record<Answer, number> = { start: 0, pong: 0, held: 0, stopped: 0 };
  readonly #loggedMistakes = new Set<string>();

  /** Throws as `openTransport` does. */
  constructor(options: ConversationOptions) {
    this.#options = options;
    const { service, clock, log, onLost, onLeaving, onInterrupted, endedItems } = options;
    this.#intake = new Intake({
      clock,
      handle: (message) => this.#handle(message),
      refuse: (mistake) => this.#warn(mistake),
      grant: (credits) => this.post({ kind: "credits", ...credits }),
      onFlood: (why) => onLost(t`${why}: Livecue ended its worker`, { isStuck: true }),
    });
    const printed = new PacedLines({ clock, write: (level, text) => log[level](text) });
    this.#transport = options.openTransport({
      service,
      onMessage: (data) => this.#intake.receive(data),
      onPrinted: (level, text) => {
        this.#intake.stray({ messages: 0, characters: text.length + charactersOfPrintedLine });
        if (text !== "") printed.write(level, text);
      },
      onLost: (why, how = {}) => onLost(why, how),
      onLeaving,
      onInterrupted,
      endedItems,
    });
  }

  get transport(): Omit<Transport, "post" | "terminate"> {
    return this.#transport;
  }

  post(message: MessageToWorker): void {
    if (isQuestion(message.kind)) this.#owed[answerTo[message.kind]]++;
    this.#transport.post(message);
  }

  /** Refuses an answer that the main thread did not ask for. `what` continues "the service sent". */
  refuseUnasked(what: string): void {
    this.#intake.stray();
    this.#warn(`sent ${what}`);
  }

  /** Lets nothing more through. Resolves when the worker is gone. */
  end(): Promise<void> {
    this.#intake.close();
    return this.#transport.terminate();
  }

  #handle(message: Record<string, unknown>): void | Promise<void> {
    const mistake = messageMistake(message);
    if (mistake !== null) return this.#refuse(message, mistake);
    return this.#take(message as unknown as MessageFromWorker);
  }

  #take(message: MessageFromWorker): void | Promise<void> {
    switch (message.kind) {
      case "child":
        return this.#transport.children?.take(message);
      case "print":
      case "commands":
      case "command_ended":
        return this.refuseUnasked("a message that only a command may send");
    }
    const { kind } = message;
    const answer = kind === "ready" || kind === "start_failed" ? "start" : kind;
    if (Object.hasOwn(this.#owed, answer) && --this.#owed[answer as Answer] < 0) {
      this.#owed[answer as Answer] = 0;
      return this.refuseUnasked(`"${kind}", which Livecue did not ask for`);
    }
    return this.#options.onMessage(message);
  }

  /** A mistake in a message refuses that message, and nothing else. */
  #refuse(message: Record<string, unknown>, mistake: string): void {
    const { kind, requestId } = message;
    if (kind === "request" && Number.isSafeInteger(requestId)) {
      const error = `the service ${mistake}`;
      return this.#transport.post({ kind: "refusal", requestId: Number(requestId), error });
    }
    if (!costsCredits(message)) this.#intake.stray();
    this.#warn(mistake);
  }

  #warn(mistake: string): void {
    const name = mistake.slice(0, charactersOfKind);
    if (this.#loggedMistakes.has(name) || this.#loggedMistakes.size >= maxLoggedMistakes) return;
    this.#loggedMistakes.add(name);
    this.#options.log.warn(`the service ${mistake}: Livecue ignores it`);
  }
}

function isQuestion(kind: string): kind is Question {
  return Object.hasOwn(answerTo, kind);
}
