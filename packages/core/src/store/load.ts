import type { Clock } from '../clock.js';
import type { Settings } from '../config/settings.js';
import type { SharedToken } from './shared-token.js';

/**
 * How the tokens of one source are shared through its store; `undefined` without one. The code for it is loaded at once, but
 * only then, since most sources have no store.
 *
 * @returns a function that makes the shared token of one scope.
 */
export function sharedTokens(settings: Settings, clock: Clock): (() => Promise<SharedToken>) | undefined {
  const { store } = settings;
  if (!store) return undefined;
  const load = async () => {
    const { sharedStore, SharedToken } = await import('./shared-token.js');
    const shared = sharedStore(store, settings, clock);
    return () => new SharedToken(shared);
  };
  const making = load();
  making.catch(() => {}); // Each token says so.
  return async () => (await making)();
}
