import { HOUR, SECOND } from '@open-banking-auth/test-kit/fake-clock';
import {
  deferred,
  granted,
  grantedWith,
  json,
  settle,
  sourceOver,
  until,
} from '@open-banking-auth/test-kit/token-endpoint';
import { hashImmediately } from './immediate-hashing.js';

hashImmediately();

describe('keeping a token', () => {
  test('nothing is requested before the first token is asked for', () => {
    const { tokens, calls } = sourceOver(granted);
    expect(tokens.peek()).toBeUndefined();
    expect(calls).toHaveLength(0);
  });

  test('a token is kept until 30 s before its hour is over', async () => {
    const { tokens, clock, calls } = sourceOver(granted);
    expect((await tokens.get()).value).toBe('token-1');
    clock.advance(HOUR - 30 * SECOND - 1);
    expect((await tokens.get()).value).toBe('token-1');
    expect(tokens.peek()?.value).toBe('token-1');
    clock.advance(1);
    expect(tokens.peek()).toBeUndefined();
    expect((await tokens.get()).value).toBe('token-2');
    expect(calls).toHaveLength(2);
  });

  test.each([
    [1, 950],
    [60, 57 * SECOND],
    [600, 570 * SECOND],
    [86_400, 86_370 * SECOND],
  ])('of a lifetime of %i s at most 5 %% and at most 30 s are left unused', async (lifetime, usableMs) => {
    const { tokens, clock } = sourceOver((n) => grantedWith(n, { expires_in: lifetime }));
    await tokens.get();
    clock.advance(usableMs - 1);
    expect(tokens.peek()?.value).toBe('token-1');
    clock.advance(1);
    expect(tokens.peek()).toBeUndefined();
  });

  test('the deadline counts from the start of the request, not from its response', async () => {
    const { tokens, clock } = sourceOver((n) => {
      clock.advance(4 * SECOND);
      return granted(n);
    });
    const started = clock.wall();
    const { expiresAt } = await tokens.get();
    expect(expiresAt.getTime()).toBe(started + HOUR);
  });

  test.each([
    ['as a numeric string', { expires_in: '3600' }, HOUR],
    ['missing, which means an hour', { expires_in: undefined }, HOUR],
    ['absurdly long, of which a day is believed', { expires_in: 1e20 }, 24 * HOUR],
  ])('expires_in %s', async (_, over, lifetimeMs) => {
    const { tokens, clock } = sourceOver((n) => grantedWith(n, over));
    const { expiresAt } = await tokens.get();
    expect(expiresAt.getTime()).toBe(clock.wall() + lifetimeMs);
  });

  test('a wall clock that is set back does not make an old token live longer', async () => {
    const { tokens, clock } = sourceOver(granted);
    await tokens.get();
    clock.setWallBy(-2 * HOUR);
    clock.advance(HOUR);
    expect((await tokens.get()).value).toBe('token-2');
  });

  test('a machine that slept past the deadline fetches a new token', async () => {
    const { tokens, clock } = sourceOver(granted);
    await tokens.get();
    clock.setWallBy(2 * HOUR);
    expect(tokens.peek()).toBeUndefined();
    expect((await tokens.get()).value).toBe('token-2');
    expect(tokens.peek()?.value).toBe('token-2');
  });

  test('a refresh that fails for a transient reason leaves the old token in use until it has truly expired', async () => {
    const { tokens, clock } = sourceOver((n) => (n === 1 ? granted(1) : json({}, 503)), { refreshAhead: false });
    await tokens.get();
    clock.advance(HOUR - 30 * SECOND);
    expect((await clock.through(tokens.get())).value).toBe('token-1');
    expect((await clock.through(tokens.get())).value).toBe('token-1');
    clock.advance(30 * SECOND);
    await expect(clock.through(tokens.get())).rejects.toMatchObject({ code: 'token_request_failed', status: 503 });
  });

  test('a refresh that is rejected does not', async () => {
    const { tokens, clock } = sourceOver((n) => (n === 1 ? granted(1) : json({ error: 'invalid_client' }, 400)));
    await tokens.get();
    clock.advance(HOUR - 10 * SECOND);
    await expect(tokens.get()).rejects.toMatchObject({ code: 'invalid_client' });
  });

  test('clear forgets the token; a request under way serves its waiters and is not kept', async () => {
    const answer = deferred<Response>();
    const { tokens, calls } = sourceOver((n) => (n === 1 ? answer.promise : granted(n)));
    const waiter = tokens.get();
    tokens.clear();
    expect((await tokens.get()).value).toBe('token-2');
    answer.give(granted(1));
    expect((await waiter).value).toBe('token-1');
    expect(tokens.peek()?.value).toBe('token-2');
    tokens.clear();
    expect(tokens.peek()).toBeUndefined();
    expect(calls).toHaveLength(2);
  });
});

describe('a token for each scope', () => {
  test('spellings that mean the same share a token, and go out API scopes first', async () => {
    const { tokens, calls } = sourceOver(granted, {
      scope: ' private  paymentinitiation\naccountinformation private ',
    });
    await tokens.get();
    await tokens.get({ scope: ['paymentinitiation', 'accountinformation'], context: 'private' });
    await tokens.get({ scope: 'accountinformation private paymentinitiation' });
    await tokens.get({ context: 'private' });
    expect(calls.map(({ form }) => form.get('scope'))).toEqual(['accountinformation paymentinitiation private']);
  });

  test('a request overrides the PSU context, or the API scopes, or both', async () => {
    const { tokens, calls } = sourceOver(granted);
    await tokens.get({ context: 'corporate' });
    await tokens.get({ scope: 'paymentinitiation' });
    await tokens.get({ scope: 'paymentinitiation private', context: 'corporate' });
    expect(calls.map(({ form }) => form.get('scope'))).toEqual([
      'accountinformation corporate',
      'paymentinitiation private',
      'paymentinitiation corporate',
    ]);
  });

  test('the scope of a token is the one the server names, or else the requested one', async () => {
    const { tokens } = sourceOver((n) => grantedWith(n, n === 1 ? {} : { scope: 'accountinformation' }));
    expect((await tokens.get()).scope).toBe('accountinformation private');
    expect((await tokens.get({ context: 'corporate' })).scope).toBe('accountinformation');
  });

  test('a word that the platform does not list is accepted, with an event', async () => {
    const { tokens, events, calls } = sourceOver(granted, { scope: 'acountinformation private' });
    await tokens.get();
    await tokens.get({ scope: 'futureservice' });
    await tokens.get({ scope: 'futureservice' });
    expect(events('scope.unrecognised').map(({ word }) => word)).toEqual(['acountinformation', 'futureservice']);
    expect(calls).toHaveLength(2);
  });
});

describe('single flight', () => {
  test('callers at the same time share one request, whatever their spelling', async () => {
    const { tokens, calls } = sourceOver(granted);
    const got = await Promise.all([
      tokens.get(),
      tokens.get({ context: 'private' }),
      tokens.get({ scope: ['accountinformation'] }),
    ]);
    expect(new Set(got).size).toBe(1);
    expect(calls).toHaveLength(1);
  });

  test('all callers of a failed request get its error, and later callers do not', async () => {
    const { tokens, clock, calls } = sourceOver((n) => (n <= 3 ? json({}, 500) : granted(n)));
    const failed = await clock.through(Promise.allSettled([tokens.get(), tokens.get()]));
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    clock.advance(SECOND);
    expect((await tokens.get()).value).toBe('token-4');
    expect(calls).toHaveLength(4);
  });

  test('a listener that asks for a token on the event of a request joins that request', async () => {
    const joined: Promise<unknown>[] = [];
    const { tokens, calls } = sourceOver(granted, {
      onEvent: ({ type }) => {
        if (type === 'token.requested') joined.push(tokens.get());
      },
    });
    await Promise.all([tokens.get(), ...joined]);
    expect(calls).toHaveLength(1);
  });

  test("a caller's abort ends its own wait, with its own reason; the request goes on for the others", async () => {
    const answer = deferred<Response>();
    const called = deferred<void>();
    const { tokens, calls } = sourceOver(() => {
      called.give();
      return answer.promise;
    });
    const reason = new Error('changed my mind');
    const controller = new AbortController();
    const impatient = tokens.get({ signal: controller.signal });
    const patient = tokens.get();
    await called.promise;
    controller.abort(reason);
    await expect(impatient).rejects.toBe(reason);
    expect(calls[0]?.init.signal?.aborted).toBe(false);
    answer.give(granted(1));
    expect((await patient).value).toBe('token-1');
  });

  test('a signal that is aborted already starts nothing, even with a token at hand', async () => {
    const { tokens, calls } = sourceOver(granted);
    await expect(tokens.get({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    await tokens.get();
    await expect(tokens.get({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    expect(calls).toHaveLength(1);
  });

  test('a request that fails after its only caller has left causes no unhandled rejection', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    const answer = deferred<Response>();
    const { tokens, events } = sourceOver(() => answer.promise);
    const controller = new AbortController();
    const caller = tokens.get({ signal: controller.signal }).catch(() => {});
    controller.abort();
    await caller;
    answer.fail(new TypeError('fetch failed'));
    await until(() => events('token.failed').length > 0);
    await settle();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('renewing a rejected token', () => {
  test('one that is still held is dropped and replaced, once for all who ask', async () => {
    const { tokens, calls } = sourceOver(granted);
    const old = await tokens.get();
    const renewed = await Promise.all([tokens.renew(old), tokens.renew(old.value), tokens.renew(old)]);
    expect(renewed.map((token) => token?.value)).toEqual(['token-2', 'token-2', 'token-2']);
    expect(calls).toHaveLength(2);
  });

  test('one that has been replaced already costs nothing, however late its 401 comes', async () => {
    const { tokens, calls } = sourceOver(granted);
    const old = await tokens.get();
    await tokens.renew(old);
    expect((await tokens.renew(old))?.value).toBe('token-2');
    expect(calls).toHaveLength(2);
  });

  test('a get during the renewal waits for the new token', async () => {
    const answer = deferred<Response>();
    const { tokens } = sourceOver((n) => (n === 1 ? granted(1) : answer.promise));
    const renewal = tokens.renew(await tokens.get());
    const caller = tokens.get();
    expect(tokens.peek()).toBeUndefined();
    answer.give(granted(2));
    expect((await caller).value).toBe('token-2');
    expect((await renewal)?.value).toBe('token-2');
  });

  test('the same token again does not count as a renewal', async () => {
    const { tokens } = sourceOver(() => granted(1));
    expect(await tokens.renew(await tokens.get())).toBeUndefined();
  });

  test('a token of one scope says nothing about the other', async () => {
    const { tokens, calls } = sourceOver(granted);
    const personal = await tokens.get();
    await tokens.get({ context: 'corporate' });
    await tokens.renew(personal);
    expect(tokens.peek({ context: 'corporate' })?.value).toBe('token-2');
    expect(calls).toHaveLength(3);
  });

  test('a renewal that fails rejects with the error of the token request', async () => {
    const { tokens } = sourceOver((n) => (n === 1 ? granted(1) : json({ error: 'invalid_client' }, 401)));
    await expect(tokens.renew(await tokens.get())).rejects.toMatchObject({ code: 'invalid_client', status: 401 });
  });

  test('the signal ends a renewal only for its caller', async () => {
    const answer = deferred<Response>();
    const { tokens } = sourceOver((n) => (n === 1 ? granted(1) : answer.promise));
    const old = await tokens.get();
    const controller = new AbortController();
    const impatient = tokens.renew(old, { signal: controller.signal });
    const patient = tokens.renew(old);
    controller.abort();
    await expect(impatient).rejects.toMatchObject({ name: 'AbortError' });
    answer.give(granted(2));
    expect((await patient)?.value).toBe('token-2');
  });
});

describe('events', () => {
  test('say why a token was requested and with which result, without the token', async () => {
    const { tokens, clock, all } = sourceOver((n) => (n === 4 ? json({ error: 'invalid_scope' }, 400) : granted(n)));
    const first = await tokens.get();
    await tokens.renew(first);
    clock.advance(HOUR);
    await tokens.get();
    await tokens.get({ context: 'corporate' }).catch(() => {});
    const scope = 'accountinformation private';
    // SHA-256 of "token-1", "token-2", "token-3", as `printf token-1 | sha256sum` has it.
    const rest = { lifetimeMs: HOUR, durationMs: 0 };
    const received = (reason: string, token: string) => ({ type: 'token.received', scope, reason, token, ...rest });
    expect(all).toMatchObject([
      { type: 'token.requested', scope, reason: 'missing' },
      received('missing', '3f08aace'),
      { type: 'token.requested', scope, reason: 'rejected' },
      received('rejected', '0f6bffa9'),
      { type: 'token.requested', scope, reason: 'expiring' },
      received('expiring', 'a2f2b0b5'),
      { type: 'token.requested', scope: 'accountinformation corporate', reason: 'missing' },
      expect.objectContaining({
        type: 'token.failed',
        reason: 'missing',
        code: 'invalid_scope',
        status: 400,
        retryAt: new Date(clock.wall() + 30_000),
        oauthError: 'invalid_scope',
      }),
    ]);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('from the listener');
      },
    ],
    ['rejects', async () => Promise.reject(new Error('from the listener'))],
  ])('a listener that %s changes nothing', async (_, onEvent) => {
    const { tokens } = sourceOver(granted, { onEvent });
    expect((await tokens.get()).value).toBe('token-1');
    await settle();
  });
});
