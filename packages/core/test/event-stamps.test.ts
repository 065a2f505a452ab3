import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { CONFIG, granted, sourceOver } from '@open-banking-auth/test-kit/token-endpoint';

/** A fetch over an API that responds with these statuses, one after the other. */
function over(...statuses: number[]) {
  const { tokens, clock, all, events } = sourceOver((n) => granted(n));
  const fetch = openBankingFetch(tokens, {
    fetch: async () => new Response(null, { status: statuses.shift() ?? 200 }),
  });
  return { call: () => fetch(`${CONFIG.apiOrigins[0]}/psd2/x`), clock, all, events };
}

test('every event has the time at which it happened, by the wall clock', async () => {
  const { call, clock, all } = over();
  const before = clock.wall();
  await call();
  expect(all.map(({ type, at }) => [type, at])).toEqual([
    ['token.requested', new Date(before)],
    ['token.received', new Date(before)],
  ]);
});

test('an event counts the requests since the previous one whose response accepted the token: no 401, no 5xx', async () => {
  const { call, all } = over(200, 404, 503, 200, 401, 200, 200, 401, 200);
  for (let sent = 0; sent < 7; sent += 1) await call();
  expect(all.map(({ type, accepted }) => [type, accepted])).toEqual([
    ['token.requested', 0],
    ['token.received', 0],
    ['request.unauthorized', 3],
    ['token.requested', 0],
    ['token.received', 0],
    ['request.replayed', 0],
    ['request.unauthorized', 1],
    ['token.requested', 0],
    ['token.received', 0],
    ['request.replayed', 0],
  ]);
});

test('a 401 and the replay that follows it have one number, which no other request of the process has', async () => {
  const { call, events } = over(401, 200, 401, 200);
  const another = over(401, 200);
  await call();
  await another.call();
  await call();
  const numbers = events('request.unauthorized').map(({ request }) => request);
  expect(events('request.replayed').map(({ request }) => request)).toEqual(numbers);
  const all = [...numbers, ...another.events('request.unauthorized').map(({ request }) => request)];
  expect(new Set(all).size).toBe(3);
});

test('a replay says what came of it: a status, or none if there was no response', async () => {
  const { tokens, events } = sourceOver((n) => granted(n));
  const responses = [401, 204, 401, 'reset'];
  const send = async () => {
    const next = responses.shift();
    if (typeof next !== 'number') throw new Error('reset');
    return new Response(null, { status: next });
  };
  const call = () => openBankingFetch(tokens, { fetch: send })(`${CONFIG.apiOrigins[0]}/psd2/x`);
  await call();
  await expect(call()).rejects.toThrow('reset');
  expect(events('request.replayed').map(({ status }) => status)).toEqual([204, undefined]);
});

test('without a listener no token is hashed', async () => {
  const digest = jest.spyOn(crypto.subtle, 'digest');
  const fetch = async () => granted(1);
  try {
    await createTokenSource({ ...CONFIG, fetch }).get();
    expect(digest).not.toHaveBeenCalled();
    await createTokenSource({ ...CONFIG, fetch, onEvent: () => {} }).get();
    expect(digest).toHaveBeenCalled();
  } finally {
    digest.mockRestore();
  }
});
