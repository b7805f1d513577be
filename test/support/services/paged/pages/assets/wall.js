// @ts-check
/// <reference lib="dom" />
import { listen, send } from "/livecue/page.js";

const list = /** @type {HTMLElement} */ (document.getElementById("said"));
const asked = /** @type {HTMLElement} */ (document.getElementById("asked"));

/** @param {string} text */
function add(text) {
  const entry = document.createElement("li");
  entry.textContent = text;
  list.append(entry);
}

listen({
  hello: (/** @type {{ said: string[], asked: string }} */ message) => {
    asked.textContent = message.asked;
    list.replaceChildren();
    message.said.forEach(add);
  },
  said: add,
}, Object.fromEntries(new URLSearchParams(location.search)));
document.onclick = () => send("/say", { text: "clicked" });
