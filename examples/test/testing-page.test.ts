import { openBankingFetch } from '@open-banking-auth/core';
import { type Sandbox, startSandbox } from '@open-banking-auth/sandbox';

/** The code under test: yours. */
async function accountNames(fetch: typeof globalThis.fetch, api: string, consent: string): Promise<string[]> {
  const url = `${api}/psd2/accountinformation/v1/accounts`;
  const response = await fetch(url, { headers: { 'Consent-ID': consent } });
  if (response.status === 401) throw new Error('Please give your consent again');
  if (!response.ok) throw new Error(`The bank is not available (${response.status})`);
  const { accounts } = (await response.json()) as { accounts: { name: string }[] };
  return accounts.map(({ name }) => name);
}

let sandbox: Sandbox;
let read: () => Promise<string[]>;

beforeEach(async () => {
  sandbox = await startSandbox();
  const fetch = openBankingFetch(sandbox.config);
  read = () => accountNames(fetch, sandbox.apiUrl, 'a-consent');
});
afterEach(() => sandbox.close());

test('many readers share one token', async () => {
  await Promise.all(Array.from({ length: 20 }, read));
  expect(sandbox.stats()).toMatchObject({ tokensIssued: 1, apiAccepted: 20 });
});

test('a revoked token goes unnoticed', async () => {
  await read();
  sandbox.revokeTokens();
  expect(await read()).toEqual(['Driftkonto']);
  expect(sandbox.stats().tokensIssued).toBe(2);
});

test('an expired token is renewed', async () => {
  await read();
  // An hour later, on the wall clock only: HTTP needs the real timers.
  const real = [
    'hrtime',
    'nextTick',
    'performance',
    'queueMicrotask',
    'setImmediate',
    'setInterval',
    'setTimeout',
  ] as const;
  jest.useFakeTimers({
    now: Date.now() + 3_600_000,
    doNotFake: [...real, 'clearImmediate', 'clearInterval', 'clearTimeout'],
  });
  await read();
  jest.useRealTimers();
  expect(sandbox.stats().tokensIssued).toBe(2);
});

test('an expired consent is reported to the user, and costs no token', async () => {
  sandbox.fault({ at: 'api', kind: 'unauthorized', code: 'CONSENT_EXPIRED' });
  await expect(read()).rejects.toThrow('Please give your consent again');
  expect(sandbox.stats().tokensIssued).toBe(1);
});

test('an outage of the bank is reported as one', async () => {
  sandbox.fault({ at: 'api', kind: 'html', status: 502, times: 1 });
  await expect(read()).rejects.toThrow('The bank is not available (502)');
});

test('a rejected secret is an error with a code', async () => {
  sandbox.fault({ at: 'token', kind: 'wrong-secret' });
  await expect(read()).rejects.toMatchObject({ code: 'invalid_client' });
});

test('every call has the headers that the bank needs', async () => {
  await read();
  expect(sandbox.requests.at(-1)?.headers).toMatchObject({ 'consent-id': 'a-consent' });
});
