// @ts-check
/// <reference lib="dom" />
/** The page of the timer. */
import { msg, translated } from "/livecue/language.js";
import { showClock } from "./clock.js";
import { textSetting } from "./settings.js";

showClock("timer", {
  title: textSetting("title", ""),
  end: textSetting("end", translated(msg("Time's up!"))),
  position: "top-left",
  isAlwaysShown: true,
});
