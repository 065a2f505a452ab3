import { invalidConfig } from '../errors.js';

/** @throws OpenBankingAuthError `invalid_config` in a browser, unless that is allowed. */
export function assertNotBrowser(allowed: unknown): void {
  if (allowed === true || !isBrowser()) return;
  throw invalidConfig(
    'This looks like a browser, where anybody can read the client secret',
    'Call the API from a server. If this is a test under Jest, its jsdom environment looks like a browser: use testEnvironment "node", or set dangerouslyAllowBrowser: true',
  );
}

/** A page, or a worker of one. Edge runtimes have the scope of workers too, but do not call themselves Mozilla. */
function isBrowser(): boolean {
  if ('window' in globalThis && 'document' in globalThis) return true;
  const { navigator } = globalThis as { navigator?: { readonly userAgent?: unknown } };
  return 'WorkerGlobalScope' in globalThis && String(navigator?.userAgent).startsWith('Mozilla/');
}
