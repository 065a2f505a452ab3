import type { Beginning, Figures, PageRecord } from '../src/page/page-record.js';
import { Controls } from './controls.js';
import { byId, element } from './elements.js';
import { showFigures } from './figures.js';
import { Happenings } from './happenings.js';
import { showLegend } from './legend.js';
import { Model } from './model.js';
import { Selection } from './selection.js';
import { Timeline } from './timeline.js';
import { Viewport } from './viewport.js';

const SPANS: readonly [string, number | undefined][] = [
  ['5 s', 5_000],
  ['30 s', 30_000],
  ['2 min', 120_000],
  ['10 min', 600_000],
  ['1 h', 3_600_000],
  ['all', undefined],
];
const LIVE_SPAN = '30 s';

/** Four pictures a second are enough to follow; with less motion one. */
const REDRAW_MS = matchMedia('(prefers-reduced-motion: reduce)').matches ? 1_000 : 250;

const NO_FIGURES: Figures = {
  requests: 0,
  unauthorized: 0,
  healed: 0,
  passed: {},
  inVain: 0,
  leaks: 0,
  torn: 0,
  foreignLines: 0,
};

const chart = byId('chart', HTMLDivElement);
const span = byId('span', HTMLSelectElement);
const follow = byId('follow', HTMLButtonElement);
const connection = byId('connection', HTMLParagraphElement);

let mode: Beginning['mode'] = 'live';
let model = new Model();
let happenings = new Happenings();
let figures = NO_FIGURES;
let changed = true;
let viewport = new Viewport(undefined);
let drawnAt = 0;
/** What has happened so far has been read: drawing every part of it would only take time. */
let complete = false;

const controls = new Controls();
const timeline = new Timeline(chart);
const redraw = () => {
  changed = true;
  drawnAt = 0;
};
const selection = new Selection(
  chart,
  timeline,
  () => model,
  () => viewport,
  redraw,
);

function now(): number {
  return mode === 'live' ? Date.now() : model.lastAt;
}

function frame(time: number): void {
  requestAnimationFrame(frame);
  if (!complete || time - drawnAt < REDRAW_MS) return;
  const moving = mode === 'live' && viewport.following;
  if (!changed && !moving) return;
  drawnAt = time;
  viewport.update(model, now());
  timeline.draw(model, viewport, now(), selection.send);
  follow.setAttribute('aria-pressed', String(viewport.following));
  if (!changed) return;
  changed = false;
  happenings.show();
  selection.show(model);
  showFigures(figures, model, mode, now());
}

function begin({ mode: given, title, buttons }: Beginning): void {
  const isFirst = document.title !== title;
  mode = given;
  complete = false;
  model = new Model();
  happenings = new Happenings();
  figures = NO_FIGURES;
  selection.clear();
  if (isFirst) {
    const chosen = given === 'live' ? LIVE_SPAN : 'all';
    viewport = new Viewport(SPANS.find(([name]) => name === chosen)?.[1]);
    span.replaceChildren(...SPANS.map(([name]) => element('option', name)));
    span.value = chosen;
    document.title = title;
    byId('title', HTMLHeadingElement).textContent = title;
  }
  controls.show(buttons);
  redraw();
}

function add(records: readonly PageRecord[]): void {
  for (const record of records) {
    model.add(record);
    happenings.add(record);
    if (record.kind === 'fault' && record.button !== undefined) controls.setPressed(record.button, record.on);
  }
  changed = true;
}

function connect(): void {
  const source = new EventSource('records');
  const on = (type: string, use: (data: string) => void) =>
    source.addEventListener(type, (event: MessageEvent<string>) => use(event.data));
  on('begin', (data) => begin(JSON.parse(data)));
  on('records', (data) => add(JSON.parse(data)));
  on('figures', (data) => {
    figures = JSON.parse(data);
    changed = true;
  });
  on('complete', () => {
    complete = true;
    delete connection.dataset.lost;
    connection.textContent = mode === 'live' ? 'Connected, live' : 'Connected, follows the file';
  });
  source.addEventListener('error', () => {
    connection.dataset.lost = '';
    connection.textContent = 'Not connected: the server has stopped, or is not reachable. Trying again …';
    // After some failures a browser gives up.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 2_000);
  });
}

span.addEventListener('change', () => {
  const wasFollowing = viewport.following;
  viewport.spanMs = SPANS.find(([name]) => name === span.value)?.[1];
  if (wasFollowing || viewport.spanMs === undefined) viewport.following = true;
  redraw();
});
byId('earlier', HTMLButtonElement).addEventListener('click', () => {
  viewport.move(-0.5);
  redraw();
});
byId('later', HTMLButtonElement).addEventListener('click', () => {
  viewport.move(0.5);
  redraw();
});
follow.addEventListener('click', () => {
  viewport.following = !viewport.following;
  viewport.spanMs ??= viewport.following ? undefined : viewport.to - viewport.from;
  redraw();
});
new ResizeObserver(redraw).observe(chart);
chart.tabIndex = 0;
showLegend();
connect();
requestAnimationFrame(frame);
