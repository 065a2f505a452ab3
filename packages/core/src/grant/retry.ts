import type { Grant } from '../access-token.js';
import { delay } from '../clock.js';
import { isOpenBankingAuthError, type OpenBankingAuthError } from '../errors.js';
import { ATTEMPT_BACKOFF_MS, TOKEN_REQUEST_ATTEMPTS } from '../policy.js';
import { requestToken } from './client-credentials.js';
import type { TokenRequestContext } from './context.js';

/** Sends the token request, and sends it again after transient failures, within the budget. */
export async function requestWithRetries(context: TokenRequestContext): Promise<Grant> {
  const { settings, clock, startedAt, hasWaiters } = context;
  const leftMs = () => settings.budgetMs - (clock.monotonic() - startedAt);
  let unreadable = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      // A process that was frozen on its way here has used up the budget without an attempt: it gets one.
      const budgetMs = attempt === 1 && leftMs() <= 0 ? settings.timeoutMs : Math.max(1, leftMs());
      return await requestToken(context, Math.min(settings.timeoutMs, budgetMs));
    } catch (error) {
      if (!isOpenBankingAuthError(error) || attempt >= TOKEN_REQUEST_ATTEMPTS || !hasWaiters()) throw error;
      if (!error.isTransient && !(error.unreadable && ++unreadable === 1)) throw error;
      const waitMs = waitBefore(error, attempt, context);
      if (waitMs >= leftMs()) throw error;
      await delay(clock, waitMs);
      if (!hasWaiters()) throw error;
    }
  }
}

function waitBefore(error: OpenBankingAuthError, attempt: number, { clock, random }: TokenRequestContext): number {
  if (error.retryAt) return Math.max(0, error.retryAt.getTime() - clock.wall());
  const backoffMs = ATTEMPT_BACKOFF_MS[attempt - 1] ?? 0;
  return backoffMs * (0.5 + random() / 2);
}
