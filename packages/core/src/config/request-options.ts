import { invalidConfig, kindOf, type OpenBankingAuthError } from '../errors.js';
import { hintFor, likelyName } from './likely-name.js';
import { type PsuContext, parseContext, type Scope } from './scope.js';
import type { Settings } from './settings.js';

/** What one request can choose for itself. */
export interface RequestAuthOptions {
  /** A scope other than the configured one. If it has no PSU context, the configured context applies. */
  readonly scope?: string | readonly string[] | undefined;
  /** The PSU context that this request is for. Default: the one in the scope. */
  readonly context?: PsuContext | undefined;
}

/** How many spellings of scopes are cached; applications have a handful. */
const CACHED_SPELLINGS = 100;

/**
 * Resolves a request's options to the whole scope, which is the name under which its token is kept. Spellings of a scope
 * that mean the same give the same name.
 */
export function scopeResolver(settings: Settings): (options: RequestAuthOptions | undefined) => string {
  const { profile } = settings;
  const format = (scope: Scope, context: PsuContext | undefined, option: string) => {
    const own = scope.context ?? settings.scope.context;
    if (context !== undefined && own === undefined) throw noContext(context);
    return profile.formatScope({ ...scope, context: context ?? own }, option);
  };
  const configured = profile.formatScope(settings.scope, 'scope');
  const inContext: Partial<Record<PsuContext, string>> = {};
  const cached = new Map<string, string>();

  return (options) => {
    if (options === undefined) return configured;
    if (typeof options !== 'object' || options === null) {
      throw invalidConfig(
        `"openBanking" of a request is ${kindOf(options)}`,
        'Give { scope?, context? }, or false to send the request without a token',
      );
    }
    assertKnown(options);
    const context = options.context === undefined ? undefined : parseContext(options.context, 'openBanking.context');
    if (options.scope === undefined) {
      if (context === undefined) return configured;
      inContext[context] ??= format(settings.scope, context, 'scope');
      return inContext[context];
    }

    const spelling = `${context ?? ''}:${[options.scope].flat().join(' ')}`;
    let whole = cached.get(spelling);
    if (whole === undefined) {
      const scope = profile.parseScope(options.scope, 'openBanking.scope');
      whole = format(scope, context, 'openBanking.scope');
      for (const word of profile.unrecognisedWords(scope))
        settings.emit({ type: 'scope.unrecognised', scope: whole, word });
      if (cached.size < CACHED_SPELLINGS) cached.set(spelling, whole);
    }
    return whole;
  };
}

function noContext(context: PsuContext): OpenBankingAuthError {
  return invalidConfig(
    `"openBanking.context" is "${context}", and the scope has no PSU context that it could replace`,
    'Leave it out: for another token, name its whole "scope"',
  );
}

/** `signal` is the token source's own. */
const OPTIONS = ['scope', 'context', 'signal'];

function assertKnown(options: object): void {
  for (const name in options) {
    if (OPTIONS.includes(name)) continue;
    throw invalidConfig(
      `"openBanking.${name.slice(0, 60)}" of a request is not an option`,
      hintFor(likelyName(name, OPTIONS), 'A request has { scope?, context? }'),
    );
  }
}
