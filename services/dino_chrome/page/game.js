/**
 * Runs in the game's page, where it is evaluated as one expression, in the scope of `livecue`. Keeps the game running,
 * plays it, and does what viewers want. A deed is accepted at once: jumps and birds wait for the next good moment, and
 * lasting deeds count down while the dino runs, all beside one another.
 */
(({ pauseSeconds, words, pilot, deeds, effects, display }) => {
  const runner = Runner.getInstance();
  const space = { code: "Space", key: " ", keyCode: 32 };
  const down = { code: "ArrowDown", key: "ArrowDown", keyCode: 40 };
  const slowMotion = 0.5;
  /** The room in front of a viewer's bird, in frames. */
  const birdGap = 20;
  /** A frame that took longer does not count in full. */
  const longestFrameMs = 100;
  /** How long after its end a faster game is still to blame for a crash. */
  const blameMs = 2000;

  const update = runner.update;
  const gameOver = runner.gameOver;
  const birds = new WeakMap();
  let frameMs = 1000 / 60;
  let frameAt = performance.now();
  let crash = null;
  let crashedAt = null;
  let faster = null;
  let mistake = null;
  let lastFrame;

  const press = (key) => document.dispatchEvent(new KeyboardEvent("keydown", { ...key, bubbles: true }));
  const release = (key) => document.dispatchEvent(new KeyboardEvent("keyup", { ...key, bubbles: true }));
  const isRunning = () => runner.playing && runner.activated && !runner.playingIntro && !runner.crashed;
  // The game does not count its first run until the intro is over.
  const run = () => Math.max(1, runner.playCount);
  const score = () => runner.distanceMeter?.getActualDistance(Math.ceil(runner.distanceRan)) ?? 0;

  function finish(deed) {
    deeds.remove(deed);
    display.leave(deed);
  }

  function jump() {
    if (runner.tRex.ducking) release(down);
    press(space);
    // The jump goes on; the game would otherwise cut it off when the key is released later.
    release(space);
    const wanted = deeds.get("jump");
    if (!wanted) return;
    display.burst(wanted.times);
    finish(wanted);
  }

  function playByItself(wantsJump) {
    const gameMs = frameMs * timeScale();
    const move = pilot.choose(runner, gameMs);
    const { jumping, ducking } = runner.tRex;
    if (move === "jump" || move === "run" && !jumping && wantsJump && pilot.canJumpNow(runner, gameMs)) {
      jump();
    } else if (move === "duck" || move === "drop") hold(down);
    else if (!jumping && deeds.get("duck") && pilot.canDuckNow(runner, gameMs)) hold(down);
    else if (ducking) release(down);
  }

  function playByHand(wantsJump) {
    const { jumping, ducking } = runner.tRex;
    if (wantsJump && !jumping) jump();
    else if (!jumping && deeds.get("duck")) hold(down);
    else if (ducking) release(down);
  }

  function hold(key) {
    const { ducking, speedDrop } = runner.tRex;
    if (!ducking && !speedDrop) press(key);
  }

  /** A dino that dropped to exactly the ground's height would be stuck there, still in its jump. */
  function land() {
    const { tRex } = runner;
    if (tRex.jumping && tRex.jumpVelocity > 0 && tRex.yPos === tRex.groundYPos) tRex.reset();
  }

  const timeScale = () => deeds.get("slow_motion") ? slowMotion : 1;

  function sendBird(deed) {
    const { horizon, currentSpeed } = runner;
    const last = horizon.obstacles.at(-1);
    const hasRoom = !last || last.xPos + last.width + birdGap * currentSpeed < horizon.dimensions.width;
    // The game clears the first seconds of a run.
    if (!hasRoom || runner.runningTime <= runner.config.clearTime) return;
    const all = horizon.obstacleTypes;
    const bird = all.find(({ type }) => type === "pterodactyl");
    horizon.obstacleTypes = [bird];
    horizon.addNewObstacle(Math.max(currentSpeed, bird.minSpeed));
    horizon.obstacleTypes = all;
    birds.set(horizon.obstacles.at(-1), deed.who[0]);
    pilot.startle(horizon.obstacles.at(-1));
    finish(deed);
  }

  function countDown(ms) {
    const turn = deeds.turn;
    for (const deed of deeds.all) {
      const isWaiting = deed.kind === "play" && deed !== turn;
      if (deed.seconds === undefined || isWaiting) continue;
      deed.seconds -= ms / 1000;
      if (deed.kind === "speed" && deed.by > 0) faster = { who: deed.who.at(-1), at: performance.now() };
      if (deed.seconds <= 0) finish(deed);
    }
  }

  function beforeFrame() {
    const now = performance.now();
    const passedMs = Math.min(longestFrameMs, now - frameAt);
    frameAt = now;
    if (!isRunning()) return;
    runner.time += (now - runner.time) * (1 - timeScale());
    if (passedMs > 0) frameMs += (passedMs - frameMs) * 0.2;
    countDown(passedMs);
    const restart = deeds.get("restart");
    if (restart) return endRun(restart);
    effects.hold(deeds.all);
    land();
    const bird = deeds.get("bird");
    if (bird) sendBird(bird);
    const wantsJump = Boolean(deeds.get("jump") ?? deeds.get("moon_gravity"));
    if (pilot.isOn && !deeds.turn) playByItself(wantsJump);
    else playByHand(wantsJump);
  }

  function endRun(deed) {
    finish(deed);
    crashBy({ who: deed.who[0], how: words.endedRun });
  }

  function causeOf(obstacle) {
    if (birds.has(obstacle)) return { who: birds.get(obstacle), how: words.bird };
    if (deeds.turn) return { who: deeds.turn.who[0], how: words.crashed };
    if (faster && performance.now() - faster.at < blameMs) {
      return { who: faster.who, how: words.tooFast };
    }
    return { who: null, how: pilot.isOn ? words.autopilot : words.dinosaur };
  }

  function crashBy(cause) {
    crash = { run: run(), score: score(), ...cause };
    if (deeds.turn) finish(deeds.turn);
    gameOver.call(runner);
  }

  /**
   * The game starts its first run while it still draws frames for its title, and would then do everything twice. The
   * game goes on even if this browser's game is so different that it cannot be played or changed.
   */
  runner.update = function (frame) {
    if (frame !== undefined && frame === lastFrame) return;
    lastFrame = frame;
    try {
      beforeFrame();
    } catch (error) {
      mistake = String(error);
    }
    if (runner.crashed) return;
    update.call(runner);
    if (isRunning() && deeds.get("shield")) display.drawShield(runner);
  };

  runner.gameOver = function () {
    const obstacle = runner.horizon.obstacles[0];
    const shield = deeds.get("shield");
    if (!shield || !obstacle) return crashBy(causeOf(obstacle));
    obstacle.collisionBoxes = [];
    if (--shield.times === 0) finish(shield);
    display.burst("saved!");
  };

  function keepGoing() {
    if (runner.crashed) {
      crashedAt ??= performance.now();
      const left = pauseSeconds - (performance.now() - crashedAt) / 1000;
      if (left > 0) return display.showScene(crash, Math.ceil(left));
      runner.restart();
    } else if (!runner.activated) {
      if (!runner.playingIntro && !runner.tRex?.jumping) press(space);
    } else if (runner.paused) runner.play();
    crashedAt = null;
    display.hideScene();
  }

  function status() {
    return { run: run(), isRunning: isRunning(), score: score(), crash, deeds: deeds.saved, mistake };
  }

  // The game would pause itself when its window loses the focus, for example when the streamer uses another window.
  for (const [target, type] of [[window, "blur"], [window, "focus"], [document, "visibilitychange"]]) {
    target.addEventListener(type, (event) => event.stopImmediatePropagation(), { capture: true });
  }
  setInterval(keepGoing, 50);
  setInterval(() => display.show(deeds.all), 100);

  return {
    /** Accepts a deed. Returns the game's status, why the deed was refused, and the error of a different game. */
    perform(deed) {
      // While a viewer plays, other viewers' comments do not move the dino. Gifts do.
      const driver = deeds.turn?.who[0];
      const isMove = deed.kind === "jump" || deed.kind === "duck";
      const isIgnored = driver && isMove && deed.isComment && deed.who.id !== driver.id;
      const refusal = isIgnored ? null : deeds.add(deed);
      display.show(deeds.all);
      return { refusal, mistake, status: status() };
    },

    /** Continues with what was left when another page was lost. */
    restore: deeds.restore,
    status,
    showRecords: display.showRecords,
    showStandings: display.showStandings,
  };
});
