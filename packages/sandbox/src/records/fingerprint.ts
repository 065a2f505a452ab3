import { createHash } from 'node:crypto';

/** Distinguishes two tokens, and tells nothing else. */
export function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 8);
}
