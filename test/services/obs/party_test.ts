/** The whole program in front of OBS itself: eight gifts a second, and a kill in their midst. */
import assert from "node:assert/strict";
import { testWithObs } from "../../support/both_obs.ts";
import { Party, partyObs } from "../../support/obs_party.ts";
import { withFolder } from "../../support/temporary_store.ts";

testWithObs(
  "Livecue is killed among eight gifts a second: all is undone in time, and no gift is lost or repeated",
  partyObs,
  async (obs) => {
    await withFolder(async (folder) => {
      const party = new Party({ folder, obs, perSecond: 8 });
      const before = await party.inObs();
      await party.killAt(16);
      await party.run(8);
      const { completed, lost } = party.gifts();
      assert.deepEqual(lost, []);
      const played = obs.countOf("play Fanfare");
      assert(
        played >= completed && played <= completed + party.handedOutAgain(),
        `${played} of ${completed}`,
      );
      assert.deepEqual([await party.inObs(), party.kept()], [before, []]);
    });
  },
);
