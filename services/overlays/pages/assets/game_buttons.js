// @ts-check
/// <reference lib="dom" />
/** The index page's buttons for the games. They act on the live's own games, as rules and commands do. */
import { address } from "./connection.js";
import { make } from "./elements.js";

const waitMs = 10_000;

/** What each button asks for, in the words of a rule's `do`. */
const buttons = {
  timer: [
    ["Start or pause", "toggle"],
    ["Add a minute", { add_seconds: 60 }],
    ["Take a minute", { add_seconds: -60 }],
    ["Reset", "reset"],
  ],
  wheel: [["Spin", "spin"], ["Forget the waiting spins", "clear"]],
  poll: [["Open the config's poll", "open"], ["Close", "close"], ["Hide the result", "hide"]],
  battle: [["Start", "start"], ["Stop", "stop"], ["Hide the result", "hide"]],
};

/**
 * A group of buttons for the game's page; null for a page that is no game's.
 * @param {string} name
 */
export function makeGameButtons(name) {
  if (!Object.hasOwn(buttons, name)) return null;
  const game = /** @type {keyof typeof buttons} */ (name);
  const answer = make("p", "answer");
  answer.role = "status";
  const ask = async (/** @type {unknown} */ what) => {
    answer.textContent = "…";
    answer.textContent = await answerTo({ [game]: what });
  };
  const row = make(
    "div",
    "buttons",
    ...buttons[game].map(([label, what]) => {
      const button = make("button", "ask", /** @type {string} */ (label));
      button.type = "button";
      button.onclick = () => ask(what);
      return button;
    }),
  );
  const group = make("fieldset", "group play", make("legend", "", "Play it in your live"), row);
  if (game === "poll") group.append(makePollForm(ask));
  group.append(answer);
  return group;
}

/** @param {(what: unknown) => void} ask */
function makePollForm(ask) {
  const question = make("input", "");
  question.required = true;
  question.maxLength = 120;
  const options = make("textarea", "");
  options.required = true;
  options.rows = 3;
  const seconds = make("input", "");
  seconds.type = "number";
  seconds.min = "1";
  seconds.max = "86400";
  const open = make("button", "ask", "Open this poll");
  const form = make(
    "form",
    "asking",
    make("label", "control", make("span", "", "A question"), question),
    make("label", "control", make("span", "", "Its options, one in each line"), options),
    make("label", "control", make("span", "", "Seconds; empty: until you close it"), seconds),
    open,
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    ask({
      question: question.value,
      options: options.value.split("\n").map((line) => line.trim()).filter((line) => line !== ""),
      ...(seconds.value === "" ? {} : { seconds: Number(seconds.value) }),
    });
  };
  return form;
}

/**
 * What Livecue says to the request, for a person.
 * @param {object} request
 */
async function answerTo(request) {
  try {
    const response = await fetch(address("/game"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(waitMs),
    });
    return response.ok ? "Done." : (await response.text()).trim();
  } catch {
    return "Livecue does not answer. Is it running?";
  }
}
