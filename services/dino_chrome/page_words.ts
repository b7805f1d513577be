/** The sentences of the game's page. They are passed to its scripts, which import nothing. `{0}` is a value's place. */
import { spoken, t } from "livecue/language";

export function pageWords() {
  const value = "{0}";
  return {
    points: t`${value} points`,
    farthest: t`Who made it farthest`,
    teams: t`Teams`,
    nextRun: t`Next run in ${value}`,
    endedRun: t`ended the run`,
    bird: t`crashed it with a bird`,
    crashed: t`crashed it`,
    tooFast: t`was too fast for it`,
    autopilot: t`The autopilot tripped`,
    dinosaur: t`The dinosaur tripped`,
    waiting: t`${value} viewers are already waiting for their turn to play`,
    language: spoken().tag,
  };
}
