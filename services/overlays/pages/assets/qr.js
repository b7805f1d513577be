// @ts-check
/// <reference lib="dom" />
/** The page of a QR code with a caption. Livecue draws the code. */
import { address } from "./connection.js";
import { fit } from "./fit.js";
import { place } from "./game_page.js";
import { isPreview, numberSetting, textSetting } from "./settings.js";

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const code = /** @type {HTMLImageElement} */ (part("code"));

place("bottom-right");
const text = textSetting("link", isPreview ? "https://www.tiktok.com" : "");
const caption = textSetting("caption", "");
document.documentElement.style.setProperty(
  "--size",
  `${numberSetting("size", { or: 9, min: 4, max: 40 })}rem`,
);
part("caption").hidden = caption === "";
fit(part("caption"), caption).textContent = caption;
code.onload = () => part("qr").hidden = false;
if (text !== "") code.src = address("/qr_code", { text });
