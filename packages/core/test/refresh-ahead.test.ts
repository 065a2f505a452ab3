import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { FakeClock, HOUR, SECOND } from '@open-banking-auth/test-kit/fake-clock';
import {
  CONFIG,
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

/** Moments before the deadline of an hour's token at which its renewal begins, for what chance gives. */
async function beginsBefore(random: number, expiresIn = 3600): Promise<number> {
  const clock = new FakeClock();
  let calls = 0;
  const fetch = async () => grantedWith(++calls, { expires_in: expiresIn });
  const tokens = createTokenSource({ ...CONFIG, fetch }, { clock, random: () => random });
  await tokens.get();
  const stepMs = expiresIn; // a thousandth of the lifetime
  for (let left = expiresIn * SECOND; left > 0; left -= stepMs) {
    await tokens.get();
    await settle();
    if (calls > 1) return left / SECOND;
    clock.advance(stepMs);
  }
  throw new Error('It never began');
}

describe('refresh ahead', () => {
  test.each([
    [0, 120],
    [0.5, 90],
    [1, 60],
  ])('with %d as the random number, begins at the first use from %i s before the deadline', async (random, seconds) => {
    expect(await beginsBefore(random)).toBeGreaterThan(seconds - 3.6);
    expect(await beginsBefore(random)).toBeLessThanOrEqual(seconds);
  });

  test('of a short-lived token begins within the last tenth, and before callers would have to wait', async () => {
    expect(await beginsBefore(0, 60)).toBeCloseTo(6, 0);
    const last = await beginsBefore(1, 60);
    expect(last).toBeLessThanOrEqual(3.1);
    expect(last).toBeGreaterThan(2.9);
  });

  test('delays nobody: the request that starts it goes out at once with the token it has', async () => {
    const answer = deferred<Response>();
    const { tokens, clock, calls, events } = sourceOver((n) => (n === 1 ? granted(1) : answer.promise));
    await tokens.get();
    clock.advance(HOUR - 60 * SECOND);
    const sent: (string | null)[] = [];
    const fetch = openBankingFetch(tokens, {
      fetch: async (_input, init) => {
        sent.push(new Headers(init?.headers).get('authorization'));
        return json({});
      },
    });
    await Promise.all([fetch('https://api.test.invalid/1'), fetch('https://api.test.invalid/2')]);
    await until(() => calls.length === 2);
    expect(events('token.requested').at(-1)).toMatchObject({ reason: 'ahead' });
    answer.give(granted(2));
    await until(() => tokens.peek()?.value === 'token-2');
    await fetch('https://api.test.invalid/3');
    expect(sent).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
    expect(calls).toHaveLength(2);
  });

  test('happens only on use: peek starts nothing, and an idle source sets no timers', async () => {
    const { tokens, clock, calls } = sourceOver(granted);
    await tokens.get();
    clock.advance(HOUR - 60 * SECOND);
    expect(tokens.peek()?.value).toBe('token-1');
    await settle();
    expect(calls).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  test('that fails leaves the token in use, is tried once, and again 30 s later', async () => {
    const { tokens, clock, calls, events } = sourceOver((n) => (n === 1 ? granted(1) : json({}, 503)), {}, 0);
    await tokens.get();
    clock.advance(HOUR - 120 * SECOND);
    for (let second = 0; second < 30; second++) {
      expect((await tokens.get()).value).toBe('token-1');
      await settle();
      clock.advance(SECOND - 1);
    }
    expect(calls).toHaveLength(2);
    expect(events('token.failed')).toEqual([expect.objectContaining({ reason: 'ahead', status: 503 })]);
    clock.advance(30);
    expect((await tokens.get()).value).toBe('token-1');
    await until(() => calls.length === 3);
  });

  test('that fails while a caller waits for it is followed by a request with the usual attempts', async () => {
    const answer = deferred<Response>();
    const answers = [granted(1), answer.promise, json({}, 503), granted(4)];
    const { tokens, clock, calls } = sourceOver((n) => answers[n - 1] ?? Response.error());
    await tokens.get();
    clock.advance(HOUR - 60 * SECOND);
    await tokens.get();
    await until(() => calls.length === 2);
    clock.advance(60 * SECOND);
    const caller = tokens.get();
    answer.fail(new TypeError('fetch failed'));
    expect((await clock.through(caller)).value).toBe('token-4');
  });

  test.each([
    [60, 0],
    [60, 1],
    [3_600, 1],
  ])(
    'of %i s tokens from an endpoint that takes 200 ms lets no caller wait, whatever chance gives (%d)',
    async (lifetime, random) => {
      const clock = new FakeClock();
      let calls = 0;
      const fetch = async () => {
        calls++;
        await new Promise<void>((resolve) => clock.after(200, resolve));
        return grantedWith(calls, { expires_in: lifetime });
      };
      const tokens = createTokenSource({ ...CONFIG, fetch }, { clock, random: () => random });
      await clock.through(tokens.get());
      clock.advance((lifetime - 10 - (lifetime === 60 ? 0 : 115)) * SECOND);
      for (let ms = 0; ms < 130 * SECOND; ms += lifetime === 60 ? 20 : 100) {
        expect(tokens.peek()).toBeDefined();
        await tokens.get();
        if (calls > 1) await settle();
        clock.advance(lifetime === 60 ? 20 : 100);
        if (calls > 1 && tokens.peek()?.value === 'token-2') return;
      }
      throw new Error('It was never renewed');
    },
  );

  test('that fails causes no unhandled rejection', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    const { tokens, clock, events } = sourceOver((n) =>
      n === 1 ? granted(1) : Promise.reject(new TypeError('fetch failed')),
    );
    await tokens.get();
    clock.advance(HOUR - 60 * SECOND);
    await tokens.get();
    await until(() => events('token.failed').length === 1);
    await settle();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test('can be switched off', async () => {
    const { tokens, clock, calls } = sourceOver(granted, { refreshAhead: false });
    await tokens.get();
    clock.advance(HOUR - 30 * SECOND - 1);
    await tokens.get();
    await settle();
    expect(calls).toHaveLength(1);
  });

  test('that brings the same token again is not repeated for 10 s', async () => {
    const { tokens, clock, calls } = sourceOver(() => granted(1));
    await tokens.get();
    clock.advance(HOUR - 60 * SECOND);
    await tokens.get();
    await until(() => calls.length === 2);
    for (let second = 0; second < 9; second++) {
      await tokens.get();
      await settle();
      clock.advance(SECOND);
    }
    expect(calls).toHaveLength(2);
  });

  test('a caching server that issues one token until it expires costs a few requests, not one for each call', async () => {
    const clock = new FakeClock();
    let calls = 0;
    const ends = clock.wall() + HOUR;
    const fetch = async () => {
      calls++;
      const left = ends - clock.wall();
      return left > 0 ? grantedWith(1, { expires_in: left / SECOND }) : granted(2);
    };
    const tokens = createTokenSource({ ...CONFIG, fetch }, { clock, random: () => 0.5 });
    await tokens.get();
    clock.advance(HOUR - 100 * SECOND);
    for (let step = 0; step < 990; step++) {
      await tokens.get();
      if (step % 10 === 0) await settle();
      clock.advance(100);
    }
    expect(calls).toBeLessThanOrEqual(11);
    clock.advance(2 * SECOND);
    expect((await tokens.get()).value).toBe('token-2');
  });
});

describe('clocks', () => {
  test('a token that expires before its response is complete is never sent', async () => {
    const { tokens, clock } = sourceOver((n) => {
      if (n === 1) clock.advance(3 * SECOND);
      return grantedWith(n, { expires_in: 2 });
    });
    await expect(tokens.get()).rejects.toMatchObject({
      code: 'token_response_invalid',
      problem: expect.stringContaining('had expired'),
    });
    expect(tokens.peek()).toBeUndefined();
  });

  test('a token that arrives just before it expires is used until then, not requested for each call', async () => {
    const { tokens, clock, calls } = sourceOver((n) => {
      if (n === 1) clock.advance(1_960);
      return grantedWith(n, { expires_in: 2 });
    });
    expect((await tokens.get()).value).toBe('token-1');
    clock.advance(39);
    expect((await tokens.get()).value).toBe('token-1');
    expect(calls).toHaveLength(1);
    clock.advance(1);
    expect((await tokens.get()).value).toBe('token-2');
  });

  test.each([1, 2, 60, 600, 3_600, 86_400])(
    'tokens of %i s, used all the time, are renewed about once a lifetime and never sent late',
    async (lifetime) => {
      const clock = new FakeClock();
      const deadlines = new Map<string, number>();
      const fetch = async () => {
        deadlines.set(`token-${deadlines.size + 1}`, clock.wall() + lifetime * SECOND);
        return grantedWith(deadlines.size, { expires_in: lifetime });
      };
      const tokens = createTokenSource({ ...CONFIG, fetch }, { clock, random: () => 0.5 });
      for (let step = 0; step < 300; step++) {
        const { value } = await tokens.get();
        expect(deadlines.get(value)).toBeGreaterThan(clock.wall());
        await settle();
        clock.advance(lifetime * 33);
      }
      expect(deadlines.size).toBeLessThanOrEqual(13);
    },
  );

  test.each([
    ['set forward', 2 * HOUR],
    ['set back', -2 * HOUR],
  ])('a wall clock that is %s costs one token request, not one for each call', async (_, byMs) => {
    const { tokens, clock, calls } = sourceOver(granted);
    await tokens.get();
    clock.setWallBy(byMs);
    for (let call = 0; call < 10; call++) {
      await tokens.get();
      clock.advance(SECOND);
    }
    expect(calls.length).toBeLessThanOrEqual(2);
  });
});
