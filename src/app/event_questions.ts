/** Answers the screen's queries about events: pages of the present lives or of a past session, places, searches, times. */
import type {
  EventAnswer,
  EventAtTime,
  EventHit,
  EventPlace,
  EventQuery,
  EventsPage,
  EventsShown,
} from "../event_view.ts";
import { t } from "../language.ts";
import { momentWanted, type SessionSpan } from "../time_wanted.ts";
import { UserError } from "../user_error.ts";
import type { EventChoice } from "../store/stored_events.ts";
import type { App } from "./app.ts";
import { lineOf } from "./monitor.ts";

/** How many events of a choice there are up to an id. */
interface Counted {
  choice: string;
  upTo: number;
  count: number;
}

export class EventQuestions {
  readonly #app: Pick<App, "liveIds" | "questions">;
  /** The last counts, so that only what is between is counted next time: of all, and up to the selected line. */
  #all: Counted | null = null;
  #selected: Counted | null = null;

  constructor(app: Pick<App, "liveIds" | "questions">) {
    this.#app = app;
  }

  answer(query: EventQuery): Promise<EventAnswer<EventQuery>> {
    switch (query.kind) {
      case "events":
        return this.#page(query);
      case "event_place":
        return this.#place(query);
      case "event_search":
        return this.#search(query);
      case "event_time":
        return this.#atTime(query);
    }
  }

  #choice({ session, source, types, text }: EventsShown): EventChoice {
    const of = session === null ? { liveIds: this.#app.liveIds(source) } : { sessionId: session };
    return { ...of, ...(source !== null && { source }), types, text };
  }

  async #page(query: EventQuery & { kind: "events" }): Promise<EventsPage> {
    const { before, after, limit } = query;
    const options = {
      ...this.#choice(query),
      ...(before !== null && { before }),
      ...(after !== null && { after }),
      limit: limit + 1,
    };
    const events = await this.#app.questions.ask("events", options, "events page");
    const page = events.slice(0, limit).map(lineOf);
    if (after === null) page.reverse();
    return { kind: "events", events: page, hasMore: events.length > limit };
  }

  async #place(query: EventQuery & { kind: "event_place" }): Promise<EventPlace> {
    const choice = this.#choice(query);
    const before = this.#all?.choice === JSON.stringify(choice) ? this.#all : null;
    const { count, lastId } = await this.#count(choice, before?.upTo ?? 0, Infinity);
    const total = (before?.count ?? 0) + count;
    this.#all = { choice: JSON.stringify(choice), upTo: Math.max(before?.upTo ?? 0, lastId), count: total };
    const first = await this.#countUpTo(choice, query.firstId);
    const { count: others } = query.id > query.firstId
      ? await this.#count(choice, query.firstId, query.id)
      : { count: 0 };
    // Events may have come while the places were counted.
    const last = first + others;
    return { kind: "event_place", first, last, count: Math.max(total, last) };
  }

  /** Counts from the nearest id up to which the events are counted already. */
  async #countUpTo(choice: EventChoice, id: number): Promise<number> {
    const key = JSON.stringify(choice);
    const known = [{ upTo: 0, count: 0 }, this.#all, this.#selected]
      .filter((counted) =>
        counted !== null && (!("choice" in counted) || counted.choice === key)
      ) as Counted[];
    const distance = ({ upTo }: Counted) => Math.abs(upTo - id);
    const nearest = known.reduce((best, next) => distance(next) < distance(best) ? next : best);
    const [after, upTo] = [Math.min(nearest.upTo, id), Math.max(nearest.upTo, id)];
    const { count } = after === upTo ? { count: 0 } : await this.#count(choice, after, upTo);
    const result = nearest.upTo <= id ? nearest.count + count : nearest.count - count;
    this.#selected = { choice: key, upTo: id, count: result };
    return result;
  }

  #count(choice: EventChoice, after: number, upTo: number) {
    return this.#app.questions.ask("countEvents", { ...choice, after, upTo });
  }

  async #search(query: EventQuery & { kind: "event_search" }): Promise<EventHit> {
    const { wanted, from, isForward } = query;
    const hits = { ...this.#choice(query), wanted, isStreakOnce: true };
    const onward = isForward ? { after: from } : { before: from };
    const around = isForward ? { after: 0 } : {};
    const { questions } = this.#app;
    const [next] = await questions.ask("events", { ...hits, ...onward, limit: 1 });
    const [found] = next ? [next] : await questions.ask("events", { ...hits, ...around, limit: 1 });
    if (found === undefined) return { kind: "event_search", id: null, number: 0, count: 0 };
    const { count: number } = await questions.ask("countEvents", { ...hits, after: 0, upTo: found.id });
    const { count: others } = await questions.ask("countEvents", {
      ...hits,
      after: found.id,
      upTo: Infinity,
    });
    return { kind: "event_search", id: found.id, number, count: number + others };
  }

  async #atTime(query: EventQuery & { kind: "event_time" }): Promise<EventAtTime> {
    try {
      const span = await this.#spanOf(query);
      const { at: since, said } = momentWanted(query.typed, span);
      const choice = { ...this.#choice(query), after: 0, since, limit: 1 };
      const [found] = await this.#app.questions.ask("events", choice);
      if (found) return { kind: "event_time", id: found.id, said };
      return { kind: "event_time", id: null, said: t`${said} No event that is shown came then or later.` };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { kind: "event_time", id: null, said: error.message };
    }
  }

  /** From the start of the session, or from its first event in a replay, whose events have recorded times. */
  async #spanOf(shown: EventsShown): Promise<SessionSpan> {
    const { questions } = this.#app;
    const all = this.#choice({ ...shown, types: null, text: "" });
    const [[first], [last]] = await Promise.all([
      questions.ask("events", { ...all, after: 0, limit: 1 }),
      questions.ask("events", { ...all, limit: 1 }),
    ]);
    if (first === undefined || last === undefined) {
      throw new UserError(t`There are no events yet to jump to.`);
    }
    const session = await questions.ask("session", first.sessionId);
    const startedAt = session?.startedAt ?? 0;
    if (startedAt > last.createdAt) return { startAt: first.createdAt, endAt: last.createdAt };
    return { startAt: startedAt, endAt: Math.max(startedAt, session?.endedAt ?? 0, last.createdAt) };
  }
}
