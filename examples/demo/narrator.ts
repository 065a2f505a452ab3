import type { AuthEvent, TokenRequestReason } from '@open-banking-auth/core';
import { happening, type Style } from './screen.ts';

const REASONS: Readonly<Record<TokenRequestReason, string>> = {
  missing: 'there is none',
  expiring: 'the current one is about to expire',
  ahead: 'the current one expires soon; renewing it in the background',
  rejected: 'the API rejected the current one',
};

const VERDICTS = {
  renew: 'renew, and send the request again with another token',
  pass: 'pass, the caller gets this response',
};

/** Describes the token source's events in plain words. Of several requests with the same outcome, only the first is described. */
export class Narrator {
  readonly #print: (line: string) => void;
  #startedAt = performance.now();
  #events: AuthEvent[] = [];

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** The source's events since the scene began. */
  get events(): readonly AuthEvent[] {
    return this.#events;
  }

  begin(): void {
    this.#startedAt = performance.now();
    this.#events = [];
  }

  /** Summarises the events that were not described one by one. */
  end(): void {
    const unauthorized = this.count('request.unauthorized');
    if (unauthorized > 1) {
      this.say(
        '401',
        `${unauthorized} in total got a 401, ${this.count('request.replayed')} of them were sent again`,
        'yellow',
      );
    }
  }

  count(type: AuthEvent['type']): number {
    return this.#events.filter((event) => event.type === type).length;
  }

  say(who: string, what: string, style: Style = 'cyan'): void {
    for (const line of happening(performance.now() - this.#startedAt, who, what, style)) this.#print(line);
  }

  readonly onEvent = (event: AuthEvent): void => {
    const described = this.#events.some((earlier) => outcome(earlier) === outcome(event));
    this.#events.push(event);
    switch (event.type) {
      case 'token.requested':
        this.say('token', `requested: ${REASONS[event.reason]}`, 'magenta');
        break;
      case 'token.received':
        this.say(
          'token',
          `received, valid for ${Math.round(event.lifetimeMs / 60_000)} minutes: ${event.token}`,
          'magenta',
        );
        break;
      case 'token.failed':
        this.say('token', `not received: ${event.code}`, 'red');
        break;
      case 'request.unauthorized':
        if (described) break;
        this.say('401', `for a request with token ${event.token}. ${event.hint}`, 'yellow');
        this.say('401', `verdict: ${VERDICTS[event.verdict]} (${event.reason})`, 'yellow');
        break;
      case 'request.replayed':
        if (!described) this.say('again', `the request is sent once more, with token ${event.token}`, 'yellow');
        break;
    }
  };
}

function outcome(event: AuthEvent): string {
  return event.type === 'request.unauthorized' ? `${event.type} ${event.reason}` : event.type;
}
