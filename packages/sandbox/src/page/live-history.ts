import { judgeUnauthorized, VERDICT_HINTS } from '@open-banking-auth/core/client';
import type { SandboxFault } from '../faults/fault.js';
import type { HostResponse } from '../hosts/response.js';
import type { UnauthorizedShape } from '../hosts/unauthorized.js';
import type { SandboxExchange } from '../records/exchange.js';
import { History } from './history.js';
import type { SendRecord } from './page-record.js';
import { SafePaths, safeText } from './safe-text.js';

/** A 401 waits this long for the send that follows it. */
const LONGEST_RENEWAL_MS = 60_000;

/** So that a long-running sandbox stays small. Only the newest 401s are likely to be followed. */
const MAX_UNFOLLOWED = 10_000;

const SIMULATED = 'This was simulated';

type Unfollowed = Pick<SendRecord, 'id' | 'endAt' | 'token'>;

/** What happens in a running sandbox, as records of its page. */
export class LiveHistory {
  readonly history = new History();
  readonly #paths: SafePaths;
  readonly #unfollowed = new Map<string, Unfollowed[]>();
  /** The faults that are active, with the button that has switched each on. */
  readonly #spans = new Map<SandboxFault, { readonly id: number; readonly button: string | undefined }>();
  #shape: { readonly shape: UnauthorizedShape; readonly id: number } | undefined;
  #lastId = 0;

  constructor(secrets: readonly string[]) {
    this.#paths = new SafePaths(secrets);
  }

  tokenIssued(token: string, scope: string, lifetimeMs: number): void {
    const at = Date.now();
    this.history.add({ kind: 'token', at, lane: '', token, scope, until: at + lifetimeMs });
  }

  tokensRejected(how: 'revoked' | 'expired'): void {
    this.history.add({ kind: 'rejection', at: Date.now(), how });
  }

  faultChanged(fault: SandboxFault, on: boolean, button?: string): void {
    const span = this.#spans.get(fault) ?? { id: this.#nextId(), button };
    if (on) this.#spans.set(fault, span);
    else this.#spans.delete(fault);
    this.#switched(span.id, on, nameOf(fault), span.button);
  }

  /** Any shape but the default is shown as a fault is. */
  shapeChanged(shape: UnauthorizedShape): void {
    const before = this.#shape;
    if (before?.shape === shape || (!before && shape === 'tpp')) return;
    if (before) this.#switched(before.id, false, `401 as ${before.shape}`, `shape-${before.shape}`);
    this.#shape = shape === 'tpp' ? undefined : { shape, id: this.#nextId() };
    if (this.#shape) this.#switched(this.#shape.id, true, `401 as ${shape}`, `shape-${shape}`);
  }

  #switched(id: number, on: boolean, name: string, button?: string): void {
    const named = button === undefined ? {} : { button };
    this.history.add({ kind: 'fault', at: Date.now(), id, on, name: safeText(name), ...named });
  }

  exchanged(exchange: SandboxExchange, response: HostResponse | undefined, hasCredentials: boolean): void {
    const { host, method, path, status, durationMs, token, note } = exchange;
    const endAt = Date.now();
    const what = `${method} ${this.#paths.show(path)}`;
    const send: SendRecord = {
      kind: 'send',
      id: this.#nextId(),
      at: endAt - durationMs,
      endAt,
      lane: '',
      host,
      what,
      status,
      ...(token === undefined ? {} : { token }),
      ...(host === 'foreign' && hasCredentials ? { leak: true } : {}),
      ...(note === undefined ? {} : { words: safeText(wordsOf(note, host, response)) }),
    };
    if (host !== 'api') this.history.add(send);
    else this.history.add({ ...send, ...this.#unauthorized(send, response) });
  }

  /** What the library makes of a 401, and the 401 that this send follows. */
  #unauthorized(send: SendRecord, response: HostResponse | undefined): Partial<SendRecord> {
    const follows = this.#followed(send);
    const joined = follows === undefined ? {} : { follows };
    if (send.status !== 401 || !response) return joined;
    if (send.token === undefined) return { ...joined, verdict: 'pass', reason: 'no_token', words: 'It had no token' };
    const judged = judgeUnauthorized(headerOf(response), bodyOf(response));
    const replayed = follows !== undefined && judged.verdict === 'renew';
    const { verdict, reason } = replayed ? ({ verdict: 'pass', reason: 'already_replayed' } as const) : judged;
    if (verdict === 'renew') this.#await(send);
    const simulated = send.words === SIMULATED;
    const cause = judged.code ?? (simulated ? undefined : send.words);
    const words = [cause, VERDICT_HINTS[reason], simulated ? SIMULATED : undefined];
    return { ...joined, verdict, reason, words: words.filter((each) => each !== undefined).join('. ') };
  }

  #await({ what, id, endAt, token }: SendRecord): void {
    const recent = (this.#unfollowed.get(what) ?? []).filter((each) => endAt - each.endAt < LONGEST_RENEWAL_MS);
    if (this.#unfollowed.size > MAX_UNFOLLOWED) this.#unfollowed.clear();
    recent.push({ id, endAt, ...(token === undefined ? {} : { token }) });
    this.#unfollowed.set(what, recent);
  }

  // Nothing in a request says that it is a replay: it is the same request, with another token, after the 401.
  #followed({ what, at, token }: SendRecord): number | undefined {
    const waiting = this.#unfollowed.get(what);
    if (!waiting || token === undefined) return undefined;
    // The start of a request is a duration subtracted from the wall clock, whose milliseconds are whole.
    const index = waiting.findIndex((each) => each.token !== token && each.endAt <= at + 2);
    const [found] = index < 0 ? [] : waiting.splice(index, 1);
    if (waiting.length === 0) this.#unfollowed.delete(what);
    return found?.id;
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}

/** Why a host responded as it did; of a token request that was rejected, the OAuth error comes first. */
function wordsOf(note: string, host: SandboxExchange['host'], response: HostResponse | undefined): string {
  const words = note.replace(/^fault: .*/, SIMULATED);
  const [, error] = (host === 'token' && response && /"error":"(\w+)"/.exec(bodyOf(response) ?? '')) || [];
  if (error === undefined) return words;
  return `${error}${error === 'invalid_client' ? ', the client id or the secret is wrong' : ''}. ${words}`;
}

function headerOf({ headers }: HostResponse): string | undefined {
  const value = headers?.['WWW-Authenticate'];
  return value === undefined ? undefined : [value].flat().join(', ');
}

function bodyOf({ body }: HostResponse): string | undefined {
  return body === undefined ? undefined : Buffer.from(body).toString();
}

function nameOf(fault: SandboxFault): string {
  const host = { token: 'token host', api: 'API', foreign: 'foreign host' }[fault.at];
  switch (fault.kind) {
    case 'status':
      return `${host}: ${fault.status}`;
    case 'unauthorized':
      return `${host}: 401 ${fault.code ?? 'without a reason'}`;
    case 'slow':
      return `${host}: slow, ${fault.delayMs} ms`;
    default:
      return `${host}: ${fault.kind}`;
  }
}
