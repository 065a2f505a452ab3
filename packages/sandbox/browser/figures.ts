import type { Figures } from '../src/page/page-record.js';
import { byId, element } from './elements.js';
import type { Model } from './model.js';
import { grouped, reasonWords } from './words.js';

const HOUR_MS = 3_600_000;

/** The platform's fair use: tokens an hour. */
const FAIR_USE = 2;

const list = byId('figures', HTMLDListElement);
let shown = '';

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly more: string;
  readonly alarm?: boolean;
}

export function showFigures(figures: Figures, model: Model, mode: 'live' | 'log', now: number): void {
  const tokens = model.tokensSince(now - HOUR_MS);
  const passed = Object.entries(figures.passed);
  const passedOn = passed.reduce((sum, [, count]) => sum + count, 0);
  const without = figures.unauthorized - figures.healed - figures.inVain - passedOn;
  const reasons = passed.map(([reason, count]) => `${grouped(count)} ${reasonWords(reason)}`);
  const all: Figure[] = [
    {
      name: mode === 'live' ? 'Tokens in the last hour' : "Tokens in the log's last hour",
      value: grouped(tokens),
      more:
        tokens > FAIR_USE
          ? `more than the fair use of ${FAIR_USE} an hour`
          : `within the fair use of ${FAIR_USE} an hour`,
      alarm: tokens > FAIR_USE,
    },
    {
      name: 'Requests',
      value: grouped(figures.requests),
      more: `${grouped(figures.unauthorized)} got a 401${without > 0 ? `; for ${grouped(without)}, no new token came` : ''}`,
    },
    { name: '401s healed', value: grouped(figures.healed), more: 'sent again with another token, and accepted' },
    {
      name: '401s passed on',
      value: grouped(passedOn),
      more: reasons.join(', ') || 'to the caller',
    },
    ...(mode === 'live' ? [leaks(figures)] : passedOver(figures)),
  ];
  const text = JSON.stringify(all);
  if (text === shown) return;
  shown = text;
  list.replaceChildren(...all.map(entry));
}

function leaks({ leaks }: Figures): Figure {
  const more = leaks > 0 ? 'a credential went to a host that must not have it' : 'there should be none';
  return { name: 'Tokens at the foreign host', value: grouped(leaks), more, alarm: leaks > 0 };
}

function passedOver({ torn, foreignLines }: Figures): Figure[] {
  if (torn + foreignLines === 0) return [];
  const more = `${grouped(torn)} torn, ${grouped(foreignLines)} not of this library`;
  return [{ name: 'Lines passed over', value: grouped(torn + foreignLines), more }];
}

function entry({ name, value, more, alarm }: Figure): HTMLElement {
  const box = element('div');
  const dd = element('dd', value);
  dd.append(element('small', more));
  box.append(element('dt', name), dd);
  if (alarm) box.dataset.alarm = '';
  return box;
}
