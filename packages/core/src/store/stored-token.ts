import type { Renewal } from '../access-token.js';

/** A token as the store holds it, once its seal is opened. */
export interface StoredToken extends Renewal {
  readonly value: string;
  readonly scope: string;
  readonly lifetimeMs: number;
  /** On the wall clock of the host that requested the token. */
  readonly expiresAt: number;
  /** Greater than that of every token that the writer knew of. Tells newer from older where the hosts' clocks cannot. */
  readonly order: number;
}

/** Authenticated, but still validated: valid JSON need not be a token. */
export function parseStoredToken(content: Readonly<Record<string, unknown>> | undefined): StoredToken | undefined {
  const { value, scope, lifetimeMs, expiresAt, order, streak, proven } = content ?? {};
  if (typeof value !== 'string' || typeof scope !== 'string') return undefined;
  if (typeof lifetimeMs !== 'number' || typeof expiresAt !== 'number' || typeof order !== 'number') return undefined;
  return {
    value,
    scope,
    lifetimeMs,
    expiresAt,
    order,
    streak: typeof streak === 'number' ? streak : 0,
    proven: proven === true,
  };
}
