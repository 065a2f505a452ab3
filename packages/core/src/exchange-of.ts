import type { OpenBankingAuthConfig } from './config.js';
import { invalidConfig } from './errors.js';
import { attachedExchange, type Exchange } from './exchange.js';
import { createTokenSource, type TokenSource } from './token-source.js';

/**
 * The exchange of a token source, or of a new source made from a configuration.
 *
 * @throws OpenBankingAuthError `invalid_config` for a bad configuration, or a source that `createTokenSource` did not make.
 */
export function exchangeOf(source: TokenSource | OpenBankingAuthConfig): Exchange {
  const isSource = typeof source === 'object' && source !== null && 'get' in source && 'peek' in source;
  const exchange = attachedExchange(isSource ? source : createTokenSource(source));
  if (exchange) return exchange;
  throw invalidConfig(
    'The token source was not made by createTokenSource',
    'Pass what createTokenSource returned as it is, not a copy or a stand-in',
  );
}
