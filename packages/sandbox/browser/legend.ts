import { byId, element, svg } from './elements.js';

const ENTRIES = [
  ['ok', 'M1 4h18v5h-18z', 'accepted'],
  ['unauthorized', 'M1 2h18v9h-18z', '401 for the token'],
  ['failed', 'M1 2h18v8h-18z', 'failed'],
  ['join', 'M1 2C10 2 10 10 19 10', 'led to'],
  ['cut', 'M10 0v12', 'end of a token before its time'],
  ['now', 'M10 0v12', 'now'],
] as const;

export function showLegend(): void {
  byId('legend', HTMLParagraphElement).replaceChildren(
    ...ENTRIES.map(([kind, d, words]) => {
      const entry = element('span');
      const sample = svg('svg', { viewBox: '0 0 20 12' });
      sample.append(svg('path', { class: kind, d }));
      entry.append(sample, words);
      return entry;
    }),
  );
}
