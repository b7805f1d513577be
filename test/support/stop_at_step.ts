/** Loaded before the program: has it told to stop right after the step of its start that STOP_AT_STEP counts. */
import process from "node:process";

const step = Number(Deno.env.get("STOP_AT_STEP"));
const { defer } = AsyncDisposableStack.prototype;
let count = 0;

// Each step of the start says here how it is undone.
AsyncDisposableStack.prototype.defer = function (undo) {
  defer.call(this, undo);
  if (++count === step) process.emit("SIGTERM", "SIGTERM");
};
