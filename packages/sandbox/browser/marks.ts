import type { SendRecord } from '../src/page/page-record.js';
import { kindOf } from './words.js';

export type MarkKind = 'ok' | 'unauthorized' | 'failed';

export interface Mark {
  readonly send: SendRecord;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export const ROW = 9;
const GAP = 3;
const NARROWEST = 3;
const MAX_LABELS = 40;
const LABEL_WIDTH = 26;

const HEIGHTS = { ok: 5, unauthorized: 9, failed: 8 } as const;
const KINDS = ['ok', 'unauthorized', 'failed'] as const;

/** Lays requests out in rows, so that those at the same time are beside each other, as far as there are rows. */
export class MarkRows {
  readonly marks: Mark[] = [];
  readonly #paths: Record<MarkKind, string[]> = { ok: [], unauthorized: [], failed: [] };
  readonly #ends: number[] = [];
  /** By row and kind: where the last mark was drawn. More marks on the same pixels are not drawn. */
  readonly #drawn: Float64Array;
  readonly #rows: number;
  readonly #top: number;
  #next = 0;

  constructor(rows: number, top: number) {
    this.#rows = rows;
    this.#top = top;
    this.#drawn = new Float64Array(rows * KINDS.length).fill(-10);
  }

  get height(): number {
    return Math.max(1, this.#ends.length) * (ROW + GAP);
  }

  add(send: SendRecord, x: number, end: number): void {
    const width = Math.max(NARROWEST, end - x);
    const row = this.#rowFor(x);
    this.#ends[row] = Math.max(this.#ends[row] ?? 0, x + width);
    const y = this.#top + row * (ROW + GAP);
    this.marks.push({ send, x, y, width });
    const kind = kindOf(send);
    const slot = row * KINDS.length + KINDS.indexOf(kind);
    if (width <= NARROWEST && x - (this.#drawn[slot] ?? 0) < 1) return;
    this.#drawn[slot] = x;
    const height = HEIGHTS[kind];
    const left = Math.round(x * 2) / 2;
    const across = Math.round(width * 2) / 2;
    this.#paths[kind].push(`M${left} ${y + (ROW - height) / 2}h${across}v${height}h${-across}z`);
  }

  /** What the few that were not accepted got, where there is room beside them. */
  labels(): { x: number; y: number; text: string }[] {
    const failures = this.marks.filter(({ send }) => kindOf(send) !== 'ok');
    if (failures.length > MAX_LABELS) return [];
    return failures.flatMap(({ send, x, y, width }) => {
      const left = x + width + 4;
      const taken = this.marks.some((other) => other.y === y && other.x > x && other.x < left + LABEL_WIDTH);
      return taken ? [] : [{ x: left, y: y + ROW, text: send.status === 0 ? 'no response' : String(send.status) }];
    });
  }

  paths(): [MarkKind, string][] {
    return KINDS.map((kind) => [kind, this.#paths[kind].join('')]);
  }

  #rowFor(x: number): number {
    const free = this.#ends.findIndex((end) => end + 1 < x);
    if (free >= 0) return free;
    if (this.#ends.length < this.#rows) return this.#ends.length;
    this.#next = (this.#next + 1) % this.#rows;
    return this.#next;
  }
}
