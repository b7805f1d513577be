/** A screen without a terminal: key presses take the same path as in the program, and effects are recorded. */
import { pressed } from "../../../src/faces/tui/keys.ts";
import { type Effect, initialState, type Message, type ScreenState } from "../../../src/faces/tui/state.ts";
import assert from "node:assert/strict";
import type { Snapshot } from "../../../src/control.ts";
import type { ItemsAsked } from "../../../src/item.ts";
import { update } from "../../../src/faces/tui/update.ts";
import { emptySnapshot } from "../../support/fake_control.ts";

export class Driven {
  state: ScreenState;
  effects: Effect[] = [];

  constructor(snapshot: Snapshot, size = { columns: 120, rows: 40 }) {
    this.state = initialState(emptySnapshot, size);
    this.send({ kind: "snapshot", snapshot });
  }

  send(message: Message): this {
    const step = update(this.state, message);
    this.state = step.state;
    this.effects.push(...step.effects);
    return this;
  }

  /** Presses keys by name. A key without a binding is typed. */
  press(...keys: string[]): this {
    for (const key of keys) {
      const message = pressed(this.state, key, key);
      if (message !== null) this.send(message);
    }
    return this;
  }

  /** Answers the query for the number of items. */
  counted(asked: ItemsAsked, room: number | null = null): this {
    const question = this.take().find((effect) => effect.kind === "query" && effect.query.kind === "items");
    assert.ok(question?.kind === "query", "It was asked how many there are.");
    return this.send({
      kind: "answered",
      query: question.query,
      answer: { kind: "items", asked, room },
      asked: 0,
    });
  }

  /** The actions dispatched since the last call. */
  take(): Effect[] {
    return this.effects.splice(0);
  }
}
