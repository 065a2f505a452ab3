import type { AuthEvent, TokenRequestReason } from '@open-banking-auth/core';
import { happening, type Style } from './screen.ts';

const REASONS: Readonly<Record<TokenRequestReason, string>> = {
  missing: 'none is held',
  expiring: 'the one held is about to run out',
  ahead: 'the one held runs out soon, and is renewed in the background',
  rejected: 'the API refused the one held',
};

const VERDICTS = {
  renew: 'renew, and send it again with another token',
  pass: 'pass, the caller gets this answer',
};

/** Tells in plain words what the token source reports. Of many requests with the same fate, the first is told. */
export class Narrator {
  #startedAt = performance.now();
  #events: AuthEvent[] = [];

  /** What the source has reported since the scene began. */
  get events(): readonly AuthEvent[] {
    return this.#events;
  }

  begin(): void {
    this.#startedAt = performance.now();
    this.#events = [];
  }

  /** The number of those that were not told one by one. */
  end(): void {
    const refused = this.count('request.unauthorized');
    if (refused > 1) {
      this.say('401', `${refused} in all were refused, ${this.count('request.replayed')} of them sent again`, 'yellow');
    }
  }

  count(type: AuthEvent['type']): number {
    return this.#events.filter((event) => event.type === type).length;
  }

  say(who: string, what: string, style: Style = 'cyan'): void {
    happening(performance.now() - this.#startedAt, who, what, style);
  }

  readonly onEvent = (event: AuthEvent): void => {
    const told = this.#events.some((earlier) => fate(earlier) === fate(event));
    this.#events.push(event);
    switch (event.type) {
      case 'token.requested':
        this.say('token', `asked for, since ${REASONS[event.reason]}`, 'magenta');
        break;
      case 'token.received':
        this.say(
          'token',
          `received, good for ${Math.round(event.lifetimeMs / 60_000)} minutes: ${event.token}`,
          'magenta',
        );
        break;
      case 'token.failed':
        this.say('token', `not received: ${event.code}`, 'red');
        break;
      case 'request.unauthorized':
        if (told) break;
        this.say('401', `refused a request with token ${event.token}. ${event.hint}`, 'yellow');
        this.say('401', `verdict: ${VERDICTS[event.verdict]} (${event.reason})`, 'yellow');
        break;
      case 'request.replayed':
        if (!told) this.say('again', `the request is sent once more, with token ${event.token}`, 'yellow');
        break;
    }
  };
}

function fate(event: AuthEvent): string {
  return event.type === 'request.unauthorized' ? `${event.type} ${event.reason}` : event.type;
}
