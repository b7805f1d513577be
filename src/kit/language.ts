/**
 * Sentences in the user's language: "livecue/language".
 *
 *     this.log.info(t`The wheel spins for ${name}.`);
 *
 * A translation is in src/languages, by the English sentence; without one, the English sentence is shown. Call `t` when
 * the sentence is needed, not while the module loads. A page's script has `t` from "/livecue/language.js".
 */
export { counted, formatNumber, msg, type Noun, noun, spoken, t, translated } from "../language.ts";
