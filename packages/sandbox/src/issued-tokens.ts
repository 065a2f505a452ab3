import { randomBytes } from 'node:crypto';

export type TokenRefusal = 'TOKEN_UNKNOWN' | 'TOKEN_INVALID' | 'TOKEN_EXPIRED';

interface IssuedToken {
  readonly scope: string;
  readonly expiresAtMs: number;
  refusal?: TokenRefusal;
}

// So that a sandbox that runs for days does not grow. A token that fell out is answered with TOKEN_UNKNOWN.
const mostTokensKept = 100_000;

/** Every token that the token host gave out, and what has become of it. */
export class IssuedTokens {
  readonly #tokens = new Map<string, IssuedToken>();

  issue(scope: string, lifetimeSeconds: number): string {
    const token = freshToken();
    // The monotonic clock: lifetimes of half a second have to be right even if the wall clock is set.
    this.#tokens.set(token, { scope, expiresAtMs: performance.now() + lifetimeSeconds * 1000 });
    if (this.#tokens.size > mostTokensKept) {
      for (const oldest of this.#tokens.keys()) {
        this.#tokens.delete(oldest);
        break;
      }
    }
    return token;
  }

  judge(token: string): { readonly scope: string } | { readonly refusal: TokenRefusal } {
    const issued = this.#tokens.get(token);
    if (!issued) return { refusal: 'TOKEN_UNKNOWN' };
    if (issued.refusal) return { refusal: issued.refusal };
    if (performance.now() >= issued.expiresAtMs) return { refusal: 'TOKEN_EXPIRED' };
    return { scope: issued.scope };
  }

  /** Refuses from now on all tokens that were good until now, and says how many those were. */
  refuseAll(refusal: TokenRefusal): number {
    const now = performance.now();
    let refused = 0;
    for (const issued of this.#tokens.values()) {
      if (issued.refusal || now >= issued.expiresAtMs) continue;
      issued.refusal = refusal;
      refused += 1;
    }
    return refused;
  }
}

/** Looks like a JWT, as the platform's tokens do, and means nothing. */
export function freshToken(): string {
  return `eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.${randomBytes(48).toString('base64url')}.${randomBytes(32).toString('base64url')}`;
}
