/** The rule desk: a page on this computer to write the rules of services into the config. */
import { resolve } from "node:path";
import { z } from "zod";
import type { Config } from "../config/config.ts";
import { loadConfig, readConfigText } from "../config/load.ts";
import { replaceFile } from "../config/replaced_file.ts";
import { rulesIn, withRuleChange } from "../config/rule_list.ts";
import { readRule, ruleText } from "../config/rule_text.ts";
import type { ActionResult, TestEvent } from "../control.ts";
import { eventTypes, userRoles } from "../event.ts";
import { answer, jsonOf, PageServer, refuse, refuseMethod, type Route } from "../kit/pages/page_server.ts";
import { t } from "../language.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Log } from "../log/log.ts";
import type { ServiceConfig } from "../service.ts";
import { UserError } from "../user_error.ts";
import { noViewer } from "../viewer.ts";
import { Matching, typesOf } from "./matching.ts";
import type {
  DeskChange,
  DeskService,
  Draft,
  DraftView,
  Overview,
  Saved,
  Target,
  Trial,
} from "./overview.ts";
import { hasRules, mistakesIn, type ModuleView, viewModule } from "./service_view.ts";
import { StoredEvents } from "./stored_events.ts";
import { seenEvent } from "./trial.ts";

export interface RuleDeskOptions {
  configPath: string;
  /** The database with the events that are shown. */
  database: string;
  /** 0: a free one. */
  port: number;
  log: Log;
  /** Hands a test event to all services; null where Livecue does not run. */
  send: ((event: TestEvent) => Promise<ActionResult>) | null;
}

const maxBytes = 100_000;

const draftSchema = z.union([
  z.strictObject({ rule: z.record(z.string(), z.unknown()) }),
  z.strictObject({ text: z.string() }),
]);
const index = z.int().min(0);
const slug = z.string();
/** The rule as the page knows it. The config may have been changed since; a rule with the same text is the same rule. */
const targetSchema = z.strictObject({ index, text: z.string() });
const viewSchema = z.strictObject({ slug, target: targetSchema.nullable(), draft: draftSchema });
const saveSchema = z.strictObject({
  slug,
  change: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("put"), target: targetSchema.nullable(), draft: draftSchema }),
    z.strictObject({ kind: z.literal("remove"), target: targetSchema }),
    z.strictObject({ kind: z.literal("move"), target: targetSchema, to: index }),
  ]),
});
const trySchema = z.strictObject({
  slug,
  target: targetSchema,
  event: z.strictObject({
    type: z.enum(eventTypes),
    amount: z.number(),
    text: z.string(),
    gift: z.strictObject({ name: z.string(), diamonds: z.number() }),
    user: z.strictObject({
      name: z.string(),
      roles: z.array(z.enum(userRoles)),
    }),
  }),
});

/** The config as it is now. */
interface Current {
  text: string;
  /** null if it has a mistake. */
  config: Config | null;
  error: string | null;
}

export class RuleDesk implements Lifecycle {
  readonly #options: RuleDeskOptions;
  readonly #events: StoredEvents;
  readonly #pages: PageServer<{ hello: null }>;
  /** Short enough that its address fits in a line of 80 characters and can be copied from there. */
  readonly #token = crypto.getRandomValues(new Uint8Array(10)).toHex();
  readonly #views = new Map<string, { settings: string; view: Promise<ModuleView> }>();
  /** Changes are made one after the other. */
  #lastSave: Promise<unknown> = Promise.resolve();

  constructor(options: RuleDeskOptions) {
    this.#options = options;
    this.#events = new StoredEvents(options.database);
    const { log, port, configPath } = options;
    const host = {
      options: { host: "127.0.0.1", port, token: this.#token },
      configFolder: resolve(configPath, ".."),
      // The address is shown by who opens the desk, with its token.
      log: { debug() {}, info() {}, warn: log.warn, error: log.error },
      trouble: (text: string | null) => text !== null && log.error(text),
      state: { get: () => Promise.resolve(undefined), set: () => Promise.resolve() },
    };
    this.#pages = new PageServer(host, {
      folder: new URL("./page/", import.meta.url),
      hello: () => null,
      gets: { overview: () => this.#overview() },
      routes: {
        view: this.#route(viewSchema, (asked) => this.#view(asked)),
        save: this.#route(saveSchema, (asked) => this.#save(asked)),
        try: this.#route(trySchema, (asked) => this.#try(asked)),
      },
    });
  }

  start(): Promise<void> {
    return this.#pages.start();
  }

  stop(): Promise<void> {
    return this.#pages.stop();
  }

  /** Opens the page in a browser of this computer. */
  get address(): string {
    return `${this.#pages.url}/?token=${this.#token}`;
  }

  #route<Asked>(schema: z.ZodType<Asked>, take: (asked: Asked) => Promise<unknown>): Route {
    return async (request) => {
      if (request.method !== "POST") return refuseMethod("POST");
      const json = await jsonOf(request, { maxBytes });
      if (json instanceof Response) return json;
      const asked = schema.safeParse(json.value);
      if (!asked.success) return refuse(400, z.prettifyError(asked.error));
      try {
        return answer(JSON.stringify(await take(asked.data)), "application/json");
      } catch (error) {
        if (error instanceof UserError) return refuse(409, error.message);
        throw error;
      }
    };
  }

  /** `changed`: the text to look at in place of the file's. */
  #current(changed?: string): Current {
    let text = changed ?? "";
    try {
      text = changed ?? readConfigText(this.#options.configPath);
      return { text, config: loadConfig(this.#options.configPath, { text }), error: null };
    } catch (error) {
      if (error instanceof UserError) return { text, config: null, error: error.message };
      throw error;
    }
  }

  /** The config and a service of it. Throws a `UserError` that says why there is none. */
  #serviceIn({ config, error }: Current, slug: string): { config: Config; service: ServiceConfig } {
    if (config === null) throw new UserError(t`The config has a mistake. Correct it first: ${error}`);
    const service = config.services.find((service) => service.slug === slug);
    if (service === undefined) throw new UserError(t`The config has no service "${slug}" any more.`);
    if (!Array.isArray(service.options["rules"] ?? [])) {
      throw new UserError(t`"rules" of ${slug} is not a list in [ ]. Correct it in the config first.`);
    }
    return { config, service };
  }

  #viewOf(service: ServiceConfig): Promise<ModuleView> {
    const settings = JSON.stringify(service);
    const known = this.#views.get(service.slug);
    if (known?.settings === settings) return known.view;
    const view = viewModule(service, this.#options.log.named(service.slug));
    this.#views.set(service.slug, { settings, view });
    // What could not be asked is asked again.
    void view.then(({ problem }) => problem === null || this.#views.delete(service.slug), () => {});
    return view;
  }

  async #overview(current = this.#current()): Promise<Overview> {
    const { text, config, error } = current;
    const views = await Promise.all(
      (config?.services ?? []).map(async (service) => ({ service, view: await this.#viewOf(service) })),
    );
    return {
      path: this.#options.configPath,
      error,
      canTry: this.#options.send !== null,
      services: views.filter(({ service, view }) => hasRules(service, view))
        .map(({ service, view }) => deskService(text, service, view)),
      eventTypes: [...eventTypes, ...new Set((config?.services ?? []).flatMap(({ emits }) => emits))],
      sources: config?.sources.map(({ name }) => name) ?? [],
      gifts: await this.#events.gifts(),
    };
  }

  async #view({ slug, target, draft }: z.output<typeof viewSchema>): Promise<DraftView> {
    const current = this.#current();
    this.#serviceIn(current, slug);
    const { text, value } = readDraft(draft, target);
    const index = placeOf(current.text, slug, target);
    const { rules, mistakes } = await this.#tried(current, { slug, index, text });
    const number = (index ?? rules.length - 1) + 1;
    const matching = Matching.of(rules);
    const events = matching === null ? [] : await this.#events.latest(typesOf(value));
    return {
      text,
      value,
      mistakes,
      events: await Promise.all(events.map((event) => matching!.viewOf(event, number))),
    };
  }

  /** The config with the rule, and the mistakes that it would bring. */
  async #tried(
    current: Current,
    { slug, index, text }: { slug: string; index: number | null; text: string },
  ): Promise<{ after: Current; rules: unknown[]; mistakes: string[] }> {
    const { service: before } = this.#serviceIn(current, slug);
    const after = this.#current(withRuleChange(current.text, slug, { kind: "put", index, text }));
    if (after.config === null) return { after, rules: [], mistakes: (after.error ?? "").split("\n") };
    const { service } = this.#serviceIn(after, slug);
    const rules = service.options["rules"] as unknown[];
    const [was, is] = await Promise.all([this.#viewOf(before), viewModule(service, this.#options.log)]);
    const place = index ?? rules.length - 1;
    const { own, others } = mistakesIn(is, place);
    const old = mistakesIn(was, place).others;
    return { after, rules, mistakes: [...own, ...others.filter((mistake) => !old.includes(mistake))] };
  }

  #save(asked: z.output<typeof saveSchema>): Promise<Saved> {
    const saved = this.#lastSave.then(() => this.#saveNow(asked));
    this.#lastSave = saved.catch(() => {});
    return saved;
  }

  async #saveNow({ slug, change }: z.output<typeof saveSchema>): Promise<Saved> {
    const current = this.#current();
    this.#serviceIn(current, slug);
    const after = await this.#changed(current, slug, change);
    // An editor may have saved while the change was checked.
    if (readConfigText(this.#options.configPath) !== current.text) {
      return await this.#saveNow({ slug, change });
    }
    replaceFile(this.#options.configPath, after.text);
    return { overview: await this.#overview(after), warnings: newWarnings(current, after) };
  }

  async #changed(current: Current, slug: string, change: DeskChange): Promise<Current> {
    const index = placeOf(current.text, slug, change.target);
    if (change.kind === "put") {
      const { text } = readDraft(change.draft, change.target);
      const { after, mistakes } = await this.#tried(current, { slug, index, text });
      if (mistakes.length > 0) throw new UserError(`${t`The rule was not saved.`} ${mistakes.join("\n")}`);
      return after;
    }
    if (index === null) throw new Error("a rule to change has a place");
    if (change.kind === "remove") {
      return this.#current(withRuleChange(current.text, slug, { kind: "remove", index }));
    }
    const to = Math.min(change.to, rulesIn(current.text, slug).length - 1);
    return this.#current(withRuleChange(current.text, slug, { kind: "move", index, to }));
  }

  async #try({ slug, target, event }: z.output<typeof trySchema>): Promise<Trial> {
    const { send } = this.#options;
    if (send === null) {
      throw new UserError(t`Livecue does not run. Start it with deno task start, then try again.`);
    }
    const current = this.#current();
    const { service } = this.#serviceIn(current, slug);
    const index = placeOf(current.text, slug, target);
    const test: TestEvent = { ...event, source: null };
    const matching = Matching.of(service.options["rules"] as unknown[] | undefined ?? []);
    const numbers = await matching?.numbersFor({ event: seenEvent(test), viewer: noViewer }) ?? [];
    return { ...await send(test), isMatch: index !== null && numbers.includes(index + 1) };
  }
}

/** The present place of a rule; null for a new one. Throws a `UserError` if it was changed or removed. */
function placeOf(text: string, slug: string, target: Target | null): number | null {
  if (target === null) return null;
  const rules = rulesIn(text, slug);
  if (rules[target.index] === target.text) return target.index;
  const [place, ...others] = rules.flatMap((rule, index) => rule === target.text ? [index] : []);
  if (place !== undefined && others.length === 0) return place;
  throw new UserError(
    t`This rule was changed or removed meanwhile, by an editor or in another tab. Nothing was saved. Copy your rule as text, load the page anew, and make your change again.`,
  );
}

/** Throws a `UserError` for a text that is no rule. */
function readDraft(draft: Draft, before: Target | null): { text: string; value: Record<string, unknown> } {
  const read = readRule("text" in draft ? draft.text : ruleText(draft.rule, before?.text ?? null));
  if ("mistake" in read) throw new UserError(read.mistake);
  return { text: read.text, value: read.rule };
}

function deskService(text: string, service: ServiceConfig, view: ModuleView): DeskService {
  const { slug, name, isActive, options } = service;
  const { rules: values } = options;
  const texts = Array.isArray(values) ? rulesIn(text, slug) : [];
  const rules = texts.map((text, index) => ({ text, value: (values as unknown[])[index] }));
  const { schema, note } = view;
  return { slug, name, isActive, schema, note, mistakes: mistakesIn(view).others, rules };
}

/** Those that the change brought. */
function newWarnings(before: Current, after: Current): string[] {
  const old = (before.config?.warnings ?? []).map(withoutPlace);
  return (after.config?.warnings ?? []).filter((warning) => !old.includes(withoutPlace(warning)));
}

function withoutPlace(warning: string): string {
  return warning.replace(/:\d+:\d+:/, ":");
}
