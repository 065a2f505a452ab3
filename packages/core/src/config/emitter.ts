import type { Clock } from '../clock.js';
import { parseFunction } from './option.js';
import type { OpenBankingAuthConfig, Settings } from './settings.js';

/** Stamps each event, and passes it to the application's listener. */
export function emitterFor(
  onEvent: OpenBankingAuthConfig['onEvent'],
  clock: Clock,
): Pick<Settings, 'emit' | 'countAccepted'> {
  parseFunction(onEvent, 'onEvent');
  if (!onEvent) return { emit: () => {}, countAccepted: () => {} };
  let accepted = 0;
  return {
    countAccepted: () => {
      accepted += 1;
    },
    emit: (occurrence) => {
      const event = { ...occurrence, at: new Date(clock.wall()), accepted };
      accepted = 0;
      try {
        // An async listener's failure must not become an unhandled rejection of the application's.
        Promise.resolve(onEvent(event)).catch(() => {});
      } catch {}
    },
  };
}
