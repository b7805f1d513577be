/** What the screen asks about channels, after a replay with a detector stored its readings and detections. */
import assert from "node:assert/strict";
import { RecentUsers } from "../../src/app/recent_users.ts";
import { usualScreen } from "../../src/screen_settings.ts";
import { App } from "../../src/app/app.ts";
import { Monitor } from "../../src/app/monitor.ts";
import { ScreenControl } from "../../src/app/screen_control.ts";
import type { ChartSpan } from "../../src/channel_view.ts";
import type { ChannelDetail } from "../../src/control.ts";
import { start, writeScene } from "../support/detector_scene.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { livecue } from "../support/livecue.ts";
import { silentLog } from "../support/silent_log.ts";
import { configIn, withFolder } from "../support/temporary_store.ts";

const hourMs = 3_600_000;
const lastAt = start + 2 * hourMs - 1_000;

async function withReplay(use: (control: ScreenControl, clock: FakeClock) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    // Single readings that are hours ahead change nothing, not even one that says that there is no signal.
    const ahead = { channel: "tank", at: start + 89_000_000, value: 7 };
    const lost = { channel: "signal", at: start + 6_600_000, value: 0 };
    writeScene(folder, 7200, [{ readings: [ahead, lost], receivedAt: start + 3_000_000 }]);
    const replay = ["start", "--plain", "--source", "replay:tank.jsonl", "--speed", "max"];
    const { code, stderr } = await livecue(folder, ...replay);
    assert.equal(code, 0, stderr);
    const clock = new FakeClock(lastAt + 5_000);
    const config = configIn(folder, { services: [] });
    const app = await App.open({
      config,
      clock,
      log: silentLog(),
      sources: [],
      processes: "all",
      whenIdle: "stay",
    });
    const running = app.run();
    try {
      const monitor = new Monitor(clock);
      await use(
        new ScreenControl({
          app,
          monitor,
          clock,
          settings: usualScreen,
          recentUsers: new RecentUsers(app.kept),
          exitNow: () => {},
          openDesk: () => Promise.resolve(""),
        }),
        clock,
      );
    } finally {
      app.stop("The test is over.");
      await running;
    }
  });
}

Deno.test("The screen is told each channel's last value, its signal, its curve, and its chart with detections", () =>
  withReplay(async (control, clock) => {
    assert.equal(control.snapshot().hasChannels, true);
    const page = () => control.query({ kind: "channels", text: "TANK", first: 0, limit: 10 });
    const { count, lines: [line] } = await page();
    assert.ok(count === 1 && line !== undefined);
    assert.deepEqual([line.item, line.newest?.at, line.ageMs, line.signal], ["tank", lastAt, 5_000, "live"]);
    assert.equal(line.hour.length, 60);
    // Nothing came from second 5,000 to 5,400, and the hour starts at second 3,600.
    assert.deepEqual(line.hour.flatMap((mean, minute) => mean === null ? minute : []), [
      24,
      25,
      26,
      27,
      28,
      29,
    ]);
    assert.equal((await control.query({ kind: "channels", text: "level", first: 0, limit: 10 })).count, 0);

    const chart = (span: ChartSpan, points: number): Promise<ChannelDetail> =>
      control.query({ kind: "channel", source: line.source, item: "tank", span, points });
    const secondsOf = ({ marks }: ChannelDetail) => marks.map(({ at }) => (at - start) / 1000);
    const hour = await chart("hour", 120);
    assert.equal(hour.to - hour.from, hourMs);
    assert.equal(hour.to, clock.now() + 1);
    assert.ok(hour.points.length > 100 && hour.points.length <= 121, `${hour.points.length} points`);
    assert.deepEqual([
      Math.min(...hour.points.map(({ low }) => low)),
      Math.max(...hour.points.map(({ high }) => high)),
    ], [
      40,
      90,
    ]);
    assert.ok(!hour.points.some(({ at }) => at > start + 5_030_000 && at < start + 5_370_000));
    assert.deepEqual(secondsOf(hour), [6965]);
    assert.equal(hour.marks[0]?.name, "Threshold");
    assert.deepEqual(secondsOf(await chart("day", 100)), [1565, 3365, 6965]);

    // A minute is more than ten times the usual second. A chart of readings that are older than its span ends with them.
    clock.advance(2 * hourMs);
    assert.equal((await page()).lines[0]?.signal, "quiet");
    assert.equal((await chart("hour", 120)).to, lastAt + 1);
  }));
