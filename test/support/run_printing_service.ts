/** A program that lets services print, fail and stray, and prints nothing but its last line. */
import { startRunner } from "./runner_under_test.ts";

{
  await using printing = await startRunner("printing");
  await printing.feed.say(1, "");
}
{
  await using scripted = await startRunner("scripted");
  for (const [i, words] of ["throw", "stray rejection", "stray error"].entries()) {
    await scripted.feed.say(i, words);
  }
  await scripted.log.heard(/thrown from a timer/);
  await scripted.feed.say(10, "exit");
}
{
  await using _broken = await startRunner("breaks_on_load");
}
console.log("the runner has ended");
