/** The rows above the keys: the status, or the text that is searched. */
import { t } from "../../../../language.ts";
import type { Line } from "../../theme.ts";
import { promptLine, statusLines } from "../../view/message.ts";
import type { RoomsState } from "../state.ts";

export function messageLines({ before, text, opening, status, size: { columns } }: RoomsState): Line[] {
  if (before !== null) return [promptLine(t`Show only rooms with: `, text, columns)];
  if (opening !== null) {
    return statusLines({ text: t`Opening the room of @${opening} …`, tone: "note" }, columns);
  }
  return statusLines(status, columns);
}
