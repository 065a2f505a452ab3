import type { AcceptedRecord, SendHost, SendRecord } from '../src/page/page-record.js';
import { BAR, drawFaults, drawTokens, type Scale } from './bars.js';
import { svg } from './elements.js';
import { type Mark, MarkRows, ROW } from './marks.js';
import type { Model } from './model.js';
import { ticks } from './ticks.js';
import type { Viewport } from './viewport.js';
import { grouped } from './words.js';

const AXIS = 24;
const LABEL = 18;
const MAX_JOINS = 300;

/** `web-2` before `web-10`. */
const inOrder = new Intl.Collator('en', { numeric: true });

const TITLES: readonly [SendHost, string, rows: number][] = [
  ['token', 'Token requests', 4],
  ['api', 'Requests to the API', 14],
  ['foreign', 'Requests to the foreign host', 4],
];

/** The picture: bars of tokens, marks of requests, and what joins them. */
export class Timeline {
  marks: Mark[] = [];
  readonly #host: HTMLElement;

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  draw(model: Model, { from, to }: Viewport, now: number, selected: SendRecord | undefined): void {
    const width = this.#host.clientWidth;
    const x: Scale = (at) => ((at - from) / (to - from)) * width;
    const picture = svg('svg', { 'aria-hidden': 'true', focusable: 'false' });
    const canvas: Canvas = { picture, x, width, top: AXIS };
    const background = svg('g', {});
    picture.append(background);
    this.marks = [];
    if (model.faults.length > 0) {
      heading(canvas, 'Faults');
      canvas.top += drawFaults(picture, model.faults, x, canvas.top, width) + 6;
    }
    const sends = inWindow(model.sends, from, to);
    const lanes = model.lanes.size === 0 ? [''] : [...model.lanes].sort(inOrder.compare);
    for (const lane of lanes) this.#drawLane(canvas, lane, lanes.length, model, sends);
    for (const mark of this.marks) if (mark.send === selected) picture.append(outline(mark));
    drawAxis(background, canvas, from, to, now);
    drawJoins(picture, this.marks, model);
    picture.setAttribute('height', String(canvas.top + 4));
    picture.setAttribute('viewBox', `0 0 ${width} ${canvas.top + 4}`);
    this.#host.replaceChildren(picture);
  }

  #drawLane(canvas: Canvas, lane: string, lanes: number, model: Model, sends: readonly SendRecord[]): void {
    const { picture, x, width } = canvas;
    heading(canvas, lane === '' ? 'Tokens' : lane, lane === '' ? 'label' : 'lane');
    const tokens = model.tokens.filter((token) => token.lane === lane);
    canvas.top += Math.max(BAR / 2, drawTokens(picture, tokens, x, canvas.top, width)) + 4;
    for (const [host, title, rows] of TITLES) {
      const own = sends.filter((send) => send.host === host && send.lane === lane);
      if (host === 'foreign' && own.length === 0) continue;
      // Of many processes each gets less.
      if (lanes === 1) heading(canvas, title);
      else if (own.length === 0) continue;
      const placed = new MarkRows(lanes === 1 ? rows : 3, canvas.top);
      for (const send of own) placed.add(send, x(send.at), x(send.endAt));
      for (const [kind, path] of placed.paths()) {
        if (path !== '') picture.append(svg('path', { class: kind, d: path }));
      }
      for (const { x, y, text } of placed.labels()) picture.append(svg('text', { class: 'label', x, y }, text));
      for (const mark of placed.marks) this.marks.push(mark);
      canvas.top += placed.height + 4;
    }
    drawAccepted(canvas, model.accepted, lane);
    canvas.top += 6;
  }
}

interface Canvas {
  readonly picture: SVGElement;
  readonly x: Scale;
  readonly width: number;
  top: number;
}

function inWindow(sends: readonly SendRecord[], from: number, to: number): SendRecord[] {
  return sends.filter((send) => send.endAt >= from && send.at <= to).sort((one, other) => one.at - other.at);
}

function heading(canvas: Canvas, text: string, kind = 'label'): void {
  canvas.picture.append(svg('text', { class: kind, x: 6, y: canvas.top + 13 }, text));
  canvas.top += LABEL;
}

function outline({ x, y, width }: Mark): SVGElement {
  return svg('rect', { class: 'selected', x: x - 3, y: y - 3, width: width + 6, height: ROW + 6, rx: 3 });
}

function drawAxis(into: SVGElement, { x, width, top }: Canvas, from: number, to: number, now: number): void {
  for (const { at, label } of ticks(from, to, width)) {
    const left = x(at);
    into.append(svg('path', { class: 'tick', d: `M${left} ${AXIS - 4}V${top}` }));
    // One that would be cut off at an edge would be beside its line if it were moved.
    const half = label.length * 3.5;
    if (left < half || left > width - half) continue;
    into.append(svg('text', { class: 'label', x: left, y: 14, 'text-anchor': 'middle' }, label));
  }
  if (now <= to) into.append(svg('path', { class: 'now', d: `M${x(now)} ${AXIS - 4}V${top}` }));
}

/** From a 401 to the send that followed it, and to the token request between them. */
function drawJoins(into: SVGElement, marks: readonly Mark[], model: Model): void {
  const joined = marks.filter(({ send }) => send.verdict === 'renew' || send.host === 'token');
  const byId = new Map(joined.map((mark) => [mark.send.id, mark]));
  const followers = marks.filter(({ send }) => send.follows !== undefined).slice(-MAX_JOINS);
  const lines: string[] = [];
  for (const follower of followers) {
    const first = byId.get(follower.send.follows ?? 0);
    if (!first) continue;
    lines.push(curve(first, follower));
    const issue = model.issues.get(follower.send.token ?? '');
    // Only if that 401 caused it: another one may have been earlier.
    const request = issue && issue.endAt >= first.send.endAt ? byId.get(issue.id) : undefined;
    if (request) lines.push(curve(first, request));
  }
  if (lines.length > 0) into.append(svg('path', { class: 'join', d: lines.join('') }));
}

function curve(from: Mark, to: Mark): string {
  const [x1, y1, x2, y2] = [from.x + from.width, from.y + ROW / 2, to.x, to.y + ROW / 2];
  const bend = Math.max(12, Math.abs(x2 - x1) / 2);
  return `M${r(x1)} ${y1}C${r(x1 + bend)} ${y1} ${r(x2 - bend)} ${y2} ${r(x2)} ${y2}`;
}

const r = (value: number) => Math.round(value * 10) / 10;

/** Sends that succeeded, of which a log knows only how many: as a band, whose height is their number. */
function drawAccepted(canvas: Canvas, accepted: readonly AcceptedRecord[], lane: string): void {
  const own = accepted.filter((each) => each.lane === lane && each.count > 0);
  if (own.length === 0) return;
  const { x, width, picture } = canvas;
  const most = Math.max(...own.map(({ count }) => count));
  let drawn = '';
  for (const { from, at, count } of own) {
    const [left, right] = [Math.max(-1, x(from)), Math.min(width + 1, x(at))];
    if (right < 0 || left > width) continue;
    const height = Math.max(2, (count / most) * 12);
    drawn += `M${r(left)} ${canvas.top + 14}h${r(Math.max(1, right - left - 1))}v${-height}h${-r(Math.max(1, right - left - 1))}z`;
    const text = grouped(count);
    if (right - left > text.length * 7 + 60)
      picture.append(svg('text', { class: 'label', x: Math.max(left, 0) + 6, y: canvas.top + 28 }, `${text} accepted`));
  }
  picture.append(svg('path', { class: 'ok', d: drawn }));
  canvas.top += 34;
}
