// @ts-check
/// <reference lib="dom" />
/** Asks Livecue. */
import { msg, translated } from "/livecue/language.js";
import { address } from "/livecue/page.js";

/** An answer that says what is wrong. */
export class Refused extends Error {}

const goneText = msg("Livecue does not answer. Start it again; what you wrote here stays.");

/**
 * @param {string} path
 * @param {unknown} [body] Without one, it is only read.
 * @returns {Promise<any>} Rejects with `Refused`.
 */
export async function ask(path, body) {
  const request = body === undefined ? {} : {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  /** @type {Response} */
  let answer;
  try {
    answer = await fetch(address(path), request);
  } catch {
    throw new Refused(translated(goneText));
  }
  if (!answer.ok) throw new Refused((await answer.text()).trim());
  return await answer.json();
}
