import type { createTokenSource } from '@open-banking-auth/core';

/** `process.env`, or its stand-in in a test. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** The check's output, environment and stop signal. */
export interface CheckIo {
  readonly out: (line: string) => void;
  readonly variables: Variables;
  readonly stop: AbortSignal;
  /** For tests: the clock of the token request. */
  readonly runtime?: Parameters<typeof createTokenSource>[1];
}
