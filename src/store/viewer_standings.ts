/** Reads what is counted of many viewers in one question, with the last event that it includes. */
import type { ViewerInLive, ViewerStanding } from "../viewer.ts";
import { numberIn, textIn } from "./columns.ts";
import type { Query, SqlValue } from "./query.ts";
import { countedUpToKey } from "./viewers.ts";

/** In the order asked. Those that cannot be read at present are missing. */
type Standings = (ViewerStanding | undefined)[];

/** Viewers of one live. */
interface Group {
  platform: string;
  liveId: number;
  userIds: readonly string[];
}

interface Row extends ViewerInLive {
  visits: number | null;
  totalDiamonds: number | null;
  wasIn: number;
  upTo: string | null;
}

export class ViewerStandings {
  readonly #query: Query;
  readonly #streamer: string | null;

  /** `streamer`: whose events are counted; null: those of all. */
  constructor(query: Query, streamer: string | null) {
    this.#query = query;
    this.#streamer = streamer;
  }

  now(asked: readonly ViewerInLive[]): Standings {
    const rows = groupsOf(asked).flatMap((group) => this.#query.all<Row>(...this.#statementFor(group)));
    return standingsIn(rows, asked);
  }

  /** Without blocking this thread; undefined if reads do not block it for long. Rejects if nothing can be read. */
  get later(): ((asked: readonly ViewerInLive[]) => Promise<Standings>) | undefined {
    const { later } = this.#query;
    if (later === undefined) return undefined;
    return async (asked) => {
      const answers = groupsOf(asked).map((group) => later<Row>(...this.#statementFor(group)));
      return standingsIn((await Promise.all(answers)).flat(), asked);
    };
  }

  /** One statement, so that all of it is of one moment. Each subquery finds its row by a key, however many are asked. */
  #statementFor({ platform, liveId, userIds }: Group): [sql: string, ...values: SqlValue[]] {
    const sql = `SELECT asked.user_id AS "userId", ?1 AS platform, ?2 AS "liveId",
        (SELECT lives FROM viewer WHERE platform = ?1 AND user_id = asked.user_id) AS visits,
        (SELECT diamonds FROM viewer WHERE platform = ?1 AND user_id = asked.user_id) AS "totalDiamonds",
        (SELECT count(*) FROM viewer JOIN viewer_live ON viewer_id = viewer.id AND live_id = ?2
          WHERE platform = ?1 AND user_id = asked.user_id) AS "wasIn",
        (SELECT meta_value FROM config WHERE meta_key = ?3) AS "upTo"
      FROM (SELECT CAST(value AS TEXT) AS user_id FROM json_each(?4)) AS asked`;
    return [sql, platform, liveId, countedUpToKey(this.#streamer), JSON.stringify(userIds)];
  }
}

function groupsOf(asked: readonly ViewerInLive[]): Group[] {
  const groups = Map.groupBy(asked, ({ platform, liveId }) => `${liveId} ${platform}`);
  return [...groups.values()].map((group) => {
    const { platform, liveId } = group[0] as ViewerInLive;
    return { platform, liveId, userIds: group.map(({ userId }) => inJson(userId)) };
  });
}

/** As PostgreSQL stores it, whose JSON cannot bring all characters. */
function inJson(userId: string): string {
  return userId.toWellFormed().replaceAll("\0", "\ufffd");
}

function standingsIn(rows: readonly Row[], asked: readonly ViewerInLive[]): Standings {
  const nameOf = ({ liveId, platform, userId }: ViewerInLive) => `${liveId} ${platform}\n${inJson(userId)}`;
  const byName = new Map(rows.map((row) => [nameOf(row), row]));
  return asked.map((viewer) => {
    const row = byName.get(nameOf(viewer));
    if (row === undefined) return undefined;
    const { visits, totalDiamonds, wasIn, upTo } = row;
    const numbers = visits === null ? null : { visits, totalDiamonds: totalDiamonds ?? 0 };
    return { numbers, wasIn: wasIn > 0, upTo: numberIn(Number(textIn(upTo))) };
  });
}
