import type { OpenBankingAuthConfig, RequestAuthOptions, TokenSource } from '@open-banking-auth/core';
import { authorizedFetch, bearerAuthOf, invalidConfig, isOneShot } from '@open-banking-auth/core/client';
import { onlyForExtend } from './misplaced.js';

type Hooks = import('ky', { with: { 'resolution-mode': 'import' }}).Hooks;
type Options = import('ky', { with: { 'resolution-mode': 'import' }}).Options;

/** The part of ky's `context` that is read here: `ky(url, { context: { openBanking: { context: 'corporate' } } })`. */
export interface OpenBankingContext {
  /** This request's own scope or context, or `false` to send it without a token. */
  readonly openBanking?: RequestAuthOptions | false | undefined;
}

/**
 * ky hooks that put a valid token on every request to `apiOrigins`, and after a 401 that a new token can cure send the
 * request once more: whatever ky's `retry` says, and without spending its retries.
 *
 * They work below ky's other hooks, around the `fetch` of the merged options; the caller's own `fetch` is used.
 *
 * @param source A configuration, or a token source to share with other clients.
 * @throws OpenBankingAuthError `invalid_config` for a bad configuration; on the first request if ky is older than 2.
 *
 * @example
 * ```ts
 * const api = ky.extend(openBankingAuth(config));
 * ```
 */
export function openBankingAuth(source: TokenSource | OpenBankingAuthConfig): { hooks: Hooks } {
  const bearerAuth = bearerAuthOf(source);
  return onlyForExtend({
    hooks: {
      init: [
        (options) => {
          options.fetch = authorizedFetch(bearerAuth, {
            fetch: options.fetch,
            openBanking: openBankingOf(options),
            base: String(options.baseUrl || options.prefix || '') || undefined,
            streamBody: isOneShot(options.body),
          });
        },
      ],
      beforeRequest: [assertKy2],
    },
  });
}

function openBankingOf({ context }: Options): RequestAuthOptions | false | undefined {
  // ky types its context as unknown values; a wrong one is reported where it is parsed.
  return (context as OpenBankingContext | undefined)?.openBanking;
}

/** ky 1 has no `init` hook, and would send every request without a token. Its hooks get the request as first argument. */
function assertKy2(state: object): void {
  if ('request' in state) return;
  throw invalidConfig(
    'openBankingAuth from "@open-banking-auth/ky" needs ky 2, and this request came through ky 1',
    'Update ky, or use the form that works with ky 1.14: ky.extend({ fetch: openBankingFetch(config) }), with openBankingFetch from "@open-banking-auth/core"',
  );
}
