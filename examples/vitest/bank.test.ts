import { openBankingFetch } from '@open-banking-auth/core';
import { type Sandbox, startSandbox } from '@open-banking-auth/sandbox';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** The code under test: yours. */
async function bankNames(fetch: typeof globalThis.fetch, api: string): Promise<string[]> {
  const response = await fetch(`${api}/psd2/aspspinformation/v1/aspsps`);
  if (!response.ok) throw new Error(`The bank list is not available (${response.status})`);
  const { aspsps } = (await response.json()) as { aspsps: { name: string }[] };
  return aspsps.map(({ name }) => name);
}

let sandbox: Sandbox;
let read: () => Promise<string[]>;

beforeEach(async () => {
  sandbox = await startSandbox();
  const fetch = openBankingFetch(sandbox.config);
  read = () => bankNames(fetch, sandbox.apiUrl);
});
afterEach(async () => {
  vi.useRealTimers();
  await sandbox.close();
});

test('many readers share one token', async () => {
  await Promise.all(Array.from({ length: 20 }, read));
  expect(sandbox.stats()).toMatchObject({ tokensIssued: 1, apiAccepted: 20 });
});

test('a revoked token goes unnoticed', async () => {
  await read();
  sandbox.revokeTokens();
  expect(await read()).toContain('Testbanken AB');
  expect(sandbox.stats().tokensIssued).toBe(2);
});

test('an expired token is renewed', async () => {
  await read();
  // An hour later, on the wall clock only: HTTP needs the real timers.
  vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ['Date'] });
  await read();
  expect(sandbox.stats().tokensIssued).toBe(2);
});

test('an outage is reported as one', async () => {
  sandbox.fault({ at: 'api', kind: 'html', status: 502, times: 1 });
  await expect(read()).rejects.toThrow('The bank list is not available (502)');
});
