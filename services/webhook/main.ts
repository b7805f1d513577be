import { t } from "livecue/language";
import { BaseQueueService, type LiveEvent, type QueueItem, UserError } from "livecue/service";
import { Rules } from "livecue/rules";
import { check, usedTargets } from "./check.ts";
import { type Action, optionsSchema, type WebhookOptions } from "./options.ts";
import { readAccess } from "./secrets.ts";
import { type Delivery, Target } from "./target.ts";
import { Undelivered } from "./undelivered.ts";

export { optionsSchema };

export const commands = { check };

interface AddressedDelivery extends Delivery {
  target: string;
}

/** The number of remembered items that failed for some of their targets and may be retried. */
const maxRemembered = 1000;

/**
 * Sends each event to the targets of the matching rules, or to all. An item succeeds when all of them have accepted
 * it.
 */
export default class Webhook extends BaseQueueService<WebhookOptions> {
  readonly #rules = new Rules<Action>(this.options.rules, this.state);
  /** By name. For a target that cannot be used, the error says what has to be fixed. */
  readonly #targets = new Map<string, Target | UserError>();
  /** The successful deliveries of items that failed for another target, by item id. */
  readonly #delivered = new Map<number, Set<string>>();
  #installation = "";

  override async onStart(): Promise<void> {
    this.#installation = await this.#readInstallation();
    for (const name of usedTargets(this.options)) this.#targets.set(name, await this.#openTarget(name));
    const troubles = [...this.#targets.values()].filter((target) => target instanceof UserError)
      .map(({ message }) => message);
    if (troubles.length === this.#targets.size) throw new UserError(troubles.join("; "));
    for (const trouble of troubles) this.log.error(t`${trouble}. Until then, its deliveries fail`);
  }

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    const delivered = this.#delivered.get(item.id) ?? new Set();
    const deliveries = (await this.#deliveriesOf(event, item)).filter(({ id }) => !delivered.has(id));
    const endings = await Promise.allSettled(deliveries.map(async (delivery) => {
      await this.#deliver(delivery);
      delivered.add(delivery.id);
    }));
    this.#remember(item.id, delivered, endings);
    throwFailures(endings);
    return true;
  }

  async #deliveriesOf(event: LiveEvent, item: QueueItem): Promise<AddressedDelivery[]> {
    const actions = await this.#actionsFor(event, item);
    const addressed = actions.flatMap(({ send, body }) => send.map((target) => ({ target, body })));
    return addressed.map(({ target, body }, index) => {
      const earlier = addressed.slice(0, index).filter((other) => other.target === target).length;
      const id = [this.#installation, event.id, target, ...(earlier > 0 ? [earlier + 1] : [])].join("_");
      return { id, target, event, item, body };
    });
  }

  async #deliver(delivery: AddressedDelivery): Promise<void> {
    const target = this.#targets.get(delivery.target);
    if (target instanceof UserError) throw new Undelivered(target.message);
    await target?.deliver(delivery);
  }

  #remember(itemId: number, delivered: Set<string>, endings: PromiseSettledResult<void>[]): void {
    this.#delivered.delete(itemId);
    const hasFailed = endings.some(({ status }) => status === "rejected");
    if (hasFailed && delivered.size > 0) this.#delivered.set(itemId, delivered);
    const [oldest] = this.#delivered.keys();
    if (this.#delivered.size > maxRemembered && oldest !== undefined) this.#delivered.delete(oldest);
  }

  async #actionsFor(event: LiveEvent, item: QueueItem): Promise<Action[]> {
    const { rules, targets } = this.options;
    if (rules.length === 0) return [{ send: Object.keys(targets) }];
    return await this.#rules.match(event, item);
  }

  async #openTarget(name: string): Promise<Target | UserError> {
    const options = this.options.targets[name];
    if (options === undefined) throw new RangeError(`Webhook: there is no target ${name}`);
    try {
      return new Target({
        name,
        options,
        access: await readAccess(options, this.configFolder),
        log: this.log,
      });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return new UserError(`${name}: ${error.message}`);
    }
  }

  /** Makes delivery ids unique across databases, which all number their events from 1. */
  async #readInstallation(): Promise<string> {
    const kept = await this.state.get<string>("installation");
    if (kept !== undefined) return kept;
    const made = crypto.randomUUID().replaceAll("-", "");
    await this.state.set("installation", made);
    return made;
  }
}

/** Throws the failures of all targets as one error. Any other error is a bug and takes precedence. */
function throwFailures(endings: PromiseSettledResult<void>[]): void {
  const reasons: unknown[] = endings.filter((ending) => ending.status === "rejected")
    .map(({ reason }) => reason);
  if (reasons.length === 0) return;
  const undelivered = reasons.filter((reason) => reason instanceof Undelivered);
  if (undelivered.length < reasons.length) throw reasons.find((reason) => !(reason instanceof Undelivered));
  throw new Undelivered(undelivered.map(({ message }) => message).join("; "));
}
