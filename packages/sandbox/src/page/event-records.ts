import type { AuthEvent } from '@open-banking-auth/core';
import type { PageRecord, SendRecord } from './page-record.js';
import { safeText } from './safe-text.js';

/** A line that was not understood: cut off, or of something else than this library. */
export type PassedOver = 'torn' | 'foreignLines';

type Fields = Readonly<Record<string, unknown>>;

interface Line {
  readonly event: Fields;
  readonly at: number;
  readonly lane: string;
}

const TYPES: Readonly<Record<AuthEvent['type'], true>> = {
  'token.requested': true,
  'token.received': true,
  'token.adopted': true,
  'token.failed': true,
  'token.renewal_paused': true,
  'request.unauthorized': true,
  'request.replayed': true,
  'store.failed': true,
  'origin.skipped': true,
  'scope.unrecognised': true,
};

/** The library's events, one JSON object a line, as records of the page. */
export class EventRecords {
  /** The latest 401 of each request, by process and number. */
  readonly #unauthorized = new Map<string, SendRecord>();
  readonly #previousAt = new Map<string, number>();
  #lastId = 0;

  /** The records of one line. */
  read(text: string): readonly PageRecord[] | PassedOver {
    const line = parse(text);
    if (typeof line === 'string') return line;
    const { event, at, lane } = line;
    const from = this.#previousAt.get(lane) ?? at;
    this.#previousAt.set(lane, at);
    const count = number(event.accepted) ?? 0;
    const accepted = count > 0 ? [{ kind: 'accepted', at, from, lane, count } as const] : [];
    return [...accepted, ...this.#recordsOf(line)];
  }

  #recordsOf({ event, at, lane }: Line): readonly PageRecord[] {
    const remark = (words: string): readonly PageRecord[] => [{ kind: 'remark', at, lane, words: safeText(words) }];
    switch (event.type as AuthEvent['type']) {
      case 'token.requested':
        return [];
      case 'token.received':
        return this.#received(event, at, lane);
      case 'token.adopted': {
        const until = at + (number(event.remainingMs) ?? 0);
        return [{ kind: 'token', at, lane, token: text(event.token), scope: text(event.scope), until, adopted: true }];
      }
      case 'token.failed': {
        const words = text(event.message).replace(/\.$/, '');
        if (event.shared === true) return remark(`A failure of another process, found in the store: ${words}.`);
        const startedAt = at - (number(event.durationMs) ?? 0);
        const send = this.#send('token', startedAt, at, lane, number(event.status) ?? 0);
        return [{ ...send, words }];
      }
      case 'request.unauthorized':
        return this.#unauthorizedRecords(event, at, lane);
      case 'request.replayed':
        return this.#replayed(event, at, lane);
      case 'token.renewal_paused': {
        const seconds = Math.round((number(event.pauseMs) ?? 0) / 1_000);
        return remark(`A new token got a 401 too: 401s are passed on for ${seconds} s, or until it is accepted.`);
      }
      case 'store.failed':
        return remark(`The store failed (${text(event.operation)}: ${text(event.error)}). This process goes on alone.`);
      case 'origin.skipped':
        return remark(`Sent without a token, because ${text(event.origin)} is not among "apiOrigins".`);
      case 'scope.unrecognised':
        return remark(`The scope contains a word that the platform's documents do not list: ${text(event.word)}.`);
    }
  }

  #received(event: Fields, at: number, lane: string): readonly PageRecord[] {
    const token = text(event.token);
    const startedAt = at - (number(event.durationMs) ?? 0);
    const until = startedAt + (number(event.lifetimeMs) ?? 0);
    return [
      { ...this.#send('token', startedAt, at, lane, 200), token },
      { kind: 'token', at, lane, token, scope: text(event.scope), until },
    ];
  }

  #unauthorizedRecords(event: Fields, at: number, lane: string): readonly PageRecord[] {
    const key = `${lane} ${number(event.request)}`;
    const { follows } = this.#unauthorized.get(key) ?? {};
    const code = text(event.code);
    const send: SendRecord = {
      ...this.#send('api', at, at, lane, 401),
      token: text(event.token),
      verdict: event.verdict === 'renew' ? 'renew' : 'pass',
      reason: text(event.reason),
      words: (code === '' ? '' : `${code}. `) + text(event.hint),
      ...(follows === undefined ? {} : { follows }),
    };
    if (this.#unauthorized.size > 10_000) this.#unauthorized.clear();
    if (send.verdict === 'renew') this.#unauthorized.set(key, send);
    return [send];
  }

  #replayed(event: Fields, at: number, lane: string): readonly PageRecord[] {
    const key = `${lane} ${number(event.request)}`;
    const first = this.#unauthorized.get(key);
    const status = number(event.status) ?? 0;
    if (status === 401) {
      // It has an event of its own, which comes next.
      if (first) this.#unauthorized.set(key, { ...first, follows: first.id });
      return [];
    }
    this.#unauthorized.delete(key);
    const follows = first === undefined ? {} : { follows: first.id };
    const send = { ...this.#send('api', at, at, lane, status), token: text(event.token), ...follows };
    if (first?.token === undefined) return [send];
    return [{ kind: 'rejection', at: first.at, token: first.token, how: 'replaced after a 401' }, send];
  }

  #send(host: 'token' | 'api', at: number, endAt: number, lane: string, status: number): SendRecord {
    this.#lastId += 1;
    return { kind: 'send', id: this.#lastId, at, endAt, lane, host, what: '', status };
  }
}

function parse(line: string): Line | PassedOver {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return /^\s*\{/.test(line) ? 'torn' : 'foreignLines';
  }
  const outer = fields(value);
  // A logger keeps the event under a key of its own: see examples/logging.ts.
  const inner = fields(outer?.openBankingAuth);
  const event = inner ?? outer;
  if (!outer || !event || typeof event.type !== 'string' || !Object.hasOwn(TYPES, event.type)) return 'foreignLines';
  const at = time(event.at) ?? time(outer.time);
  return at === undefined ? 'foreignLines' : { event, at, lane: laneOf(outer) };
}

/** The process that has written a line: as the recipe names it, or as pino does. */
function laneOf({ process, hostname, pid }: Fields): string {
  const names = process === undefined ? [hostname, pid] : [process];
  return safeText(names.filter((name) => typeof name === 'string' || typeof name === 'number').join(' '));
}

function time(value: unknown): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : value;
  return number(at);
}

const fields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const text = (value: unknown): string => (typeof value === 'string' ? safeText(value) : '');
