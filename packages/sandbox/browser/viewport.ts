import type { Model } from './model.js';

/** How much of the timeline lies behind the present. */
const AHEAD = 0.08;

/** The part of time that is shown. */
export class Viewport {
  /** Length in milliseconds; undefined for everything. */
  spanMs: number | undefined;
  /** The end stays at the present. */
  following = true;
  #from = 0;
  #to = 1;

  constructor(spanMs: number | undefined) {
    this.spanMs = spanMs;
  }

  get from(): number {
    return this.#from;
  }

  get to(): number {
    return this.#to;
  }

  update({ firstAt, lastAt }: Model, now: number): void {
    const first = Number.isFinite(firstAt) ? firstAt : now;
    if (this.spanMs === undefined) {
      const length = Math.max(1_000, (this.following ? now : lastAt) - first);
      this.#set(first - length * 0.02, length * (1.02 + AHEAD));
    } else if (this.following) {
      // From left to right until the window is full: a picture that does not move is easier to read.
      this.#set(Math.max(now - this.spanMs * (1 - AHEAD), first - this.spanMs * 0.02), this.spanMs);
    } else this.#set(this.#from, this.spanMs);
  }

  /** By a part of the span. */
  move(part: number): void {
    this.spanMs ??= this.#to - this.#from;
    this.following = false;
    this.#set(this.#from + this.spanMs * part, this.spanMs);
  }

  /** Moves as little as necessary to have this time in the window. */
  reveal(at: number): void {
    const length = this.#to - this.#from;
    if (at >= this.#from && at <= this.#to) return;
    this.spanMs = length;
    this.following = false;
    this.#set(at - length / 2, length);
  }

  #set(from: number, length: number): void {
    this.#from = from;
    this.#to = from + length;
  }
}
