/** Loaded before the program: kills it at the moment of an item's steps that KILL_AT names (see `step_moments.ts`). */
import { QueueFeed } from "../../src/app/queue_feed.ts";
import { ItemSteps } from "../../src/app/item_steps.ts";

const moment = Deno.env.get("KILL_AT");

function reach(name: string): void {
  if (name === moment) Deno.kill(Deno.pid, "SIGKILL");
}

const { answer } = ItemSteps.prototype;
const { settle, willFail, setState } = QueueFeed.prototype;

ItemSteps.prototype.answer = async function (item, request) {
  const name = `${request.kind} ${request.name}`;
  reach(`${name}: asked`);
  const answering = answer.call(this, item, request);
  // The operations wait for the next turn of the event loop, which commits them.
  reach(`${name}: noted`);
  const given = await answering;
  reach(`${name}: committed`);
  return given;
};

QueueFeed.prototype.settle = function (items) {
  reach("end: asked");
  settle.call(this, items);
  reach("end: noted");
};

QueueFeed.prototype.willFail = function (itemId) {
  reach("onFailure: asked");
  return willFail.call(this, itemId);
};

QueueFeed.prototype.setState = function (...state) {
  reach("onFailure: running");
  return setState.apply(this, state);
};
