import {
  BaseQueueService,
  countsForHost,
  type EmittedData,
  type LiveEvent,
  type QueueItem,
  UserError,
} from "livecue/service";
import { t } from "livecue/language";
import { simplified } from "livecue/words";
import { type Wish, wishIn } from "./chat.ts";
import { type Account, type Cause, Ledger, migrations, type Person } from "./ledger.ts";
import { mostPoints, type Options } from "./options.ts";

export { commands } from "./commands.ts";
export { optionsSchema } from "./options.ts";

declare module "livecue/service" {
  interface EmittedDataByType {
    /** A viewer has bought a reward. `text` is what the viewer wrote after the command. */
    PointsSpentEvent: { reward: string; command: string; cost: number; left: number; text: string };
    /** The answer to a command, for a page or a voice. */
    PointsAnswerEvent: { command: string; text: string };
  }
}

/** How often the pane is drawn again. */
const paneSeconds = 5;

/** Gives viewers points for what they do, and lets them spend these. */
export default class Points extends BaseQueueService<Options> {
  readonly #ledger = new Ledger(this.database(migrations));
  #hasWarned = false;

  override onStart(): void {
    this.#showTop();
    this.every(paneSeconds, () => this.#showTop());
  }

  override processEvent(event: LiveEvent, item: QueueItem): boolean {
    const { user: person } = event;
    if (person.id === "" || event.isForeign) return true;
    const wish = event.type === "CommentEvent" ? wishIn(event.data.comment, this.options) : null;
    // Livecue numbers its events, and the numbers of another database are at other times.
    const cause = { key: `${event.id} ${event.receivedAt}`, at: event.createdAt };
    if (!event.isTest) this.#earn(event, item, { cause, isCommand: wish !== null });
    if (wish !== null) this.#grant(wish, { item, person, cause, isTest: event.isTest });
    return true;
  }

  #earn(event: LiveEvent, item: QueueItem, { cause, isCommand }: { cause: Cause; isCommand: boolean }): void {
    const { per_diamond, per_comment, comment_seconds, per_minute, away_minutes } = this.options;
    const isGift = event.type === "GiftEvent" && countsForHost(event);
    const diamonds = isGift ? item.count * event.data.gift.diamondCount : 0;
    const isComment = event.type === "CommentEvent" && !isCommand;
    this.#ledger.earn(event.user, {
      ...cause,
      // The command has a key of its own.
      key: `${cause.key} earned`,
      liveId: event.liveId,
      perMinute: per_minute,
      awayMs: away_minutes * 60_000,
      comment: isComment ? { points: per_comment, pauseMs: comment_seconds * 1000 } : null,
      points: Math.min(diamonds * per_diamond, mostPoints),
    });
  }

  #grant(
    wish: Wish,
    { item, person, cause, isTest }: { item: QueueItem; person: Person; cause: Cause; isTest: boolean },
  ): void {
    const { commands, name, top_count } = this.options;
    switch (wish.kind) {
      case "points": {
        const points = this.#ledger.account(person.id)?.points ?? 0;
        return this.#answer(item, commands.points, t`${nameOf(person)} has ${points} ${name}.`);
      }
      case "top":
        return this.#answer(item, commands.top, topText(this.#ledger.top(top_count)));
      case "give":
        return this.#answer(item, commands.give, this.#give(wish, { person, cause, isTest }));
      case "reward":
        return this.#spend(wish, { item, person, cause, isTest });
    }
  }

  #give(
    { to, amount }: Wish & { kind: "give" },
    { person, cause, isTest }: { person: Person; cause: Cause; isTest: boolean },
  ): string {
    const { commands, name } = this.options;
    if (to === "" || amount === null) {
      return t`Write ${commands.give}, a viewer's name and a whole number above 0.`;
    }
    const found = this.#ledger.find(to);
    const [receiver] = found;
    if (receiver === undefined) return t`No viewer here has the name ${to}.`;
    if (found.length > 1) return t`Several viewers have the name ${to}. Write the @handle of one.`;
    if (receiver.userId === person.id) return t`${nameOf(person)} cannot give ${name} to themselves.`;
    if (isTest) return t`A test gives no ${name}.`;
    const giving = this.#ledger.give(person, { ...cause, to: receiver.userId, amount });
    return giving.kind === "given"
      ? t`${nameOf(person)} gives ${receiver.name} ${amount} ${name}.`
      : t`${nameOf(person)} has only ${giving.points} ${name}.`;
  }

  /** A test costs nothing. */
  #spend(
    { reward, text }: Wish & { kind: "reward" },
    { item, person, cause, isTest }: { item: QueueItem; person: Person; cause: Cause; isTest: boolean },
  ): void {
    const { command, cost, cooldown_seconds, choices } = reward;
    const { name } = this.options;
    const isChoice = choices?.some((choice) => simplified(choice) === simplified(text)) ?? true;
    if (!isChoice) {
      return this.#answer(item, command, t`Write ${command} and one of: ${choices?.join(", ")}.`);
    }
    const price = { ...cause, command, cost, cooldownMs: cooldown_seconds * 1000 };
    const spending = isTest ? { kind: "spent" as const, left: 0 } : this.#ledger.spend(person, price);
    switch (spending.kind) {
      case "spent": {
        const { left } = spending;
        const data = { reward: reward.reward, command, cost, left, text };
        return this.#emitSpent(data, { item, person, cause, isTest });
      }
      case "too_few": {
        const sentence = t`${
          nameOf(person)
        } has ${spending.points} ${name}, and ${reward.reward} costs ${cost}.`;
        return this.#answer(item, command, sentence);
      }
      case "cooling":
        return this.#answer(item, command, t`${reward.reward} is available again in ${spending.seconds} s.`);
    }
  }

  #emitSpent(
    data: EmittedData<"PointsSpentEvent">,
    { item, person, cause, isTest }: { item: QueueItem; person: Person; cause: Cause; isTest: boolean },
  ): void {
    try {
      item.emit("PointsSpentEvent", data, isTest ? {} : { id: cause.key });
    } catch (error) {
      // Nobody will act on it, so it costs nothing.
      if (!isTest) this.#ledger.undo(person.id, cause.key);
      if (!(error instanceof TypeError)) throw error;
      throw new UserError(
        t`Add "PointsSpentEvent" to "emits" in the block of this service, so that others can act.`,
      );
    }
  }

  #answer(item: QueueItem, command: string, text: string): void {
    this.log.info(text);
    try {
      item.emit("PointsAnswerEvent", { command, text });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      // Its type is not in the block's "emits". The log has the answer.
      if (!this.#hasWarned) {
        this.log.warn(
          t`Answers are only in the log: add "PointsAnswerEvent" to "emits" to show them elsewhere.`,
        );
      }
      this.#hasWarned = true;
    }
  }

  #showTop(): void {
    const lines = this.#ledger.top(this.options.top_count)
      .map(({ name, points }) => ({ label: name, value: String(points) }));
    this.show({ title: t`Points`, lines });
  }
}

function nameOf({ nickname, uniqueId }: Person): string {
  return nickname || uniqueId || t`A viewer`;
}

function topText(top: readonly Account[]): string {
  if (top.length === 0) return t`Nobody has any points yet.`;
  return top.map(({ name, points }, index) => `${index + 1}. ${name} ${points}`).join(", ");
}
