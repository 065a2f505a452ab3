import type { AuthEvent } from '@open-banking-auth/core';
import type { Meter } from '@opentelemetry/api';

/**
 * OpenTelemetry metrics from a token source: `onEvent: meteredEvents(meter)`. Call it once per source, with a separate
 * meter for each if two sources have the same scope.
 */
export function meteredEvents(meter: Meter): (event: AuthEvent) => void {
  // Every combination of attributes is a time series. There are few reasons, verdicts, error codes and scopes in an
  // application, but many token fingerprints and request ids: those belong in the logs.
  const tokenRequests = meter.createCounter('open_banking_auth.token.requests', {
    description: 'Completed token requests, by reason and outcome',
    unit: '{request}',
  });
  const tokenRequestDuration = meter.createHistogram('open_banking_auth.token.request.duration', {
    description: 'Duration of token requests, from the first attempt to the end of the last',
    unit: 's',
    // The default buckets are meant for milliseconds. A token request is abandoned after 15 s.
    advice: { explicitBucketBoundaries: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15] },
  });
  const unauthorized = meter.createCounter('open_banking_auth.api.unauthorized', {
    description: 'Responses with status 401, by verdict',
    unit: '{response}',
  });
  const replays = meter.createCounter('open_banking_auth.api.replays', {
    description: 'Requests sent again with a different token',
    unit: '{request}',
  });

  const adoptions = meter.createCounter('open_banking_auth.token.adoptions', {
    description: "Other processes' tokens taken from the store, by reason",
    unit: '{token}',
  });
  const storeFailures = meter.createCounter('open_banking_auth.store.failures', {
    description: 'Outages of the token store, by the first operation that failed',
    unit: '{outage}',
  });

  // Stores the deadline, not the lifetime: the remainder is computed at each collection. A process that makes no requests
  // lets its token expire, so a 0 on its own is not a reason for an alarm.
  const deadlines = new Map<string, number>();
  meter
    .createObservableGauge('open_banking_auth.token.remaining_lifetime', {
      description: 'Remaining lifetime of the latest token; 0 once it has expired or got a 401',
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
        // The API rejected the current token, so it is dropped. If this request fails, there is no token.
        if (event.reason === 'rejected' && deadlines.has(event.scope)) deadlines.set(event.scope, 0);
        break;
      case 'token.received':
        // The lifetime counts from the start of the request, on the wall clock, because that continues while a machine sleeps.
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
