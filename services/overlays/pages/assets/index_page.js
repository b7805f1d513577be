// @ts-check
/// <reference lib="dom" />
/** The page that lists all others, with previews, URLs to copy, and test buttons. */
/** @import { Goal, Status } from "../../messages.ts" */
/** @import { Overlay, Setting } from "./overlay_list.js" */
import { msg, t, translated } from "/livecue/language.js";
import { address, send } from "./connection.js";
import { make } from "./elements.js";
import { makeGameButtons } from "./game_buttons.js";
import { colors, margins, overlays, tests } from "./overlay_list.js";

/** The pictures to choose from, as in OBS. */
const shapes = { upright: { width: 1080, height: 1920 }, across: { width: 1920, height: 1080 } };
/** Across, a preview is smaller than in OBS, so that it can be seen in a card. */
const previewed = { ...shapes, across: { width: 1280, height: 720 } };
/** @type {Set<() => void>} Called when another picture is chosen. */
const fitters = new Set();
const typingMs = 400;
const thanksMs = 1500;
const statusMs = 2000;
/** Of TikTok's app. */
const appParts = [msg("Name"), msg("Viewers"), msg("Buttons"), msg("Comments")];
const backgrounds = ["checkered", "dark", "light", "game"];

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** The goals of the config, as choices for the goal overlay. */
let goals = /** @type {Goal[]} */ ([]);
/** If there are several sources, each page can be limited to one of them. */
let sources = /** @type {string[]} */ ([]);

/** @param {Overlay} overlay */
function makeCard(overlay) {
  /** @type {Map<string, string>} Only the settings that differ from their defaults. */
  const chosen = new Map();
  const url = make("input", "url");
  url.readOnly = true;
  url.ariaLabel = t`URL of ${translated(overlay.title)}`;
  url.onclick = () => url.select();
  const frame = make("iframe", "");
  frame.title = t`Preview of ${translated(overlay.title)}`;
  frame.tabIndex = -1;

  function show() {
    const query = Object.fromEntries(chosen);
    url.value = new URL(address(`/${overlay.name}`, query), location.origin).href;
    frame.src = address(`/${overlay.name}`, { ...query, preview: "1" });
  }

  const controlOf = (/** @type {Setting} */ setting) =>
    makeControl(setting, (value) => {
      if (value === defaultOf(setting)) chosen.delete(setting.name);
      else chosen.set(setting.name, setting.kind === "color" ? value.slice(1) : value);
      show();
    });
  show();
  const settings = make("details", "settings", make("summary", "", t`Make it yours`));
  for (const [legend, group] of groupsOf(overlay)) {
    const controls = make("div", "controls", ...group.map(controlOf));
    settings.append(make("fieldset", "group", make("legend", "", legend), controls));
  }
  settings.open = overlay.name === "alerts";
  const play = makeGameButtons(overlay.name);
  return make(
    "article",
    `card ${overlay.name}`,
    make(
      "div",
      "about",
      make("h2", "loud", translated(overlay.title)),
      make("p", "", translated(overlay.says)),
    ),
    makePreview(frame),
    make("div", "copying", url, makeCopyButton(url)),
    ...(play === null ? [] : [play]),
    settings,
  );
}

/**
 * The settings with the legends of their groups.
 * @param {Overlay} overlay
 * @returns {[string, Setting[]][]}
 */
function groupsOf(overlay) {
  const settings = settingsOf(overlay);
  return [
    [t`What it shows`, settings.filter(({ name }) => name !== "scale")],
    [t`Size, and room for the app`, [...settings.filter(({ name }) => name === "scale"), ...margins]],
    [t`Colors`, colors],
  ];
}

/**
 * @param {Overlay} overlay
 * @returns {Setting[]}
 */
function settingsOf({ name, settings }) {
  /** @type {Setting[]} */
  const further = [];
  if (name === "goal" && goals.length > 0) {
    const choices = ["", ...goals.map((goal) => goal.name)];
    further.push({
      name: "name",
      kind: "choice",
      or: "",
      choices,
      says: msg("A goal of your config, instead of these settings"),
    });
  }
  if (sources.length > 1) {
    further.push({
      name: "source",
      kind: "choice",
      or: "",
      choices: ["", ...sources],
      says: msg("Only the live of this source"),
    });
  }
  return [...further, ...settings];
}

/**
 * A text's default is shown in the user's language.
 * @param {Setting} setting
 */
function defaultOf({ kind, or }) {
  return kind === "text" ? translated(or) : or;
}

/** The name of the picture that is chosen. */
function shape() {
  return document.body.dataset.shape === "across" ? "across" : "upright";
}

/**
 * Chooses a picture, and keeps the choice in the address of this page.
 * @param {string} name
 */
function choose(name) {
  document.body.dataset.shape = name;
  const { width, height } = shapes[shape()];
  part("width").textContent = String(width);
  part("height").textContent = String(height);
  const here = new URL(location.href);
  if (shape() === "upright") here.searchParams.delete("shape");
  else here.searchParams.set("shape", shape());
  history.replaceState(null, "", here);
  for (const fit of fitters) fit();
}

/** An outline of TikTok's app, drawn over an upright preview. */
function makeApp() {
  const app = make(
    "div",
    "app",
    ...appParts.map((what) => make("span", what, translated(what))),
  );
  app.ariaHidden = "true";
  return app;
}

/** @param {HTMLIFrameElement} frame */
function makePreview(frame) {
  const preview = make("div", "preview checkered", frame, makeApp());
  const fit = () => {
    const { width, height } = previewed[shape()];
    preview.style.aspectRatio = `${width} / ${height}`;
    frame.style.width = `${width}px`;
    frame.style.height = `${height}px`;
    frame.style.transform = `scale(${preview.clientWidth / width})`;
  };
  fitters.add(fit);
  new ResizeObserver(fit).observe(preview);
  const button = make("button", "ground", t`Background`);
  button.type = "button";
  let index = 0;
  button.onclick = () => {
    index = (index + 1) % backgrounds.length;
    preview.className = `preview ${backgrounds[index]}`;
  };
  return make("div", "framed", preview, button);
}

/** @param {HTMLInputElement} url */
function makeCopyButton(url) {
  const button = make("button", "copy", t`Copy`);
  button.type = "button";
  button.onclick = async () => {
    url.select();
    try {
      await navigator.clipboard.writeText(url.value);
      button.textContent = t`Copied!`;
    } catch {
      button.textContent = t`Press Ctrl+C`;
    }
    setTimeout(() => button.textContent = t`Copy`, thanksMs);
  };
  return button;
}

/**
 * @param {Setting} setting
 * @param {(value: string) => void} change
 */
function makeControl(setting, change) {
  const says = [make("code", "", setting.name), make("span", "", translated(setting.says))];
  if (setting.kind === "types") {
    return make("fieldset", "control", make("legend", "", ...says), makeTypeBoxes(setting, change));
  }
  return make("label", "control", ...says, makeField(setting, change));
}

/**
 * @param {Setting} setting
 * @param {(value: string) => void} change
 */
function makeField(setting, change) {
  const { kind, choices = [] } = setting;
  const or = defaultOf(setting);
  if (kind === "choice") {
    const select = make("select", "", ...choices.map((choice) => new Option(choice || t`none`, choice)));
    select.value = or;
    select.onchange = () => change(select.value);
    return select;
  }
  const input = make("input", "");
  input.type = kind;
  input.value = or;
  if (kind === "number") {
    input.min = "0";
    input.step = "any";
  }
  let timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  input.oninput = () => {
    clearTimeout(timer);
    timer = setTimeout(() => change(input.value === "" ? or : input.value), typingMs);
  };
  return input;
}

/**
 * @param {Setting} setting
 * @param {(value: string) => void} change
 */
function makeTypeBoxes({ or, choices = [] }, change) {
  const usual = or.split(",");
  const boxes = choices.map((type) => {
    const box = make("input", "");
    box.type = "checkbox";
    box.value = type;
    box.checked = usual.includes(type);
    return box;
  });
  const field = make("div", "boxes", ...boxes.map((box) => make("label", "", box, box.value)));
  field.onchange = () => {
    const types = boxes.filter((box) => box.checked).map((box) => box.value);
    change(types.length === 0 ? or : types.join(","));
  };
  return field;
}

function makeTestButtons() {
  return tests.map(({ label, ...test }) => {
    const button = make("button", `sticker test ${test.type}`, translated(label));
    button.type = "button";
    button.onclick = () => send("/test", test);
    return button;
  });
}

/** @param {string[]} names */
function showOwnPages(names) {
  part("own").hidden = names.length === 0;
  part("own-pages").replaceChildren(...names.map((name) => {
    const link = make("a", "", name);
    link.href = address(`/${name}`);
    return make("li", "", link);
  }));
}

async function showStatus() {
  const answer = await fetch(address("/status")).catch(() => null);
  if (answer?.ok !== true) return showAway();
  const status = /** @type {Status} */ (await answer.json());
  part("status").className = "sticker here";
  part("status").textContent = status.openAlertsCount === 0
    ? t`Livecue is running · no alerts page is open yet`
    : t`Livecue is running · an alerts page is open`;
  const built = new Set(overlays.map(({ name }) => name));
  showOwnPages(status.pages.map(({ name }) => name).filter((name) => !built.has(name)));
  if (part("overlays").childElementCount > 0) return;
  ({ goals, sources } = status);
  part("overlays").append(...overlays.map(makeCard));
}

function showAway() {
  part("status").className = "sticker away";
  part("status").textContent = t`Livecue is not running, or this service is disabled`;
}

const radios = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("#shapes input"));
choose(new URLSearchParams(location.search).get("shape") === "across" ? "across" : "upright");
for (const radio of radios) {
  radio.checked = radio.value === shape();
  radio.onchange = () => choose(radio.value);
}
part("tests").append(...makeTestButtons());
void showStatus();
setInterval(() => void showStatus(), statusMs);
