import type { AuthEvent } from '@open-banking-auth/core';
import type { Meter } from '@opentelemetry/api';

/**
 * OpenTelemetry metrics from a token source: `onEvent: meteredEvents(meter)`. Call it once for each source, with a meter
 * of its own if two sources have the same scope.
 */
export function meteredEvents(meter: Meter): (event: AuthEvent) => void {
  // Every combination of attributes is a time series. Reasons, verdicts, error codes and the scopes of an application
  // are few. A token's fingerprint and a request's id are not: they belong in the logs.
  const tokenRequests = meter.createCounter('open_banking_auth.token.requests', {
    description: 'Token requests that have ended, by why they were made and how they ended',
    unit: '{request}',
  });
  const tokenRequestDuration = meter.createHistogram('open_banking_auth.token.request.duration', {
    description: 'Duration of token requests, from the first attempt to the end of the last',
    unit: 's',
    // The default buckets are made for milliseconds. A token request is given up after 15 s.
    advice: { explicitBucketBoundaries: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15] },
  });
  const unauthorized = meter.createCounter('open_banking_auth.api.unauthorized', {
    description: 'Answers with status 401, by what was made of them',
    unit: '{response}',
  });
  const replays = meter.createCounter('open_banking_auth.api.replays', {
    description: 'Requests sent again with another token',
    unit: '{request}',
  });

  const adoptions = meter.createCounter('open_banking_auth.token.adoptions', {
    description: 'Tokens of other processes taken from the store, by why one was needed',
    unit: '{token}',
  });
  const storeFailures = meter.createCounter('open_banking_auth.store.failures', {
    description: 'Outages of the token store, by the operation that failed first',
    unit: '{outage}',
  });

  // The deadline is kept, not the lifetime: what remains of it is computed when it is asked for. A process that makes no
  // requests lets its token run out, so a 0 alone is no cause for alarm.
  const deadlines = new Map<string, number>();
  meter
    .createObservableGauge('open_banking_auth.token.remaining_lifetime', {
      description: 'Remaining lifetime of the token last received; 0 once it has run out or was refused',
      unit: 's',
    })
    .addCallback((gauge) => {
      for (const [scope, deadline] of deadlines) gauge.observe(Math.max(0, deadline - Date.now()) / 1_000, { scope });
    });

  function ended(outcome: string, { reason, durationMs }: Extract<AuthEvent, { durationMs: number }>): void {
    tokenRequests.add(1, { reason, outcome });
    tokenRequestDuration.record(durationMs / 1_000, { reason, outcome });
  }

  return (event) => {
    switch (event.type) {
      case 'token.requested':
        // The API refused the token held, so it is dropped. Should this request fail, there is none.
        if (event.reason === 'rejected' && deadlines.has(event.scope)) deadlines.set(event.scope, 0);
        break;
      case 'token.received':
        // The lifetime counts from the start of the request. The wall clock, because it goes on while a machine sleeps.
        deadlines.set(event.scope, Date.now() - event.durationMs + event.lifetimeMs);
        ended('received', event);
        break;
      case 'token.adopted':
        deadlines.set(event.scope, Date.now() + event.remainingMs);
        adoptions.add(1, { reason: event.reason });
        break;
      case 'store.failed':
        storeFailures.add(1, { operation: event.operation });
        break;
      case 'token.failed':
        ended(event.code, event);
        break;
      case 'request.unauthorized':
        unauthorized.add(1, { verdict: event.verdict, reason: event.reason });
        break;
      case 'request.replayed':
        replays.add(1);
        break;
    }
  };
}
