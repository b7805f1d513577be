/** Who may do what in a room that is watched. */
import type { Action } from "../control.ts";
import { t } from "../language.ts";
import type { RoomRights } from "../rooms_control.ts";

/** Why this action is not performed for somebody with these rights, as a sentence; null if it is. */
export function refusal({ kind }: Pick<Action, "kind">, rights: RoomRights): string | null {
  switch (kind) {
    case "pause":
    case "resume":
    case "retry":
    case "retry_items":
      return rights === "look"
        ? t`You may only look at this room. Who may moderate rooms of this database can do that.`
        : null;
    case "restart":
    case "press":
    case "empty":
    case "send_test_event":
    case "switch_user":
    case "forget_user":
    case "mark_viewer":
    case "play":
      return rights === "all" ? null : onlyOwners(rights);
    case "start_demo":
    case "open_desk":
    case "quit":
      return t`That works only on the machine that captures the room.`;
  }
}

function onlyOwners(rights: RoomRights): string {
  return rights === "look"
    ? t`You may only look at this room. Only the owner of the database may do that.`
    : t`You may pause and resume services and put items back. Only the owner of the database may do that.`;
}

/** `wanted`: what the watcher asked for itself. */
export function rightsOf(granted: RoomRights, { isReadOnly }: { isReadOnly: boolean }): RoomRights {
  return isReadOnly ? "look" : granted;
}
