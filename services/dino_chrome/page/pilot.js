/**
 * Runs in the game's page, where it is evaluated as one expression. The autopilot: before each frame it looks at the
 * game's state, computes where the dino and the obstacles will be, and chooses what to do. It computes with the game's
 * own numbers (speed, gravity, boxes), so it also plays a game that viewers have changed.
 */
(({ skill }) => {
  /** How likely it overlooks an obstacle. */
  const chances = { off: 0, beginner: 1 / 18, good: 1 / 70, expert: 0 };
  /** How likely a viewer's obstacle comes too suddenly for it. */
  const startled = { off: 0, beginner: 1 / 2, good: 1 / 3, expert: 0 };
  /** How far it looks ahead. */
  const aheadMs = 1800;
  const duckingMs = 250;
  /** Of the frames at which it may begin to drop, it tries each third. */
  const dropSteps = 3;
  /** Space that it wants around the dino: across in frames, up and down in pixels. It prefers more. */
  const margins = [{ frames: 1.5, pixels: 4 }, { frames: 0.8, pixels: 2 }, { frames: 0.1, pixels: 1 }];
  const overlooked = new WeakMap();

  function isOverlooked(obstacle) {
    if (!overlooked.has(obstacle)) overlooked.set(obstacle, Math.random() < chances[skill]);
    return overlooked.get(obstacle);
  }

  /** What is known at one frame. Whatever is computed from it is computed once. */
  class Outlook {
    #dino;
    #frames;
    #msPerFrame;
    #boxes;
    #obstacles;
    #landings = new Map();
    #jumpsFromGround = null;
    #speed;

    constructor({ tRex, horizon, currentSpeed, config }, msPerFrame) {
      this.#dino = tRex;
      this.#msPerFrame = msPerFrame;
      this.#frames = Math.ceil(aheadMs / msPerFrame);
      this.#speed = currentSpeed;
      const boxesOf = (ducking) => tRex.getCollisionBoxes.call({ ducking });
      this.#boxes = { standing: boxesOf(false), ducking: boxesOf(true) };
      const ways = new Map();
      const wayAt = (offset) => {
        if (!ways.has(offset)) ways.set(offset, this.#wayOf(offset, config));
        return ways.get(offset);
      };
      this.#obstacles = horizon.obstacles.filter((obstacle) => !isOverlooked(obstacle)).map((obstacle) => ({
        x: obstacle.xPos + 1,
        y: obstacle.yPos + 1,
        width: obstacle.width,
        boxes: obstacle.collisionBoxes,
        way: wayAt(obstacle.speedOffset),
      }));
    }

    /** How far an obstacle has come after each frame. The game moves it by whole pixels, faster and faster. */
    #wayOf(offset, { maxSpeed, acceleration }) {
      const way = [];
      let speed = this.#speed;
      let total = 0;
      for (let frame = 0; frame <= this.#frames; frame++) {
        total += Math.floor((speed + offset) * 60 / 1000 * this.#msPerFrame);
        if (speed < maxSpeed) speed += acceleration;
        way.push(total);
      }
      return way;
    }

    framesIn(ms) {
      return Math.round(ms / this.#msPerFrame);
    }

    /** Whether the dino touches an obstacle at this frame, if it is at `y`. */
    isHit(frame, y, posture, margin) {
      const left = this.#dino.xPos + 1;
      const across = margin.frames * this.#speed;
      const up = margin.pixels;
      return this.#obstacles.some(({ x, y: top, width, boxes, way }) => {
        const at = x - way[Math.min(frame, this.#frames)];
        if (at > left + 60 + across || at + width < left - across) return false;
        return this.#boxes[posture].some((own) =>
          boxes.some((box) =>
            left + own.x < at + box.x + box.width + across &&
            left + own.x + own.width + across > at + box.x &&
            y + 1 + own.y < top + box.y + box.height + up &&
            y + 1 + own.y + own.height + up > top + box.y
          )
        );
      });
    }

    /** The first frame from `frame` on at which the dino on the ground is hit, or null. */
    hitOnGround(frame, posture, margin) {
      for (let at = frame; at <= this.#frames; at++) {
        if (this.isHit(at, this.#dino.groundYPos, posture, margin)) return at;
      }
      return null;
    }

    /** The heights of the dino, frame by frame, until it is on the ground. */
    flight({ y, velocity, hasReachedMin, isDropping }) {
      const { config, groundYPos, minJumpHeight } = this.#dino;
      const elapsed = this.#msPerFrame * 0.06;
      const heights = [];
      while (heights.length < this.#frames) {
        y += Math.round(velocity * (isDropping ? config.speedDropCoefficient : 1) * elapsed);
        velocity += config.gravity * elapsed;
        hasReachedMin ||= y < minJumpHeight || isDropping;
        if (hasReachedMin && (y < config.maxJumpHeight || isDropping)) {
          velocity = Math.max(velocity, config.dropVelocity);
        }
        if (y > groundYPos) break;
        heights.push(y);
      }
      return heights;
    }

    /** The ways down from a flight: as it is, or dropping earlier or later. */
    descents(heights) {
      const dropping = heights.keys().filter((frame) => frame > 0 && frame % dropSteps === 0).map((frame) => {
        const y = heights[frame - 1];
        const drop = this.flight({ y, velocity: 1, hasReachedMin: true, isDropping: true });
        return [...heights.slice(0, frame), ...drop];
      });
      return [heights, ...dropping];
    }

    get #jumps() {
      const { config, groundYPos } = this.#dino;
      return this.#jumpsFromGround ??= this.descents(this.flight({
        y: groundYPos,
        velocity: config.initialJumpVelocity - this.#speed / 10,
        hasReachedMin: false,
        isDropping: false,
      }));
    }

    isFlightHit(heights, frame, margin) {
      return heights.some((y, index) => this.isHit(frame + index, y, "standing", margin));
    }

    /** The frames at which a jump of this frame may land. */
    landings(frame, margin) {
      const key = frame * margins.length + margins.indexOf(margin);
      if (!this.#landings.has(key)) {
        const free = this.#jumps.filter((heights) => !this.isFlightHit(heights, frame, margin));
        this.#landings.set(key, free.map((heights) => landingAfter(heights, frame)));
      }
      return this.#landings.get(key);
    }

    /** The frame at which the dino may stand up again if it ducks for what comes at `frame`; null if that hits it. */
    standingUp(frame, margin) {
      const ducked = this.hitOnGround(frame, "ducking", margin) ?? Infinity;
      for (let at = frame + 1; at <= Math.min(ducked, this.#frames); at++) {
        if (!this.isHit(at, this.#dino.groundYPos, "standing", margin)) return at;
      }
      return null;
    }

    /** Whether there is a way on from the ground at this frame, past the next obstacles. */
    hasWayOn(frame, obstacles, margin) {
      const hit = this.hitOnGround(frame, "standing", margin);
      if (hit === null) return true;
      if (obstacles === 0) return hit > frame;
      const up = this.standingUp(hit, margin);
      if (up !== null && this.hasWayOn(up, obstacles - 1, margin)) return true;
      return this.jumpFrames(frame, hit, obstacles, margin).length > 0;
    }

    /** The first frames in a row, before `hit`, at which a jump gets past what is hit there. */
    jumpFrames(frame, hit, obstacles, margin) {
      const frames = [];
      for (let at = frame; at < hit; at++) {
        const isGood = this.landings(at, margin).some((landing) =>
          landing >= hit && this.hasWayOn(landing, obstacles - 1, margin)
        );
        if (isGood) frames.push(at);
        else if (frames.length > 0) break;
      }
      return frames;
    }
  }

  /** The first frame at which it can jump again: one frame is for the landing itself. */
  function landingAfter(heights, frame) {
    return frame + heights.length + 1;
  }

  function onGround(outlook) {
    for (const obstacles of [2, 1]) {
      for (const margin of margins) {
        const hit = outlook.hitOnGround(0, "standing", margin);
        if (hit === null) return "run";
        const up = outlook.standingUp(hit, margin);
        if (up !== null && outlook.hasWayOn(up, obstacles - 1, margin)) {
          return hit <= outlook.framesIn(duckingMs) ? "duck" : "run";
        }
        const frames = outlook.jumpFrames(0, hit, obstacles, margin);
        const best = frames[Math.floor(frames.length / 2)];
        if (best !== undefined) return best === 0 ? "jump" : "run";
      }
    }
    return "run";
  }

  function inTheAir(outlook, tRex) {
    const { yPos: y, jumpVelocity: velocity, reachedMinHeight: hasReachedMin, speedDrop: isDropping } = tRex;
    if (isDropping) return "drop";
    const falling = outlook.flight({ y, velocity, hasReachedMin, isDropping });
    const dropping = outlook.flight({ y, velocity: 1, hasReachedMin: true, isDropping: true });
    const isGood = (heights, margin) =>
      !outlook.isFlightHit(heights, 0, margin) &&
      outlook.hasWayOn(landingAfter(heights, 0), 1, margin);
    for (const margin of margins.slice(1)) {
      if (isGood(falling, margin)) return "run";
      if (isGood(dropping, margin)) return "drop";
      if (outlook.descents(falling).some((heights) => isGood(heights, margin))) return "run";
    }
    return "run";
  }

  return {
    isOn: skill !== "off",

    /** A viewer has sent this obstacle. */
    startle(obstacle) {
      overlooked.set(obstacle, Math.random() < startled[skill]);
    },

    /** What to do now: "run" (nothing), "jump", "duck", or "drop" (fall faster). */
    choose(runner, msPerFrame) {
      const outlook = new Outlook(runner, msPerFrame);
      return runner.tRex.jumping ? inTheAir(outlook, runner.tRex) : onGround(outlook);
    },

    /** Whether a jump that no obstacle asks for would do no harm. */
    canJumpNow(runner, msPerFrame) {
      const outlook = new Outlook(runner, msPerFrame);
      return outlook.landings(0, margins[0]).some((landing) => outlook.hasWayOn(landing, 1, margins[0]));
    },

    canDuckNow(runner, msPerFrame) {
      const outlook = new Outlook(runner, msPerFrame);
      const hit = outlook.hitOnGround(0, "standing", margins[0]);
      return hit === null || hit > outlook.framesIn(2 * duckingMs);
    },
  };
});
