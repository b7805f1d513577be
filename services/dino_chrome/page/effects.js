/**
 * Runs in the game's page, where it is evaluated as one expression. What lasting deeds change in the game, and how it
 * is put back. `hold` is called before each frame of a run, so that a change also applies to the next run.
 */
((runner) => {
  const moon = { gravity: 0.15, initialJumpVelocity: -4, dropVelocity: -1 };
  const slowest = 2;
  const fastest = 30;

  const kinds = {
    speed({ by }) {
      let run = null;
      let added = 0;
      return {
        hold() {
          if (runner.playCount === run) return;
          run = runner.playCount;
          added = Math.min(fastest, Math.max(slowest, runner.currentSpeed + by)) - runner.currentSpeed;
          runner.currentSpeed += added;
        },
        end() {
          if (runner.playCount === run) runner.currentSpeed -= added;
        },
      };
    },

    moon_gravity() {
      const { config } = runner.tRex;
      const onEarth = Object.fromEntries(Object.keys(moon).map((name) => [name, config[name]]));
      return {
        hold: () => Object.assign(config, moon),
        end: () => Object.assign(config, onEarth),
      };
    },

    no_collisions() {
      const boxes = new Map();
      return {
        hold() {
          runner.canvas.style.opacity = "0.5";
          for (const obstacle of runner.horizon.obstacles) {
            if (boxes.has(obstacle)) continue;
            boxes.set(obstacle, obstacle.collisionBoxes);
            obstacle.collisionBoxes = [];
          }
          for (const obstacle of boxes.keys()) if (obstacle.remove) boxes.delete(obstacle);
        },
        end() {
          runner.canvas.style.opacity = "";
          // The dino would crash into obstacles that it is in or just in front of.
          const ahead = runner.tRex.xPos + 3 * runner.tRex.config.width;
          for (const [obstacle, own] of boxes) if (obstacle.xPos > ahead) obstacle.collisionBoxes = own;
        },
      };
    },

    night() {
      const { inverted: wasNight, invertTimer } = runner;
      return {
        hold() {
          runner.invertTrigger = true;
          if (!runner.inverted) runner.invert(false);
          // The game ends a night when this timer runs out.
          runner.invertTimer = 1;
        },
        end() {
          if (wasNight) runner.invertTimer = invertTimer;
          else runner.invert(true);
        },
      };
    },
  };

  const held = new Map();

  return {
    /** Takes the deeds that apply now. Ends the effects of all others. */
    hold(deeds) {
      const applying = new Set(deeds.map(({ key }) => key));
      for (const [key, effect] of held) {
        if (applying.has(key)) continue;
        held.delete(key);
        effect.end();
      }
      for (const deed of deeds) {
        const make = kinds[deed.kind];
        if (make === undefined) continue;
        if (!held.has(deed.key)) held.set(deed.key, make(deed));
        held.get(deed.key).hold();
      }
    },
  };
});
