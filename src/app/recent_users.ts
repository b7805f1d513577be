/** The users whose lives were captured last, which the screen offers. */

/** The database key of their names, as a JSON list. */
export const recentUsersKey = "recent_users";
/** The database key of the user that was entered last, to whom the next run goes. */
export const lastUserKey = "last_user";

const most = 5;

/** Where Livecue's own values are kept. */
export interface KeptValues extends DistantValues {
  keptValue(key: string): string | null;
}

/** The same, perhaps in a database that this process does not have open. */
export interface DistantValues {
  keptValue(key: string): string | null | Promise<string | null>;
  /** Resolves when the value is on its way to the database. */
  keepValue(key: string, value: string): void | Promise<void>;
}

export class RecentUsers {
  readonly #kept: DistantValues;
  #names: string[] = [];
  /** Resolves when the last change is kept. */
  #keeping: Promise<void> = Promise.resolve();

  constructor(kept: DistantValues) {
    this.#kept = kept;
    const text = kept.keptValue(recentUsersKey);
    if (text instanceof Promise) this.#keeping = text.then((text) => this.#load(text));
    else this.#load(text);
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
    this.#keeping = this.#keeping.then(async () => {
      if (await this.#kept.keptValue(lastUserKey) === name) await this.#kept.keepValue(lastUserKey, "");
    });
  }

  /** Resolves when the names are loaded, and all changes are kept. */
  settled(): Promise<void> {
    return this.#keeping;
  }

  /** Those that were added meanwhile stay first. */
  #load(text: string | null): void {
    this.#names = [...new Set([...this.#names, ...namesIn(text)])].slice(0, most);
  }

  #set(names: string[]): void {
    this.#names = names;
    this.#keeping = this.#keeping.then(() =>
      this.#kept.keepValue(recentUsersKey, JSON.stringify(this.#names))
    );
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
