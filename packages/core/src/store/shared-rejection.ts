import type { Clock } from '../clock.js';
import { OpenBankingAuthError, type OpenBankingAuthErrorCode } from '../errors.js';
import type { CircuitBreaker } from './circuit-breaker.js';
import { RejectedElsewhere } from './rejected-elsewhere.js';
import type { Seal } from './sealing.js';

/** A failed token request that no process of the fleet should repeat for a while. */
export interface SharedRejection {
  readonly reason: OpenBankingAuthError;
  /** When token requests may be made again, on the wall clock. */
  readonly until: Date;
  /** How many failures of this kind in a row the process has had that made the request. */
  readonly failures: number;
}

/** Whether a failure concerns the whole fleet: the client is rejected, or the token endpoint asked to be left alone. */
export function concernsFleet({ code, retryAt }: OpenBankingAuthError): boolean {
  return code === 'invalid_client' || code === 'invalid_scope' || retryAt !== undefined;
}

/**
 * Where the rejection for a token is. It is sealed under the secret that was rejected, so that a process with another
 * secret does not find it.
 */
export interface RejectionEntry {
  readonly key: string;
  readonly seal: Seal;
  readonly breaker: CircuitBreaker;
  readonly clock: Clock;
}

/** @throws RejectedElsewhere while a rejection holds. */
export async function assertNotRejected({ key, seal, breaker, clock }: RejectionEntry): Promise<void> {
  const sealed = await breaker.get(nameOf(key), clock);
  const rejection = sealed === undefined ? undefined : parseRejection(await seal.open(nameOf(key), sealed));
  if (rejection && rejection.until.getTime() > clock.wall()) throw new RejectedElsewhere(rejection);
}

export async function writeRejection(
  { key, seal, breaker, clock }: RejectionEntry,
  { reason, until, failures }: SharedRejection,
): Promise<void> {
  const ttlMs = Math.ceil(until.getTime() - clock.wall());
  if (ttlMs < 1) return;
  const { code, problem, hint, status, oauthError, requestId } = reason;
  const content = { code, problem, hint, status, oauthError, requestId, until: until.getTime(), failures };
  await breaker.set(nameOf(key), await seal.seal(nameOf(key), content), ttlMs, clock);
}

function nameOf(key: string): string {
  return `${key}-rejection`;
}

const CODES: readonly OpenBankingAuthErrorCode[] = [
  'invalid_client',
  'invalid_scope',
  'token_request_rejected',
  'token_request_failed',
  'token_response_invalid',
];

function parseRejection(content: Readonly<Record<string, unknown>> | undefined): SharedRejection | undefined {
  const { problem, hint, status, oauthError, requestId, until, failures } = content ?? {};
  const code = CODES.find((known) => known === content?.code);
  if (code === undefined || typeof problem !== 'string' || typeof hint !== 'string') return undefined;
  if (typeof until !== 'number' || typeof failures !== 'number') return undefined;
  return {
    reason: new OpenBankingAuthError({
      code,
      problem,
      hint,
      status: typeof status === 'number' ? status : undefined,
      oauthError: typeof oauthError === 'string' ? oauthError : undefined,
      requestId: typeof requestId === 'string' ? requestId : undefined,
    }),
    until: new Date(until),
    failures,
  };
}
