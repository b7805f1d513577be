/** Finds a gift's files in the theme folder by the gift's name: "Hand Heart" has hand_heart.webm and hand_heart.mp3. */
import { readdir } from "node:fs/promises";
import type { Alert } from "./messages.ts";

/** New files are found after this time. */
const freshMs = 2000;
const mediaEndings = ["webm", "mp4", "json", "gif", "webp", "png"];
const soundEndings = ["mp3", "ogg", "wav"];

export class GiftFiles {
  readonly #folder: string | null;
  #names: Promise<ReadonlySet<string>> = Promise.resolve(new Set());
  #readAt = -Infinity;

  /** null: there is no theme folder. */
  constructor(folder: string | null) {
    this.#folder = folder;
  }

  /** The alert with the gift's files where the rule names none. "none" in the rule is no media. */
  async addTo(alert: Alert, gift: string): Promise<Alert> {
    const names = gift === "" ? new Set<string>() : await this.#list();
    const fileOf = (endings: readonly string[]) =>
      endings.map((ending) => `${fileNameOf(gift)}.${ending}`).find((name) => names.has(name)) ?? "";
    const media = alert.media || fileOf(mediaEndings);
    return { ...alert, media: media === "none" ? "" : media, sound: alert.sound || fileOf(soundEndings) };
  }

  /** Empty if the folder cannot be read, which the start of the pages says. */
  #list(): Promise<ReadonlySet<string>> {
    const now = performance.now();
    if (this.#folder !== null && now - this.#readAt >= freshMs) {
      this.#readAt = now;
      this.#names = readdir(this.#folder).then((names) => new Set(names), () => new Set<string>());
    }
    return this.#names;
  }
}

/** In lower case, with an underscore for what is no letter and no digit. */
function fileNameOf(gift: string): string {
  return gift.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_|_$/g, "");
}
