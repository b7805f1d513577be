/** Suggestions for a name with a typing error: "livecue/nearest_names". */
export { nearestName, nearestNames } from "../nearest_names.ts";
