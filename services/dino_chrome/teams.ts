/** Teams of this live: each gift counts for the team whose gift it is, and its sender belongs to that team. */
import { countsForHost, type KeptState, type LiveEvent, type QueueItem } from "livecue/service";
import type { Team } from "./game.ts";
import { KeptOfLive } from "./kept_of_live.ts";
import type { Options } from "./options.ts";

const colors = ["#f28b82", "#8ab4f8", "#81c995", "#fdd663"];
/** Viewers whose team is remembered: those who gave last. */
const mostMembers = 1000;
/** Items that were counted, so that one that is handed out again does not count twice. */
const mostCounted = 100;

interface KeptTeams {
  points: Record<string, number>;
  members: [viewer: string, team: string][];
  counted: number[];
}

export class Teams {
  readonly #teams: readonly (Team & { gifts: Set<string | number> })[];
  readonly #kept: KeptOfLive<KeptTeams>;

  constructor(teams: Options["teams"], state: KeptState) {
    this.#teams = teams.map(({ name, gifts }, index) => ({
      name,
      color: colors[index % colors.length] as string,
      gifts: new Set(gifts.map((gift) => typeof gift === "number" ? gift : folded(gift))),
    }));
    this.#kept = new KeptOfLive(state, "teams", () => ({ points: {}, members: [], counted: [] }));
  }

  /** Counts the event if it is a gift of a team. Resolves with whether it was. */
  async count(event: LiveEvent, item: Pick<QueueItem, "id" | "count">): Promise<boolean> {
    const kept = await this.#kept.enter(event);
    if (event.type !== "GiftEvent" || event.isTest || !countsForHost(event)) return false;
    const { gift } = event.data;
    const team = this.#teams.find(({ gifts }) => gifts.has(gift.id) || gifts.has(folded(gift.name)));
    if (team === undefined || kept.counted.includes(item.id)) return false;
    kept.points[team.name] = (kept.points[team.name] ?? 0) + item.count * gift.diamondCount;
    const { id } = event.user;
    kept.members = [...kept.members.filter(([viewer]) => viewer !== id), [id, team.name] as [string, string]]
      .slice(-mostMembers);
    kept.counted = [...kept.counted, item.id].slice(-mostCounted);
    await this.#kept.save();
    return true;
  }

  of(viewerId: string): Team | undefined {
    const name = this.#kept.value?.members.find(([viewer]) => viewer === viewerId)?.[1];
    const team = this.#teams.find((team) => team.name === name);
    return team && { name: team.name, color: team.color };
  }

  /** The team with the most points first. */
  get standings(): (Team & { points: number })[] {
    const points = this.#kept.value?.points ?? {};
    return this.#teams.map(({ name, color }) => ({ name, color, points: points[name] ?? 0 }))
      .sort((a, b) => b.points - a.points);
  }
}

/** Case and accents do not matter. */
function folded(name: string): string {
  return name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
}
