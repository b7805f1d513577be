// @ts-check
/// <reference lib="dom" />
/** The page of the countdown. */
import { msg, translated } from "/livecue/language.js";
import { showClock } from "./clock.js";
import { choiceSetting, textSetting } from "./settings.js";

showClock("countdown", {
  title: textSetting("title", ""),
  end: textSetting("end", translated(msg("Time's up!"))),
  position: "center",
  isAlwaysShown: choiceSetting("show", ["started", "always"]) === "always",
});
