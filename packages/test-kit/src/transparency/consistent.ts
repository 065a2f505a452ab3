import type { CallPlan } from './bench.js';
import { failsByItself, isEndless, isStream, NO_BODY } from './body-plan.js';
import { NO_HEADERS } from './header-plan.js';
import { PLAIN_RESPONSE } from './response-plan.js';
import { NO_SIGNAL, type SignalPlan } from './signal-plan.js';

/** A GET of JSON. */
export const DEFAULT_CALL: CallPlan = {
  method: null,
  body: NO_BODY,
  headers: NO_HEADERS,
  signal: NO_SIGNAL,
  response: PLAIN_RESPONSE,
  change: 'never',
  again: false,
};

const ENDS: readonly SignalPlan['moment'][] = ['before', 'at once', 'on arrival', 'expires'];

/**
 * The nearest plan whose outcome does not depend on chance: something ends a call that would hang, and no two ends compete.
 * Without a time limit of the client, that can only be the signal.
 */
export function consistent<Plan extends CallPlan>(plan: Plan, hasTimeLimit = false): Plan {
  let { response, signal, change, again, body } = plan;
  if (failsByItself(body)) {
    signal = NO_SIGNAL;
    response = PLAIN_RESPONSE;
    change = 'never';
    again = false;
  }
  // A redirect would have to send the stream again.
  if (isStream(body)) response = { ...response, redirect: null };
  // A 401 is waited for, and that of a stream comes in place of the planned response.
  if (response.ending === 'stalls' && (isStream(body) || response.status === 401)) {
    response = { ...response, ending: 'whole' };
  }
  if (isEndless(body)) response = { ...response, ending: 'never' };
  const hasContent = ![204, 304].includes(response.status) && response.content !== 'nothing';
  if (!hasContent && response.ending !== 'never') response = { ...response, ending: 'whole' };
  if (signal.moment === 'on arrival' || signal.moment === 'expires' || hasTimeLimit) {
    response = { ...response, ending: 'never' };
  }
  if (response.ending === 'never') response = { ...response, redirect: null };
  if (hasTimeLimit && (signal.moment === 'on arrival' || signal.moment === 'after'))
    signal = { ...signal, moment: 'unused' };
  if (response.ending === 'never' && !hasTimeLimit && !ENDS.includes(signal.moment)) {
    signal = { ...signal, moment: 'on arrival' };
  }
  if (response.ending === 'stalls') signal = { ...signal, moment: 'after' };
  // After a 401 that a new token did not cure, none is requested for a while.
  if (signal.moment !== 'none' || change !== 'never' || response.status === 401 || isStream(body)) again = false;
  return { ...plan, response, signal, change, again };
}
