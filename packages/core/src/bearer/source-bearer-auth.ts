import type { HeldToken } from '../access-token.js';
import type { Clock } from '../clock.js';
import type { RequestAuthOptions } from '../config/request-options.js';
import type { Settings } from '../config/settings.js';
import type { Verdict } from '../events.js';
import { RENEWAL_COOLDOWN_MS, UNAUTHORIZED_BODY_WAIT_MS } from '../policy.js';
import type { ScopedToken } from '../token/scoped-token.js';
import type { BearerAuth, Unauthorized } from './bearer-auth.js';
import type { AddedHeaders, ClientAdapter } from './client-adapter.js';
import { OriginGuard, originNotAllowed } from './origins.js';
import { nextRequestNumber } from './request-number.js';
import { acceptsToken, judgeChallenge, judgesToken, judgeUnauthorized, VERDICT_HINTS } from './verdict.js';

const NO_HEADERS: AddedHeaders = Object.freeze({ authorization: undefined, requestId: undefined });

/** The parts of a token source that its requests need. */
export interface TokenAccess {
  readonly settings: Settings;
  readonly clock: Clock;
  /** Looked up anew at each step: after `clear()` a scope has another one. */
  readonly tokenFor: (scope: string) => ScopedToken;
  readonly resolveScope: (options: RequestAuthOptions | undefined) => string;
}

/** Bearer authentication with the tokens of one source. */
export class SourceBearerAuth implements BearerAuth {
  readonly #tokens: TokenAccess;
  readonly #guard: OriginGuard;

  constructor(tokens: TokenAccess) {
    this.#tokens = tokens;
    this.#guard = new OriginGuard(tokens.settings);
    Object.freeze(this);
  }

  mayHaveToken(url: string): boolean {
    return this.#guard.destination(url) === 'api';
  }

  fence(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    return this.#guard.fence(fetch);
  }

  async run<Request, Response>(
    client: ClientAdapter<Request, Response>,
    request: Request,
    resend?: (unauthorized: Unauthorized<Response>) => Response | Promise<Response>,
  ): Promise<Response> {
    const url = client.url(request);
    const scope = this.#scopeOf(client, request, url);
    if (typeof scope !== 'string') return client.send(request, scope);
    const { tokenFor } = this.#tokens;
    // A closure in this function would cost each request a context, though few have to wait.
    const held = tokenFor(scope).current() ?? (await this.#wait(client, request, scope));
    const added = this.#headersFor(client, request, held);
    const response = await client.send(request, added);
    const status = client.status(response);
    if (status === 401) {
      const requestsBefore = tokenFor(scope).requests;
      const unauthorized = { response, scope, held, requestsBefore, request: nextRequestNumber() };
      const verdict = await this.#judge(client, response, tokenFor(scope).isReplaced(held));
      if (acceptsToken(verdict)) tokenFor(scope).evidence.accepted(held, url, false);
      if (!(await this.#mayReplay(client, request, unauthorized, { added, verdict, resent: false }))) return response;
      return resend ? resend(unauthorized) : this.replay(client, request, unauthorized);
    }
    if (judgesToken(status)) {
      this.#tokens.settings.countAccepted();
      tokenFor(scope).evidence.accepted(held, url, false);
    }
    return response;
  }

  #wait<Request>(client: ClientAdapter<Request, unknown>, request: Request, scope: string): Promise<HeldToken> {
    return client.wait(request, (signal) => this.#tokens.tokenFor(scope).get(signal));
  }

  replay<Request, Response>(
    client: ClientAdapter<Request, Response>,
    request: Request,
    unauthorized: Unauthorized<Response>,
  ): Promise<Response> {
    return this.#replay(client, request, unauthorized, false);
  }

  async #replay<Request, Response>(
    client: ClientAdapter<Request, Response>,
    request: Request,
    { response, scope, held, requestsBefore, request: number }: Unauthorized<Response>,
    resent: boolean,
  ): Promise<Response> {
    const { settings, tokenFor, clock } = this.#tokens;
    const url = client.url(request);
    let next: HeldToken | undefined;
    try {
      const scopeNow = this.#scopeOf(client, request, url);
      if (scopeNow !== scope) {
        client.discard(response);
        return typeof scopeNow === 'string' ? this.run(client, request) : client.send(request, scopeNow);
      }
      next = await client.wait(request, (signal) => this.#renewed(scope, held, signal));
    } catch (error) {
      client.discard(response);
      throw error;
    }
    if (!next) return response;

    client.discard(response);
    const added = this.#headersFor(client, request, next);
    const about = { scope, token: next.fingerprint, request: number, ...requestIdOf(added) };
    let second: Response;
    try {
      second = await client.send(request, added);
    } catch (error) {
      settings.emit({ type: 'request.replayed', ...about });
      throw error;
    }
    const status = client.status(second);
    settings.emit({ type: 'request.replayed', ...about, status });
    if (status !== 401) {
      if (judgesToken(status)) tokenFor(scope).evidence.accepted(next, url, true);
      return second;
    }
    const verdict = await this.#judge(client, second, tokenFor(scope).isReplaced(next));
    // Unless the process was frozen between its arrival and its use.
    const isYoung = clock.monotonic() - next.fetchedAt < RENEWAL_COOLDOWN_MS;
    const isNew = isYoung && !next.adopted && next.requestNumber > requestsBefore;
    if (verdict.verdict === 'renew' && !resent && (!isNew || tokenFor(scope).isReplaced(next))) {
      // It had been fetched before the first 401, or others have found it dead already. The next one may still help.
      const again = { response: second, scope, held: next, requestsBefore, request: number };
      if (await this.#mayReplay(client, request, again, { added, verdict, resent: true })) {
        return this.#replay(client, request, again, true);
      }
    } else {
      this.#report({ scope, held: next, request: number }, added, { verdict: 'pass', reason: 'already_replayed' });
    }
    if (acceptsToken(verdict)) tokenFor(scope).evidence.accepted(next, url, true);
    else tokenFor(scope).evidence.exhausted(next, url);
    return second;
  }

  async #renewed(scope: string, held: HeldToken, signal: AbortSignal | undefined): Promise<HeldToken | undefined> {
    try {
      return await this.#tokens.tokenFor(scope).renew(held.token.value, signal);
    } catch (error) {
      if (signal?.aborted) throw error;
      // The failed token request has an event of its own. The caller asked the API, and gets the API's response.
      return undefined;
    }
  }

  #headersFor<Request>(
    client: ClientAdapter<Request, unknown>,
    request: Request,
    held: HeldToken | undefined,
  ): AddedHeaders {
    return {
      authorization: held?.token.authorization,
      requestId: this.#tokens.settings.requestId && !client.hasRequestId(request) ? crypto.randomUUID() : undefined,
    };
  }

  /** The whole scope of the token that a request needs, or the headers that it gets without one. */
  #scopeOf<Request>(client: ClientAdapter<Request, unknown>, request: Request, url: string): string | AddedHeaders {
    const { settings, resolveScope } = this.#tokens;
    const options = client.options(request);
    const destination = this.#guard.destination(url);
    if (destination !== 'api') {
      if (destination.origin !== undefined && options !== false) {
        // Credentials may come from another source, which serves that origin.
        if (client.isRelative(request) && !client.hasAuthorization(request)) throw originNotAllowed(destination.origin);
        settings.emit({ type: 'origin.skipped', origin: destination.origin });
      }
      return NO_HEADERS;
    }
    if (options === false || client.hasAuthorization(request)) return this.#headersFor(client, request, undefined);
    return resolveScope(options);
  }

  /** Whether a 401 calls for another token and another send. */
  async #mayReplay<Request, Response>(
    client: ClientAdapter<Request, Response>,
    request: Request,
    { response, scope, held, request: number }: Unauthorized<Response>,
    { added, verdict: judged, resent }: { added: AddedHeaders; verdict: Verdict; resent: boolean },
  ): Promise<boolean> {
    let verdict = judged;
    if (verdict.verdict === 'renew' && !this.#tokens.tokenFor(scope).isReplaced(held)) {
      const mayRenew = await this.#mayRenew(client, request, { response, scope, held }, resent);
      if (!mayRenew) verdict = { verdict: 'pass', reason: 'renewal_paused' };
    }
    if (verdict.verdict === 'renew' && !client.isRepeatable(request)) {
      verdict = { verdict: 'pass', reason: 'body_not_repeatable' };
      // Too late for this request, but the next one need not run into the same 401. A failure is an event of its own.
      const next = this.#tokens.tokenFor(scope).renew(held.token.value, undefined);
      next.catch(() => {});
    }
    this.#report({ scope, held, request: number }, added, verdict);
    return verdict.verdict === 'renew';
  }

  async #mayRenew<Request, Response>(
    client: ClientAdapter<Request, Response>,
    request: Request,
    { response, scope, held }: Pick<Unauthorized<Response>, 'response' | 'scope' | 'held'>,
    resent: boolean,
  ): Promise<boolean> {
    const token = this.#tokens.tokenFor(scope);
    try {
      return await client.wait(request, (signal) => token.mayRenew(held, client.url(request), resent, signal));
    } catch (error) {
      client.discard(response);
      throw error;
    }
  }

  async #judge<Response>(
    client: ClientAdapter<never, Response>,
    response: Response,
    isReplaced: boolean,
  ): Promise<Verdict> {
    const finalUrl = client.finalUrl(response);
    if (finalUrl !== undefined && !this.mayHaveToken(finalUrl)) return { verdict: 'pass', reason: 'other_origin' };
    const challenge = client.challenge(response);
    const early = judgeChallenge(challenge, isReplaced);
    if (early) return early;
    const patience = new AbortController();
    const cancel = this.#tokens.clock.after(UNAUTHORIZED_BODY_WAIT_MS, () => patience.abort());
    try {
      // A body that breaks off says nothing; the caller meets the error when reading it.
      const body = await client.peekBody(response, patience.signal).catch(() => undefined);
      return judgeUnauthorized(challenge, body);
    } finally {
      cancel();
    }
  }

  #report(
    { scope, held, request }: Pick<Unauthorized<unknown>, 'scope' | 'held' | 'request'>,
    added: AddedHeaders,
    verdict: Verdict,
  ): void {
    const about = { scope, token: held.fingerprint, request, ...requestIdOf(added) };
    const hint = VERDICT_HINTS[verdict.reason];
    this.#tokens.settings.emit({ type: 'request.unauthorized', ...about, ...verdict, hint });
  }
}

function requestIdOf({ requestId }: AddedHeaders): { requestId?: string } {
  return requestId === undefined ? {} : { requestId };
}
