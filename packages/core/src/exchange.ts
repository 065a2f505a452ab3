import type { HeldToken } from './access-token.js';
import type { Clock } from './clock.js';
import type { Settings } from './config.js';
import { invalidConfig } from './errors.js';
import { originGuard } from './origins.js';
import { UNAUTHORIZED_BODY_WAIT_MS } from './policy.js';
import type { RequestAuthOptions } from './request-options.js';
import { readChallenge, readUnauthorized, VERDICT_HINTS, type Verdict } from './unauthorized.js';

/** What the exchange puts on one send of a request. What is `undefined` is left as the caller has it. */
export interface AddedHeaders {
  /** For `Authorization`. */
  readonly authorization: string | undefined;
  /** For `X-Request-ID`: a fresh UUID for every send. */
  readonly requestId: string | undefined;
}

/**
 * How one HTTP client's requests are read and sent, and its answers read. It decides nothing about tokens. One object
 * serves all requests.
 */
export interface HttpClient<Request, Answer> {
  /** The URL as the client will resolve it. */
  url(request: Request): string;
  /** Whether the caller gave a relative URL, which the client resolved against a configured base. */
  isRelative(request: Request): boolean;
  /** The request's own `openBanking` options. */
  options(request: Request): RequestAuthOptions | false | undefined;
  /** Whether the caller brought credentials of any kind, which then win. */
  hasAuthorization(request: Request): boolean;
  /** Whether the caller gave an `X-Request-ID`. */
  hasRequestId(request: Request): boolean;
  /** Whether the body can be sent a second time: true for none at all. */
  isRepeatable(request: Request): boolean;
  /** Waits for a token as long as this request may wait, and rejects with the client's own errors on abort or timeout. */
  wait<T>(request: Request, task: (signal: AbortSignal | undefined) => Promise<T>): Promise<T>;
  /** Sends the request with these headers added. Called once, or twice if the first answer is a 401. */
  send(request: Request, added: AddedHeaders): Promise<Answer>;
  /** The HTTP status of an answer. */
  status(answer: Answer): number;
  /** The URL that the answer came from, after redirects; `undefined` if the client does not tell. */
  finalUrl(answer: Answer): string | undefined;
  /** The value of `WWW-Authenticate`, several joined by commas. */
  challenge(answer: Answer): string | undefined;
  /** The beginning of the answer's body as text, without taking it away from whoever gets the answer. */
  look(answer: Answer, signal: AbortSignal): Promise<string | undefined>;
  /** Frees the connection of an answer that nobody will get. */
  discard(answer: Answer): void;
}

/**
 * The exchange around one request: may this URL have the token, attach it, and after a 401 that a new token can cure
 * send the request once more.
 */
export interface Exchange {
  /**
   * Sends a request through its client, with the token, and resolves with the last answer.
   *
   * @param resend For clients that send a refused request again by themselves: takes the place of the replay. What it
   * returns is the answer; when the client does send the request again, `replay` is what it calls.
   * @throws OpenBankingAuthError when a token was needed and the token request failed, or an option of the request is wrong.
   */
  run<Request, Answer>(
    client: HttpClient<Request, Answer>,
    request: Request,
    resend?: (refused: Refused<Answer>) => Answer | Promise<Answer>,
  ): Promise<Answer>;
  /**
   * Sends a refused request once more, with another token. Resolves to the first answer if there is none to be had. A
   * request that has become another one meanwhile (elsewhere, for another scope, with credentials) is run as that.
   */
  replay<Request, Answer>(
    client: HttpClient<Request, Answer>,
    request: Request,
    refused: Refused<Answer>,
  ): Promise<Answer>;
  /** Whether a URL may have the token: for clients that follow redirects with the headers they were given. */
  mayHaveToken(url: string): boolean;
}

/** A request that the API refused with a 401 which a new token can cure. */
export interface Refused<Answer> {
  /** The 401. */
  readonly answer: Answer;
  readonly scope: string;
  /** The token it was sent with; prints without its value. */
  readonly held: HeldToken;
}

/** A token source as the exchange uses it: with the tokens' deadlines and fingerprints, by whole scope. */
export interface TokenKeeper {
  /** The token held, if it may be sent now. Starts a background refresh if one is due. */
  use(scope: string): HeldToken | undefined;
  obtain(scope: string, signal: AbortSignal | undefined): Promise<HeldToken>;
  renew(scope: string, rejected: string, signal: AbortSignal | undefined): Promise<HeldToken | undefined>;
  /** Whether the API's refusal of this token may lead to a renewal. */
  mayRenew(scope: string, refused: HeldToken): boolean;
  /** Told what became of a token that was sent. */
  accepted(scope: string, token: HeldToken): void;
  renewalHelped(scope: string): void;
  renewalDidNotHelp(scope: string, token: HeldToken): void;
}

const NOTHING: AddedHeaders = Object.freeze({ authorization: undefined, requestId: undefined });

export function createExchange(
  settings: Settings,
  keeper: TokenKeeper,
  readScope: (options: RequestAuthOptions | undefined) => string,
  clock: Clock,
): Exchange {
  const { emit } = settings;
  const guard = originGuard(settings);

  function headersFor<Request>(
    client: HttpClient<Request, unknown>,
    request: Request,
    held: HeldToken | undefined,
  ): AddedHeaders {
    return {
      authorization: held?.token.authorization,
      requestId: settings.requestId && !client.hasRequestId(request) ? crypto.randomUUID() : undefined,
    };
  }

  /** The whole scope of the token that a request is to have, or what is put on it without one. */
  function scopeOf<Request>(client: HttpClient<Request, unknown>, request: Request): string | AddedHeaders {
    const options = client.options(request);
    const place = guard.place(client.url(request));
    if (place !== 'api') {
      if (place.origin !== undefined && options !== false) {
        if (client.isRelative(request)) throw misplaced(place.origin);
        emit({ type: 'origin.skipped', origin: place.origin });
      }
      return NOTHING;
    }
    if (options === false || client.hasAuthorization(request)) return headersFor(client, request, undefined);
    return readScope(options);
  }

  async function run<Request, Answer>(
    client: HttpClient<Request, Answer>,
    request: Request,
    resend?: (refused: Refused<Answer>) => Answer | Promise<Answer>,
  ): Promise<Answer> {
    const scope = scopeOf(client, request);
    if (typeof scope !== 'string') return client.send(request, scope);
    const held = keeper.use(scope) ?? (await client.wait(request, (signal) => keeper.obtain(scope, signal)));
    const added = headersFor(client, request, held);
    const answer = await client.send(request, added);
    const status = client.status(answer);
    if (status === 401) {
      const refused = { answer, scope, held };
      if (!(await mayReplay(client, request, refused, added))) return answer;
      return resend ? resend(refused) : replay(client, request, refused);
    }
    if (judgesToken(status)) keeper.accepted(scope, held);
    return answer;
  }

  /** Whether a 401 calls for another token and another send. */
  async function mayReplay<Request, Answer>(
    client: HttpClient<Request, Answer>,
    request: Request,
    { answer, scope, held }: Refused<Answer>,
    added: AddedHeaders,
  ): Promise<boolean> {
    let judged = await judge(client, answer);
    if (judged.verdict === 'renew' && !keeper.mayRenew(scope, held)) {
      judged = { verdict: 'pass', reason: 'renewal_paused' };
    }
    if (judged.verdict === 'renew' && !client.isRepeatable(request)) {
      judged = { verdict: 'pass', reason: 'body_not_repeatable' };
      // Not for this request, but the next one need not run into the same 401. A failure is an event of its own.
      keeper.renew(scope, held.token.value, undefined).catch(() => {});
    }
    report(scope, held, added, judged);
    return judged.verdict === 'renew';
  }

  async function replay<Request, Answer>(
    client: HttpClient<Request, Answer>,
    request: Request,
    { answer, scope, held }: Refused<Answer>,
  ): Promise<Answer> {
    let fresh: HeldToken | undefined;
    try {
      const now = scopeOf(client, request);
      if (now !== scope) {
        client.discard(answer);
        return typeof now === 'string' ? run(client, request) : client.send(request, now);
      }
      fresh = await client.wait(request, (signal) =>
        keeper.renew(scope, held.token.value, signal).catch((error: unknown) => {
          if (signal?.aborted) throw error;
          // The token request failed, which an event tells. The caller asked the API, and gets what it answered.
          return undefined;
        }),
      );
    } catch (error) {
      client.discard(answer);
      throw error;
    }
    if (!fresh) return answer;

    client.discard(answer);
    const again = headersFor(client, request, fresh);
    emit({ type: 'request.replayed', scope, token: fresh.fingerprint, ...requestIdOf(again) });
    const second = await client.send(request, again);
    const status = client.status(second);
    if (status !== 401) {
      if (judgesToken(status)) keeper.renewalHelped(scope);
      return second;
    }
    // Refused for another cause, which the token's renewal has brought to light: then it did help.
    if ((await judge(client, second)).verdict === 'pass') keeper.renewalHelped(scope);
    else keeper.renewalDidNotHelp(scope, fresh);
    report(scope, fresh, again, { verdict: 'pass', reason: 'already_replayed' });
    return second;
  }

  async function judge<Answer>(client: HttpClient<never, Answer>, answer: Answer): Promise<Verdict> {
    const finalUrl = client.finalUrl(answer);
    if (finalUrl !== undefined && guard.place(finalUrl) !== 'api') return { verdict: 'pass', reason: 'other_origin' };
    const challenge = client.challenge(answer);
    const early = readChallenge(challenge);
    if (early) return early;
    const patience = new AbortController();
    const cancel = clock.after(UNAUTHORIZED_BODY_WAIT_MS, () => patience.abort());
    try {
      // A body that breaks off says nothing; whoever reads it afterwards meets the error.
      return readUnauthorized(challenge, await client.look(answer, patience.signal).catch(() => undefined));
    } finally {
      cancel();
    }
  }

  function report(scope: string, held: HeldToken, added: AddedHeaders, verdict: Verdict): void {
    const hint = VERDICT_HINTS[verdict.reason];
    const token = held.fingerprint;
    emit({ type: 'request.unauthorized', scope, token, ...verdict, hint, ...requestIdOf(added) });
  }

  return Object.freeze({ run, replay, mayHaveToken: (url: string) => guard.place(url) === 'api' });
}

/** A server that is out of order has not looked at the token. */
function judgesToken(status: number): boolean {
  return status < 500;
}

function requestIdOf({ requestId }: AddedHeaders): { requestId?: string } {
  return requestId === undefined ? {} : { requestId };
}

function misplaced(origin: string) {
  return invalidConfig(
    `"apiOrigins" does not contain ${JSON.stringify(origin)}, the base of a request with a relative URL`,
    'Add it if the token may go there; if not, give that client no token, or send the request with { openBanking: false }',
  );
}

const exchangeKey = Symbol.for('@open-banking-auth/core:exchange');

/** Ties an exchange to its source. By a registered symbol, since the source may come from another copy of this package. */
export function attachExchange(source: object, exchange: Exchange): void {
  Object.defineProperty(source, exchangeKey, { value: exchange });
}

export function attachedExchange(source: object): Exchange | undefined {
  return exchangeKey in source ? (source[exchangeKey] as Exchange) : undefined;
}
