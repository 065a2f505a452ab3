import { hexOf, sha256 } from '../bytes.js';
import type { Clock } from '../clock.js';
import { parseFunction } from './option.js';
import type { OpenBankingAuthConfig, Settings } from './settings.js';

/** Stamps each event, and passes it to the application's listener. */
export function emitterFor(
  onEvent: OpenBankingAuthConfig['onEvent'],
  clock: Clock,
): Pick<Settings, 'emit' | 'countAccepted' | 'fingerprintOf'> {
  parseFunction(onEvent, 'onEvent');
  if (!onEvent) return { emit: () => {}, countAccepted: () => {}, fingerprintOf: async () => '' };
  let accepted = 0;
  return {
    fingerprintOf: async (token) => hexOf((await sha256(token)).subarray(0, 4)),
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
