/** Which events a rule matches, by the code that the services use. */
import { z } from "zod";
import { describeEvent } from "../describe.ts";
import { Rules, rulesSchema } from "../kit/rules.ts";
import type { KeptState } from "../kit/service.ts";
import type { DeskEvent } from "./overview.ts";
import type { SeenEvent } from "./stored_events.ts";

const schema = rulesSchema(z.unknown());

/** Remembers nothing, so that a look neither waits for a cooldown nor starts one. */
const forgetful: KeptState = { get: () => Promise.resolve(undefined), set: () => Promise.resolve() };

/** Finds the rules that match an event. Without regard to cooldowns, since they depend on what came before. */
export class Matching {
  readonly #rules: Rules<number>;

  private constructor(rules: Rules<number>) {
    this.#rules = rules;
  }

  /** null if a rule is wrong in a part that all services share. */
  static of(rules: readonly unknown[]): Matching | null {
    const numbered = rules.map((rule, index) => ({ ...rule as object, do: index + 1 }));
    const parsed = schema.safeParse(numbered);
    return parsed.success ? new Matching(new Rules(parsed.data as never, forgetful)) : null;
  }

  /** The numbers of the rules, from 1. */
  async numbersFor({ event, viewer }: SeenEvent): Promise<number[]> {
    const item = { count: event.streak?.delta ?? 1, isFirstOfUser: event.isFirstOfUser, viewer };
    return await this.#rules.match(event, item);
  }

  async viewOf(seen: SeenEvent, number: number): Promise<DeskEvent> {
    const [{ event }, rules] = [seen, await this.numbersFor(seen)];
    return { at: event.createdAt, text: describeEvent(event), isMatch: rules.includes(number), rules };
  }
}

/** The types that a rule is for. */
export function typesOf(rule: Record<string, unknown>): string[] {
  return [rule["when"]].flat().filter((type) => typeof type === "string");
}
