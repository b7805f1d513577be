/** The users whose lives were captured last, which the screen offers. */

/** The database key of their names, as a JSON list. */
export const recentUsersKey = "recent_users";
/** The database key of the user that was entered last, to whom the next run goes. */
export const lastUserKey = "last_user";

const most = 5;

/** Where Livecue's own values are kept. */
export interface KeptValues {
  keptValue(key: string): string | null;
  /** Resolves when the value is on its way to the file. */
  keepValue(key: string, value: string): void | Promise<void>;
}

export class RecentUsers {
  readonly #kept: KeptValues;
  #names: string[];
  /** Resolves when the last change is kept. */
  #keeping: Promise<void> = Promise.resolve();

  constructor(kept: KeptValues) {
    this.#kept = kept;
    this.#names = namesIn(kept.keptValue(recentUsersKey));
  }

  /** At most five, the latest first. The same list until it changes. */
  get names(): readonly string[] {
    return this.#names;
  }

  add(name: string): void {
    if (this.#names[0] === name) return;
    this.#set([name, ...this.#names.filter((other) => other !== name)].slice(0, most));
  }

  /** Offers the user no longer, and goes to nobody of this name at the next start. */
  forget(name: string): void {
    this.#set(this.#names.filter((other) => other !== name));
    if (this.#kept.keptValue(lastUserKey) === name) this.#keep(lastUserKey, "");
  }

  /** Resolves when all changes are kept. */
  settled(): Promise<void> {
    return this.#keeping;
  }

  #set(names: string[]): void {
    this.#names = names;
    this.#keep(recentUsersKey, JSON.stringify(names));
  }

  #keep(key: string, value: string): void {
    this.#keeping = this.#keeping.then(() => this.#kept.keepValue(key, value));
  }
}

/** Whatever stands in the database. */
function namesIn(text: string | null): string[] {
  try {
    const names: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(names) ? names.filter((name) => typeof name === "string").slice(0, most) : [];
  } catch {
    return [];
  }
}
