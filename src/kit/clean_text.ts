/** Makes text from strangers safe for a terminal, a log line and the database: "livecue/clean_text". */
export { cleanName, cleanText } from "../clean_text.ts";
