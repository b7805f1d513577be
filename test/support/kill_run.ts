/** A recording replayed by the command again and again, killed at moments that a seed gives, and once to its end. */
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { exists } from "../../src/store/new_file.ts";
import { beginAudit, checkAudit } from "./item_audit.ts";
import { checkAfterKills, type Suffered } from "./kill_check.ts";
import { type Moment, suffer } from "./kill_moments.ts";
import {
  Choices,
  type MadeRecording,
  makeRecording,
  makeServices,
  markEvery,
  type SceneService,
  writeScene,
} from "./kill_scene.ts";
import { livecue, query, type Running, startLivecue } from "./livecue.ts";
import { randomFrom } from "./rooms_scene.ts";

export interface KillRunOptions {
  seed: number;
  messages: number;
  /** Runs that are cut off. */
  cuts: number;
  hasProcess: boolean;
  /** Whether a service goes down with some items: each costs seconds. */
  dies: boolean;
}

export interface KillReport {
  kills: number;
  stops: number;
  events: number;
  items: number;
  /** Changes of items that were held against the rules. */
  changes: number;
}

/** Of a process that SIGKILL has ended. */
const killedCode = 137;

/** The midst of a flood is where most can go wrong. */
function momentsOf({ hasProcess }: KillRunOptions): Moment[] {
  const moments: Moment[] = ["flood", "flood", "flood", "start", "interrupt", "stop", "reload", "backup"];
  return hasProcess ? [...moments, "child", "child", "both", "both"] : moments;
}

/** Throws if something is wrong after a kill, or at the end. */
export async function runWithKills(folder: string, options: KillRunOptions): Promise<KillReport> {
  const choices = new Choices(randomFrom(options.seed));
  const recording = await makeRecording(folder, choices, {
    messages: options.messages,
    deaths: options.dies ? 1 : 0,
  });
  const services = makeServices(choices, options);
  const run = new KillRun(folder, { choices, recording, services, moments: momentsOf(options) });
  for (let cut = 0; cut < options.cuts; cut++) await run.cutOff(options.messages);
  return await run.finish();
}

class KillRun {
  readonly #folder: string;
  readonly #choices: Choices;
  readonly #recording: MadeRecording;
  readonly #services: SceneService[];
  readonly #report: KillReport = { kills: 0, stops: 0, events: 0, items: 0, changes: 0 };
  readonly #moments: readonly Moment[];
  readonly #durability: string;
  #configs = 0;
  #isAudited = false;

  constructor(
    folder: string,
    { choices, recording, services, moments }: {
      choices: Choices;
      recording: MadeRecording;
      services: SceneService[];
      moments: readonly Moment[];
    },
  ) {
    this.#moments = moments;
    this.#durability = choices.of("normal", "full");
    this.#folder = folder;
    this.#choices = choices;
    this.#recording = recording;
    this.#services = services;
    this.#writeConfig();
  }

  #writeConfig(): void {
    const given = { durability: this.#durability, name: `Config ${++this.#configs}` };
    writeScene(this.#folder, this.#services, given);
  }

  /** One run, cut off somewhere on its way; most by a kill. */
  async cutOff(messages: number): Promise<void> {
    const choices = this.#choices;
    const moment = choices.of<Moment>(...this.#moments);
    // Fewer items than messages: most of the moments are before the end.
    const mark = markEvery * (1 + choices.whole(Math.max(1, Math.floor(messages * 0.7 / markEvery))));
    const turns = choices.whole(2_000);
    const running = this.#start();
    const begin = moment === "start" ? /./ : new RegExp(`\\[steady\\] mark ${mark}$`);
    const hasCome = await Promise.race([
      running.line(begin).then(() => true, () => false),
      running.ended.then(() => false),
    ]);
    if (!hasCome) return await this.#end(running);
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    this.#report.kills += await suffer(moment, {
      folder: this.#folder,
      choices,
      running,
      changeConfig: () => this.#writeConfig(),
    });
    if (!this.#isAudited && await this.#cameBeforeTables(running)) return;
    await this.#checkEnded(running, moment);
    if (!this.#isAudited) beginAudit(this.#folder);
    this.#isAudited = true;
    if (choices.whole(3) === 0) await this.#putBack();
  }

  /** Whether the kill came before the first run had made its database with its tables. The next run makes them. */
  async #cameBeforeTables(running: Running): Promise<boolean> {
    const { code } = await running.ended;
    if (code !== killedCode) return false;
    return !exists(join(this.#folder, "livecue.db")) ||
      query(this.#folder, "SELECT * FROM sqlite_master").length === 0;
  }

  /** A run may have come to its own end before it was killed. */
  async #checkEnded(running: Running, moment: Moment): Promise<void> {
    const { code, stderr } = await running.ended;
    if (code === killedCode) return this.#check("killed");
    if (moment !== "interrupt" && moment !== "stop") return await this.#end(running);
    if (code === 1) throw new Error(stderr);
    this.#report.stops++;
    this.#check("stopped");
  }

  /** Items pass no admission on their way back: a queue may hold more than its size for a while. */
  async #putBack(): Promise<void> {
    const which = this.#choices.of(["--discarded", "--service", "small"], [
      "--failed",
      "--service",
      "steady",
    ]);
    const { code, stderr } = await livecue(this.#folder, "retry", ...which);
    // It takes none where there is none.
    if (code === 1) throw new Error(stderr);
  }

  async finish(): Promise<KillReport> {
    await this.#end(this.#start());
    return this.#report;
  }

  async #end(running: Running): Promise<void> {
    const { code, stdout, stderr } = await running.ended;
    if (code !== 0) throw new Error(`It ended with code ${code}:\n${stdout}\n${stderr}`);
    this.#check("done");
  }

  #start(): Running {
    return startLivecue(
      this.#folder,
      "start",
      "--plain",
      "--speed",
      "max",
      "--source",
      this.#recording.source,
    );
  }

  #check(lastEnd: Suffered["lastEnd"]): void {
    const { messageIds } = this.#recording;
    const { kills } = this.#report;
    Object.assign(
      this.#report,
      checkAfterKills(this.#folder, { messageIds, services: this.#services, kills, lastEnd }),
    );
    if (this.#isAudited) this.#report.changes = checkAudit(this.#folder, this.#services);
  }
}
