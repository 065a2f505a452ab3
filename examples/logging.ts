import type { AuthEvent } from '@open-banking-auth/core';
import type { Level, Logger } from 'pino';

/** Log lines from a token source, through pino: `onEvent: loggedEvents(logger)`. */
export function loggedEvents(logger: Logger): (event: AuthEvent) => void {
  return (event) => {
    const [level, message] = lineFor(event);
    // The whole event, since no event contains a token or the secret; under a single key, because `type`, `status` or
    // `message` may already mean something else in your logs.
    logger[level]({ openBankingAuth: event }, message);
  };
}

// No default case: if an event is added, the compiler asks for its line.
function lineFor(event: AuthEvent): readonly [Level, string] {
  switch (event.type) {
    case 'token.requested':
      return ['debug', 'Requesting an access token'];
    case 'token.received':
      // Once an hour; this is the line to look for when somebody asks which token was in use.
      return ['info', 'Received an access token'];
    case 'token.adopted':
      return ['info', "Took another process's access token from the store"];
    case 'token.failed':
      // In a background renewal callers do not wait, and the current token still works. Otherwise a caller may see this error.
      return [event.reason === 'ahead' ? 'warn' : 'error', `No access token was received: ${event.message}`];
    case 'token.renewal_paused':
      return ['warn', 'The API rejected a new token as well, so none will be requested after a 401 for a while'];
    case 'request.unauthorized':
      // A 401 that is passed on is for the caller to fix. One that leads to a new token usually fixes itself.
      return [event.verdict === 'pass' ? 'warn' : 'info', `The API responded with 401. ${event.hint}`];
    case 'request.replayed':
      return ['debug', 'Sent the request again with another access token'];
    case 'store.failed':
      // Requests still work, but each process now requests its own token.
      return ['warn', `The token store failed (${event.operation}: ${event.error})`];
    case 'origin.skipped':
      // Normal where one client calls many hosts, and then as frequent as its requests.
      return ['debug', 'A request was sent without an access token: its origin is not one of "apiOrigins"'];
    case 'scope.unrecognised':
      return ['warn', `The scope contains a word that the platform's documentation does not list: ${event.word}`];
  }
}
