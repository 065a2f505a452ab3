import type { OpenBankingAuthConfig, RequestAuthOptions, TokenSource } from '@open-banking-auth/core';
import { type AuthorizedSender, authorizedSender, bearerAuthOf } from '@open-banking-auth/core/client';
import { formerKyHook } from './former-ky.js';
import { onlyForExtend } from './misplaced.js';

type Hooks = import('./ky-options.mjs', { with: { 'resolution-mode': 'import' }}).Hooks;
type InitHook = NonNullable<Hooks['init']>[number];
type Options = import('./ky-options.mjs', { with: { 'resolution-mode': 'import' }}).Options;

/** The part of ky's `context` that is read here: `ky(url, { context: { openBanking: { context: 'corporate' } } })`. */
export interface OpenBankingContext {
  /** This request's own scope or context, or `false` to send it without a token. */
  readonly openBanking?: RequestAuthOptions | false | undefined;
}

/**
 * ky hooks that put a valid token on every request to `apiOrigins`, and after a 401 that a new token can cure send the
 * request once more: whatever ky's `retry` says, and without spending its retries.
 *
 * They work below ky's other hooks, around the `fetch` of the merged options; the caller's own `fetch` is used. With ky
 * 1.14, which has no such place, they send the request from the `beforeRequest` hook: `beforeRequest` hooks that are added
 * later do not run.
 *
 * @param source A configuration, or a token source to share with other clients.
 * @throws OpenBankingAuthError `invalid_config` for a bad configuration; on the first request if ky is older than 1.14.
 *
 * @example
 * ```ts
 * const api = ky.extend(openBankingAuth(config));
 * ```
 */
export function openBankingAuth<const Words extends string>(
  source: TokenSource | OpenBankingAuthConfig<Words>,
): { hooks: Hooks } {
  const bearerAuth = bearerAuthOf(source);
  const send = authorizedSender(bearerAuth);
  const formerHook = formerKyHook(bearerAuth, send);
  const wrapFetch: InitHook = (options) => {
    // Only ky 2 gets here. It would run this hook for every request, for nothing; these options are of one request.
    const beforeRequest = options.hooks?.beforeRequest;
    if (beforeRequest?.at(-1) === formerHook) beforeRequest.pop();

    const before = Object.getOwnPropertyDescriptor(options, 'fetch');
    if (before?.get === undefined && options.hooks?.init?.at(-1) === wrapFetch) {
      options.fetch = wrapped(send, options, options.fetch);
    } else wrapWhenRead(send, options, before);
  };
  return onlyForExtend({ hooks: { init: [wrapFetch], beforeRequest: [formerHook] } });
}

/** Wraps whatever `fetch` the options have when ky reads them: init hooks that come later may still set it, and `context` too. */
function wrapWhenRead(send: AuthorizedSender, options: Options, before: PropertyDescriptor | undefined): void {
  let given: Options['fetch'] = before?.value;
  const set = (own: Options['fetch']) => {
    given = own;
  };
  Object.defineProperty(options, 'fetch', {
    configurable: true,
    enumerable: true,
    get: () => wrapped(send, options, before?.get ? before.get() : given, before?.get !== undefined),
    set: before?.set ?? set,
  });
}

function wrapped(send: AuthorizedSender, options: Options, own: Options['fetch'], isOverAnother = false): typeof fetch {
  const facts = {
    openBanking: options.context?.openBanking,
    // Of several sources the innermost says that a base is nobody's: the others have had their turn by then.
    base: isOverAnother ? undefined : String(options.baseUrl || options.prefix || '') || undefined,
    body: options.body,
  };
  return (input, init) => send(own ?? globalThis.fetch, facts, input, init);
}
