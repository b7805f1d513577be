// @ts-check
/// <reference lib="dom" />
/** The page /captions, which shows only the captions. */
/** @import { Messages } from "../../messages.ts" */
import "/livecue/language.js";
import { listen } from "/livecue/page.js";
import { Captions } from "./captions.js";

const captions = new Captions(/** @type {HTMLElement} */ (document.getElementById("captions")));

listen({
  /** @param {Messages["caption"]} caption */
  caption: (caption) => {
    const since = performance.now() - caption.ageMs;
    captions.show(caption, () => performance.now() - since);
  },
  /** @param {Messages["end"]} end */
  end: ({ status }) => status === "spoken" ? captions.end() : captions.clear(),
}, { wants: "captions" });
