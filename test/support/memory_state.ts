/** A service's state in memory, with what was written to it. */
import type { KeptState, StateOptions } from "../../src/kit/service.ts";

export class MemoryState implements KeptState {
  readonly values = new Map<string, string>();
  writes = 0;

  get<Value>(key: string, options?: StateOptions): Promise<Value | undefined> {
    const json = this.values.get(keyOf(key, options));
    return Promise.resolve(json === undefined ? undefined : JSON.parse(json) as Value);
  }

  set(key: string, value: unknown, options?: StateOptions): Promise<void> {
    this.writes++;
    if (value === undefined) this.values.delete(keyOf(key, options));
    else this.values.set(keyOf(key, options), JSON.stringify(value));
    return Promise.resolve();
  }
}

function keyOf(key: string, { scope = "service" }: StateOptions = {}): string {
  return `${scope}:${key}`;
}
