/** For longer than an operation of a store may take, and for shorter. */
const BLOCKED_FOR_MS = [300, 50, 270, 120];
const FREE_FOR_MS = 3;

/** Blocks the event loop again and again, as long computations do, but leaves the processors to others. Returns what ends it. */
export function blockAgainAndAgain(): () => void {
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  let times = 0;
  let timer = setTimeout(block, FREE_FOR_MS);
  function block() {
    Atomics.wait(nothing, 0, 0, BLOCKED_FOR_MS[times++ % BLOCKED_FOR_MS.length]);
    timer = setTimeout(block, FREE_FOR_MS);
  }
  return () => clearTimeout(timer);
}
