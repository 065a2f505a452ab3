import type { AuthEvent } from '@open-banking-auth/core';
import type { Level, Logger } from 'pino';

/** Log lines from a token source, through pino: `onEvent: loggedEvents(logger)`. */
export function loggedEvents(logger: Logger): (event: AuthEvent) => void {
  return (event) => {
    const [level, message] = lineFor(event);
    // The whole event, since none holds a token or the secret; under one key, since `type`, `status` or `message` may
    // have a meaning of their own in your logs.
    logger[level]({ openBankingAuth: event }, message);
  };
}

// No default: should an event be added, the compiler asks for its line.
function lineFor(event: AuthEvent): readonly [Level, string] {
  switch (event.type) {
    case 'token.requested':
      return ['debug', 'An access token is requested'];
    case 'token.received':
      // Once an hour, and the line to look for when somebody asks which token was in use.
      return ['info', 'An access token was received'];
    case 'token.adopted':
      return ['info', 'The access token of another process was taken from the store'];
    case 'token.failed':
      // Ahead of time nobody waits, and the token held still serves. Otherwise a caller may have got this error.
      return [event.reason === 'ahead' ? 'warn' : 'error', `No access token was received: ${event.message}`];
    case 'token.renewal_paused':
      return ['warn', 'The API refused a new token as well, so for a while none is requested after a 401'];
    case 'request.unauthorized':
      // A 401 that is passed on is the caller's to mend. One that leads to a new token mostly mends itself.
      return [event.verdict === 'pass' ? 'warn' : 'info', `The API answered 401. ${event.hint}`];
    case 'request.replayed':
      return ['debug', 'The request is sent again with another access token'];
    case 'store.failed':
      // Requests go on, but each process now requests a token of its own.
      return ['warn', `The token store failed (${event.operation}: ${event.error})`];
    case 'origin.skipped':
      // Ordinary where one client calls many hosts, and then as frequent as its requests.
      return ['debug', 'A request went out without an access token: its origin is not among "apiOrigins"'];
    case 'scope.unrecognised':
      return ['warn', `The scope has a word that the platform's documents do not list: ${event.word}`];
  }
}
