/** Where a service's options are in the config, which only the main thread knows. */
import type { KeyPath, OptionMistake } from "./failure.ts";

export interface OptionPlaces {
  /** A line for each, with its place in the config. */
  describeOptionMistakes(mistakes: OptionMistake[]): string[];
  /** As "config.jsonc:12:5". */
  placeOfOption(path: KeyPath): string;
}

/** A line of the log, with the place of the option that it is about. */
export function placedText(
  { text, option }: { text: string; option?: KeyPath },
  places: Pick<OptionPlaces, "placeOfOption">,
): string {
  return option === undefined ? text : `${text} (${places.placeOfOption(option)})`;
}
