// @ts-check
/// <reference lib="dom" />
/** The index page's buttons for the games. They act on the live's own games, as rules and commands do. */
import { msg, t, translated } from "/livecue/language.js";
import { address } from "./connection.js";
import { make } from "./elements.js";

const waitMs = 10_000;

/** What each button asks for, in the words of a rule's `do`. */
const buttons = {
  timer: [
    [msg("Start or pause"), "toggle"],
    [msg("Add a minute"), { add_seconds: 60 }],
    [msg("Take a minute"), { add_seconds: -60 }],
    [msg("Reset"), "reset"],
  ],
  wheel: [[msg("Spin"), "spin"], [msg("Forget the waiting spins"), "clear"]],
  poll: [[msg("Open the config's poll"), "open"], [msg("Close"), "close"], [msg("Hide the result"), "hide"]],
  battle: [[msg("Start"), "start"], [msg("Stop"), "stop"], [msg("Hide the result"), "hide"]],
  countdown: [
    [msg("Start or pause"), "toggle"],
    [msg("Add a minute"), { add_seconds: 60 }],
    [msg("Take a minute"), { add_seconds: -60 }],
    [msg("Reset"), "reset"],
  ],
  raffle: [
    [msg("Open the config's raffle"), "open"],
    [msg("Close"), "close"],
    [msg("Draw"), "draw"],
    [msg("Hide"), "hide"],
    [msg("Let earlier winners in again"), "forget_winners"],
  ],
  soundboard: [[msg("Stop"), "stop"]],
};

/** What each page has besides: a form, or more buttons. */
const further = {
  timer: makeClockForm,
  countdown: makeClockForm,
  wheel: () => null,
  poll: makePollForm,
  battle: () => null,
  raffle: makeRaffleForm,
  soundboard: makeSoundButtons,
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
    ...buttons[game].map(([label, what]) =>
      makeButton(translated(/** @type {string} */ (label)), () => ask(what))
    ),
  );
  const group = make("fieldset", "group play", make("legend", "", t`Play it in your live`), row);
  group.append(further[game](ask) ?? "", answer);
  return group;
}

/**
 * @param {string} label
 * @param {() => void} press
 */
function makeButton(label, press) {
  const button = make("button", "ask", label);
  button.type = "button";
  button.onclick = press;
  return button;
}

/**
 * @param {string} says
 * @param {HTMLInputElement | HTMLTextAreaElement} field
 */
function labelled(says, field) {
  return make("label", "control", make("span", "", says), field);
}

/**
 * @param {string} type
 * @param {Partial<HTMLInputElement>} [given]
 */
function makeInput(type, given = {}) {
  const input = make("input", "");
  Object.assign(input, { type, ...given });
  return input;
}

/** @param {number} max */
function makeSecondsInput(max) {
  return makeInput("number", { min: "1", max: String(max) });
}

/** @param {HTMLInputElement} seconds */
function secondsIn(seconds) {
  return seconds.value === "" ? {} : { seconds: Number(seconds.value) };
}

/**
 * A form that asks for something when it is sent.
 * @param {() => void} submit
 * @param {...Node} children
 */
function makeForm(submit, ...children) {
  const form = make("form", "asking", ...children);
  form.onsubmit = (event) => {
    event.preventDefault();
    submit();
  };
  return form;
}

/** @param {(what: unknown) => void} ask */
function makeClockForm(ask) {
  const minutes = makeInput("number", { min: "0.1", max: "144000", step: "any", required: true });
  const until = makeInput("time", { required: true });
  return make(
    "div",
    "",
    makeForm(
      () => ask({ minutes: Number(minutes.value) }),
      labelled(t`Minutes`, minutes),
      make("button", "ask", t`Start with this length`),
    ),
    makeForm(
      () => ask({ until: until.value }),
      labelled(t`A time of day`, until),
      make("button", "ask", t`Count down to this time`),
    ),
  );
}

/** @param {(what: unknown) => void} ask */
function makeRaffleForm(ask) {
  const prize = makeInput("text", { maxLength: 80, required: true });
  const seconds = makeSecondsInput(86_400);
  return makeForm(
    () => ask({ prize: prize.value, ...secondsIn(seconds) }),
    labelled(t`A prize`, prize),
    labelled(t`Seconds; empty: until you close it`, seconds),
    make("button", "ask", t`Open this raffle`),
  );
}

/**
 * A button for each sound, once Livecue has said which there are.
 * @param {(what: unknown) => void} ask
 */
function makeSoundButtons(ask) {
  const row = make("div", "buttons sounds");
  void fetch(address("/games")).then((answer) => answer.json()).then(({ soundboard }) => {
    row.append(
      ...soundboard.sounds.map((/** @type {string} */ sound) => makeButton(sound, () => ask({ sound }))),
    );
  }, () => {});
  return row;
}

/** @param {(what: unknown) => void} ask */
function makePollForm(ask) {
  const question = makeInput("text", { required: true, maxLength: 120 });
  const options = make("textarea", "");
  options.required = true;
  options.rows = 3;
  const seconds = makeSecondsInput(86_400);
  return makeForm(
    () =>
      ask({
        question: question.value,
        options: options.value.split("\n").map((line) => line.trim()).filter((line) => line !== ""),
        ...secondsIn(seconds),
      }),
    labelled(t`A question`, question),
    labelled(t`Its options, one in each line`, options),
    labelled(t`Seconds; empty: until you close it`, seconds),
    make("button", "ask", t`Open this poll`),
  );
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
    return response.ok ? t`Done.` : (await response.text()).trim();
  } catch {
    return t`Livecue does not answer. Is it running?`;
  }
}
