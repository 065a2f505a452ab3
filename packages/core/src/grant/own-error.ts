import { isOpenBankingAuthError, OpenBankingAuthError } from '../errors.js';

/** Token requests throw only OpenBankingAuthError. Anything else may quote secrets, so its text is dropped. */
export function asOwnError(thrown: unknown): OpenBankingAuthError {
  if (isOpenBankingAuthError(thrown)) return thrown;
  return new OpenBankingAuthError({
    code: 'token_request_failed',
    problem: 'The token request failed in an unexpected way',
    hint: 'Please report this, with your configuration but without your secret',
  });
}
