import { type AuthEvent, createTokenSource } from '@open-banking-auth/core';
import { storeContract } from '@open-banking-auth/core/store-contract';
import { startSandbox } from '@open-banking-auth/sandbox';
import { keyvTokenStore } from '../keyv-store.ts';

describe('a token store over Keyv', () => {
  // One table for all, as an adapter of a database would have it.
  const table = new Map();
  const cases = storeContract(() => keyvTokenStore(table), { locks: false });
  for (const { name, run } of cases) test(name, run);

  test('shares a token between sources', async () => {
    await using sandbox = await startSandbox();
    for (let process = 0; process < 3; process++) {
      const store = keyvTokenStore(table);
      await createTokenSource({ ...sandbox.config, store }).get();
    }
    expect(sandbox.stats().tokenRequests).toBe(1);
  });

  test('reports that the database fails, and no request fails because of it', async () => {
    await using sandbox = await startSandbox();
    const down = () => Promise.reject(new Error('down'));
    const adapter = { opts: {}, get: down, set: down, delete: down, clear: down, on: () => {} };
    const events: AuthEvent[] = [];
    const onEvent = (event: AuthEvent) => void events.push(event);
    await createTokenSource({ ...sandbox.config, store: keyvTokenStore(adapter), onEvent }).get();
    expect(events.map(({ type }) => type)).toEqual(['store.failed', 'token.requested', 'token.received']);
  });
});
