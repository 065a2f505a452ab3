import type { AddedHeaders } from '@open-banking-auth/core/client';
import type { AxiosCall } from '../call/axios-call.js';
import { concealRequest } from './sent-request.js';

/** Errors are wrapped into one another by adapters that send several times, or count failures. */
const DEEPEST_CAUSE = 4;

/** The parts of a response or an error that can hold the token it was sent with. */
interface Outcome {
  config?: unknown;
  readonly request?: unknown;
  readonly response?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/** Takes the token out of what a send has brought. */
export function conceal(outcome: Outcome, call: AxiosCall, added: AddedHeaders): void {
  if (added.authorization !== undefined) concealRequest(outcome.request, added.authorization);
  call.restoreConfig(outcome, added);
}

/** The same for an error, its response, and the errors that it was made of. */
export function concealAll(error: unknown, call: AxiosCall, added: AddedHeaders, depth = 0): void {
  if (typeof error !== 'object' || error === null || depth > DEEPEST_CAUSE) return;
  try {
    const { response, cause, errors }: Outcome = error;
    conceal(error, call, added);
    for (const next of [response, cause, errors].flat()) concealAll(next, call, added, depth + 1);
  } catch {
    // What cannot be read cannot be printed either.
  }
}
