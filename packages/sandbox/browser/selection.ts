import type { SendRecord } from '../src/page/page-record.js';
import { byId } from './elements.js';
import type { Model } from './model.js';
import type { Timeline } from './timeline.js';
import type { Viewport } from './viewport.js';
import { kindOf, sentenceOf } from './words.js';

/** How far from a mark a click may be, in pixels. */
const REACH = 14;

/** The request whose details are shown. */
export class Selection {
  send: SendRecord | undefined;
  readonly #redraw: () => void;

  constructor(
    chart: HTMLElement,
    timeline: Timeline,
    model: () => Model,
    viewport: () => Viewport,
    redraw: () => void,
  ) {
    this.#redraw = redraw;
    chart.addEventListener('click', ({ clientX, clientY }) => {
      const { left, top } = chart.getBoundingClientRect();
      this.#select(nearest(timeline, clientX - left, clientY - top), model());
    });
    chart.addEventListener('keydown', (event) => {
      const steps = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === 'Escape') this.#select(undefined, model());
      if (steps === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const next = this.#step(model().sends, steps, event.shiftKey);
      if (next) viewport().reveal(next.at);
      this.#select(next ?? this.send, model());
    });
  }

  /** Again: the send that follows it may have come. */
  show(model: Model): void {
    const details = byId('details', HTMLDivElement);
    const text = this.send ? sentenceOf(this.send, model) : '';
    if (details.textContent !== text) details.textContent = text;
  }

  clear(): void {
    this.send = undefined;
  }

  #select(send: SendRecord | undefined, model: Model): void {
    this.send = send;
    this.show(model);
    this.#redraw();
  }

  #step(sends: readonly SendRecord[], steps: 1 | -1 | number, onlyFailures: boolean): SendRecord | undefined {
    const wanted = onlyFailures ? sends.filter((send) => kindOf(send) !== 'ok') : sends;
    const inOrder = [...wanted].sort((one, other) => one.at - other.at);
    const { send } = this;
    if (!send) return inOrder.at(-1);
    return steps > 0
      ? inOrder.find(({ at, id }) => at > send.at || (at === send.at && id > send.id))
      : inOrder.findLast(({ at, id }) => at < send.at || (at === send.at && id < send.id));
  }
}

function nearest({ marks }: Timeline, x: number, y: number): SendRecord | undefined {
  let best: SendRecord | undefined;
  let least = REACH;
  for (const mark of marks) {
    const across = Math.max(0, mark.x - x, x - mark.x - mark.width);
    const distance = across + Math.abs(mark.y + 4 - y);
    if (distance < least) [best, least] = [mark.send, distance];
  }
  return best;
}
