/**
 * Runs in the game's page, where it is evaluated as one expression, in the scope of `livecue`. Keeps the game running
 * and performs actions, one after the other or several at once. Every timed action undoes its changes, however it
 * ends. If a new run of the game starts meanwhile, the action applies to that run, too.
 */
(({ seconds: restartSeconds }) => {
  const runner = Runner.getInstance();
  const space = { code: "Space", key: " ", keyCode: 32 };
  const down = { code: "ArrowDown", key: "ArrowDown", keyCode: 40 };
  const moonJump = { gravity: 0.15, initialJumpVelocity: -4, dropVelocity: -1 };
  const slowest = 2;

  const performing = new Map();
  const waiting = new Set();
  const held = new Set();
  const heldByKind = new Map();
  let crashedAt = null;

  const press = (key) => document.dispatchEvent(new KeyboardEvent("keydown", { ...key, bubbles: true }));
  const release = (key) => document.dispatchEvent(new KeyboardEvent("keyup", { ...key, bubbles: true }));
  const isRunning = () => runner.playing && runner.activated && !runner.playingIntro && !runner.crashed;
  const isOnGround = () => isRunning() && !runner.tRex.jumping;
  const canJump = () => isOnGround() && !runner.tRex.ducking;

  /** Resolves when the condition holds, or when the action has been cancelled. */
  function until(action, isTrue) {
    return new Promise((resolve) => waiting.add({ action, isTrue, resolve }));
  }

  const kinds = {
    duck: () => ({
      hold() {
        if (canJump()) press(down);
      },
      end: () => release(down),
    }),

    speed({ by }) {
      let run = null;
      let added = 0;
      return {
        hold() {
          if (runner.playCount === run || !isRunning()) return;
          run = runner.playCount;
          added = Math.max(slowest, runner.currentSpeed + by) - runner.currentSpeed;
          runner.currentSpeed += added;
        },
        end() {
          if (runner.playCount === run) runner.currentSpeed -= added;
        },
      };
    },

    moon_gravity() {
      const config = runner.tRex.config;
      const onEarth = Object.fromEntries(Object.keys(moonJump).map((name) => [name, config[name]]));
      return {
        hold() {
          Object.assign(config, moonJump);
          if (canJump()) press(space);
        },
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

  /** Two actions of a kind at once share one effect, held until both are over. Only changes of speed add up. */
  function startEffect(action) {
    const shared = action.kind === "speed" ? undefined : heldByKind.get(action.kind);
    const effect = shared ?? { ...kinds[action.kind](action), kind: action.kind, users: 0 };
    effect.users++;
    held.add(effect);
    heldByKind.set(action.kind, effect);
    effect.hold();
    return effect;
  }

  function end(effect) {
    if (--effect.users > 0) return;
    held.delete(effect);
    if (heldByKind.get(effect.kind) === effect) heldByKind.delete(effect.kind);
    effect.end();
  }

  async function jump(action) {
    await until(action, canJump);
    if (action.isCancelled) return;
    press(space);
    await until(action, () => !runner.tRex.jumping || runner.crashed);
    release(space);
  }

  async function restart(action) {
    await until(action, isRunning);
    if (action.isCancelled) return;
    const run = runner.playCount;
    runner.gameOver();
    await until(action, () => isRunning() && runner.playCount !== run);
  }

  async function hold(action) {
    await until(action, isRunning);
    if (action.isCancelled) return;
    const effect = startEffect(action);
    const endsAt = performance.now() + action.seconds * 1000;
    await until(action, () => performance.now() >= endsAt);
    end(effect);
  }

  function keepGoing() {
    if (runner.crashed) {
      crashedAt ??= performance.now();
      if (performance.now() - crashedAt < restartSeconds * 1000) return;
      runner.restart();
    } else if (!runner.activated) {
      if (!runner.playingIntro && !runner.tRex?.jumping) press(space);
    } else if (runner.paused) runner.play();
    crashedAt = null;
  }

  function onFrame() {
    requestAnimationFrame(onFrame);
    if (!runner.tRex) return;
    for (const effect of held) effect.hold();
    resolveWaiting(({ isTrue }) => isTrue());
  }

  function resolveWaiting(isOver) {
    for (const waiter of waiting) {
      if (!isOver(waiter)) continue;
      waiting.delete(waiter);
      waiter.resolve();
    }
  }

  // The game would pause itself when its window loses the focus, for example when the streamer uses another window.
  for (const [target, type] of [[window, "blur"], [window, "focus"], [document, "visibilitychange"]]) {
    target.addEventListener(type, (event) => event.stopImmediatePropagation(), { capture: true });
  }
  setInterval(keepGoing, 50);
  onFrame();

  return {
    /** Resolves when the action has finished: with null, or with an error if this browser's game is different. */
    async perform(id, given) {
      const action = { ...given, isCancelled: false };
      performing.set(id, action);
      try {
        if (action.kind === "jump") await jump(action);
        else if (action.kind === "restart") await restart(action);
        else await hold(action);
        return null;
      } catch (error) {
        return String(error);
      } finally {
        performing.delete(id);
      }
    },

    /** Takes effect at once, because a minimized window hardly has frames to wait for. */
    cancel(id) {
      const action = performing.get(id);
      if (!action) return;
      action.isCancelled = true;
      resolveWaiting((waiter) => waiter.action === action);
    },

    status() {
      return {
        // The game does not count its first run until the intro is over.
        run: Math.max(1, runner.playCount),
        isRunning: isRunning(),
        score: runner.distanceMeter?.getActualDistance(Math.ceil(runner.distanceRan)) ?? 0,
      };
    },
  };
});
