import { svg } from './elements.js';
import type { FaultSpan, TokenBar } from './model.js';
import { timeOf } from './words.js';

export const BAR = 22;
const GAP = 4;

/** About as wide as a letter of the labels. */
const LETTER = 6.6;

export type Scale = (at: number) => number;

/** Bars in as few rows as possible, the first ones on top. Returns the height. */
function inRows<Bar>(
  bars: readonly Bar[],
  range: (bar: Bar) => [number, number],
  draw: (bar: Bar, row: number) => void,
) {
  const ends: number[] = [];
  for (const bar of bars) {
    const [from, to] = range(bar);
    const free = ends.findIndex((end) => end < from + 1);
    const row = free < 0 ? ends.length : free;
    ends[row] = to;
    draw(bar, row);
  }
  return ends.length * (BAR + GAP);
}

export function drawTokens(into: Element, tokens: readonly TokenBar[], x: Scale, top: number, width: number): number {
  const endOf = ({ cutAt, until }: TokenBar) => cutAt ?? until;
  const visible = tokens.filter((token) => x(endOf(token)) > 0 && x(token.at) < width).slice(-200);
  return inRows(
    visible,
    (token) => [x(token.at), x(endOf(token))],
    (token, row) => {
      const [from, to] = [Math.max(-4, x(token.at)), Math.min(width + 4, x(endOf(token)))];
      const y = top + row * (BAR + GAP);
      const cut = token.cutAt !== undefined;
      const kind = cut ? 'token ended' : 'token';
      into.append(svg('rect', { class: kind, x: from, y, width: Math.max(1, to - from), height: BAR, rx: 3 }));
      if (cut) into.append(svg('path', { class: 'cut', d: `M${to} ${y - 2}v${BAR + 4}` }));
      const end = cut ? `${token.how}` : `until ${timeOf(token.until)}`;
      label(into, [`${token.token}, ${end}`, token.token], Math.max(4, from + 6), to - 4, y);
    },
  );
}

export function drawFaults(into: Element, faults: readonly FaultSpan[], x: Scale, top: number, width: number): number {
  const endOf = ({ endAt }: FaultSpan) => (endAt === undefined ? width + 4 : x(endAt));
  const visible = faults.filter((fault) => endOf(fault) > 0 && x(fault.at) < width).slice(-200);
  return inRows(
    visible,
    // Room for the name, which may be longer than the fault lasted.
    (fault) => [x(fault.at), endOf(fault) + fault.name.length * LETTER + 12],
    (fault, row) => {
      const [from, to] = [Math.max(-4, x(fault.at)), Math.min(width + 4, endOf(fault))];
      const y = top + row * (BAR + GAP);
      into.append(svg('rect', { class: 'fault', x: from, y, width: Math.max(3, to - from), height: BAR, rx: 3 }));
      const room = fault.name.length * LETTER + 8 < to - from;
      label(into, [fault.name], room ? Math.max(4, from + 6) : Math.max(4, to + 5), Number.POSITIVE_INFINITY, y);
    },
  );
}

/** The longest of the texts that fits. */
function label(into: Element, texts: readonly string[], from: number, to: number, y: number): void {
  const text = texts.find(({ length }) => length * LETTER < to - from);
  if (text !== undefined) into.append(svg('text', { x: from, y: y + 15 }, text));
}
