import assert from "node:assert/strict";
import { UserError } from "../src/user_error.ts";

Deno.test("A mistake's message steers no terminal, whatever it quotes, and keeps its lines", () => {
  const { message } = new UserError("There is no \x1b[2J\r\x07\u202efile\ud800.\nName another.");
  assert.equal(message, "There is no �[2J���file�.\nName another.");
});
