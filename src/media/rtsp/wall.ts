/** Share of its true pace at which time goes on until a clock that was set back has caught up. */
const SLOWER = 0.99;

/** Milliseconds since 1970 that never go back: where the machine's clock is set back, they go a little slower for a while. */
export function createWall(clock = () => Date.now(), steady = () => performance.now()): () => number {
  let wall = clock();
  let seen = steady();
  return () => {
    const now = steady();
    wall = Math.max(clock(), wall + (now - seen) * SLOWER);
    seen = now;
    return wall;
  };
}

/** One for all connections, so that times also grow from one to the next. */
export const wallNow = createWall();
