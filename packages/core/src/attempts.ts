import type { Grant } from './access-token.js';
import type { Clock } from './clock.js';
import type { Settings } from './config.js';
import { isOpenBankingAuthError, type OpenBankingAuthError } from './errors.js';
import { ATTEMPT_BACKOFF_MS, TOKEN_REQUEST_ATTEMPTS, TOKEN_REQUEST_BUDGET_MS } from './policy.js';
import { isPassing, isUnreadable } from './token-failure.js';
import { requestToken } from './token-request.js';

/** One token request of the source: the secret it is made with, and how long and often it is tried. */
export interface TokenErrand {
  readonly settings: Settings;
  readonly secret: string;
  readonly scope: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** When the errand began, on the monotonic clock: the budget counts from there. */
  readonly started: number;
  /** Whether anybody is waiting: nothing is repeated for nobody. */
  readonly wanted: () => boolean;
}

/** A caller waits this long for a token at the most. */
export function budgetOf(settings: Settings): number {
  return Math.max(TOKEN_REQUEST_BUDGET_MS, settings.timeoutMs);
}

/** Sends the token request, and sends it again after failures that pass: never for longer than the budget. */
export async function attemptToken(errand: TokenErrand): Promise<Grant> {
  const { settings, secret, scope, clock, random, started, wanted } = errand;
  const leftMs = () => budgetOf(settings) - (clock.monotonic() - started);
  let unreadable = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      const timeoutMs = Math.min(settings.timeoutMs, Math.max(1, leftMs()));
      return await requestToken({ settings, secret, scope, clock, timeoutMs });
    } catch (error) {
      if (!isOpenBankingAuthError(error) || attempt >= TOKEN_REQUEST_ATTEMPTS || !wanted()) throw error;
      if (!isPassing(error) && !(isUnreadable(error) && ++unreadable === 1)) throw error;
      const waitMs = waitBefore(error, attempt, clock, random);
      if (waitMs >= leftMs()) throw error;
      await new Promise<void>((resolve) => clock.after(waitMs, resolve));
      if (!wanted()) throw error;
    }
  }
}

function waitBefore(error: OpenBankingAuthError, attempt: number, clock: Clock, random: () => number): number {
  if (error.retryAt) return Math.max(0, error.retryAt.getTime() - clock.wall());
  const backoffMs = ATTEMPT_BACKOFF_MS[attempt - 1] ?? 0;
  return backoffMs * (0.5 + random() / 2);
}
