import type { Clock } from '../clock.js';
import type { Settings } from '../config/settings.js';
import type { ClientCredential } from './client-credential.js';

/** One need of a token, for as long as it takes to get it. */
export interface TokenRequestContext {
  readonly settings: Settings;
  readonly scope: string;
  readonly credential: ClientCredential;
  /** The credential's id. */
  readonly secret: string;
  /** For background work, a clock whose timers do not keep the process alive. */
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
  /** When the need arose, on the monotonic clock: budget and patience count from there. */
  readonly startedAt: number;
  /** Whether any caller still waits. Without one there are no retries. */
  readonly hasWaiters: () => boolean;
}
