/** Compares what people write, ignoring case, accents and fancy letters: "livecue/words". */
export { hasPhrase, simplified } from "../words.ts";
