import { randomBytes } from 'node:crypto';

/** The code with which the API host rejects a token. */
export type TokenRejection = 'TOKEN_UNKNOWN' | 'TOKEN_INVALID' | 'TOKEN_EXPIRED';

interface IssuedToken {
  readonly scope: string;
  readonly expiresAtMs: number;
  rejection?: TokenRejection;
}

// Keeps the memory of a long-running sandbox bounded. Tokens dropped from the list get TOKEN_UNKNOWN.
const MAX_TOKENS = 100_000;

/** The tokens that the token host has issued, and whether the API host still accepts them. */
export class IssuedTokens {
  readonly #tokens = new Map<string, IssuedToken>();

  issue(scope: string, lifetimeSeconds: number): string {
    const token = createToken();
    // The monotonic clock, so that lifetimes of half a second are right even if the wall clock is changed.
    this.#tokens.set(token, { scope, expiresAtMs: performance.now() + lifetimeSeconds * 1000 });
    if (this.#tokens.size > MAX_TOKENS) {
      for (const oldest of this.#tokens.keys()) {
        this.#tokens.delete(oldest);
        break;
      }
    }
    return token;
  }

  judge(token: string): { readonly scope: string } | { readonly rejection: TokenRejection } {
    const issued = this.#tokens.get(token);
    if (!issued) return { rejection: 'TOKEN_UNKNOWN' };
    if (issued.rejection) return { rejection: issued.rejection };
    if (performance.now() >= issued.expiresAtMs) return { rejection: 'TOKEN_EXPIRED' };
    return { scope: issued.scope };
  }

  /** Rejects all valid tokens from now on. Returns how many there were. */
  rejectAll(rejection: TokenRejection): number {
    const now = performance.now();
    let rejected = 0;
    for (const issued of this.#tokens.values()) {
      if (issued.rejection || now >= issued.expiresAtMs) continue;
      issued.rejection = rejection;
      rejected += 1;
    }
    return rejected;
  }
}

/** Looks like a JWT, as the platform's tokens do, but carries no meaning. */
export function createToken(): string {
  return `eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.${randomBytes(48).toString('base64url')}.${randomBytes(32).toString('base64url')}`;
}
