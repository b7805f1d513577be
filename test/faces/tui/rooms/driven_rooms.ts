/** The list of rooms without a terminal: key presses take the same path as in the program, and effects are recorded. */
import { pressed } from "../../../../src/faces/tui/rooms/keys.ts";
import {
  initialRooms,
  type RoomsEffect,
  type RoomsMessage,
  type RoomsState,
  selectedRoom,
} from "../../../../src/faces/tui/rooms/state.ts";
import { updateRooms } from "../../../../src/faces/tui/rooms/update.ts";
import { roomsRows } from "../../../../src/faces/tui/rooms/view/frame.ts";
import type { RoomsSnapshot } from "../../../../src/rooms_control.ts";
import { type ScreenSettings, usualScreen } from "../../../../src/screen_settings.ts";
import { sampleOfRooms } from "../../../support/fake_rooms.ts";

export class DrivenRooms {
  state: RoomsState;
  effects: RoomsEffect[] = [];

  constructor(
    given: Partial<RoomsSnapshot>,
    { size = { columns: 80, rows: 24 }, settings = usualScreen }: {
      size?: { columns: number; rows: number };
      settings?: ScreenSettings;
    } = {},
  ) {
    this.state = initialRooms(sampleOfRooms(), settings);
    this.send({ kind: "resized", size });
    this.shows(given);
  }

  send(message: RoomsMessage): this {
    const step = updateRooms(this.state, message);
    this.state = step.state;
    this.effects.push(...step.effects);
    return this;
  }

  shows(given: Partial<RoomsSnapshot>): this {
    return this.send({ kind: "snapshot", snapshot: sampleOfRooms(given) });
  }

  /** Presses keys by name. A key without a binding is typed. */
  press(...keys: string[]): this {
    for (const key of keys) {
      const message = pressed(this.state, key, key);
      if (message !== null) this.send(message);
    }
    return this;
  }

  /** Presses the button at a place of the window. */
  click(row: number, column = 5): this {
    return this.send({ kind: "mouse", event: { kind: "press", row, column } });
  }

  get selected(): string | null {
    return selectedRoom(this.state)?.streamer ?? null;
  }

  get rows(): string[] {
    return roomsRows(this.state, false);
  }

  get text(): string {
    return this.rows.join("\n");
  }

  /** The effects since the last call. */
  take(): RoomsEffect[] {
    return this.effects.splice(0);
  }
}
