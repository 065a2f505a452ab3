import { type AccessToken, type AuthEvent, createTokenSource } from '@open-banking-auth/core';
import { type Sandbox, startSandbox } from '@open-banking-auth/sandbox';
import { expectNothingDisclosed } from './disclosures.js';
import { CANARY, CLIENT_ID, caught, FAILURES, type Failure, SECRET } from './privacy/failures.js';
import type { SearchedClient } from './privacy/searched-client.js';
import { sinksOf } from './sinks.js';
import { QUICK_CLOCK } from './token-endpoint.js';

/** Runs a client into every failure, and searches all that it leaves behind for the secret and every token. */
export function describePrivacy(client: SearchedClient): void {
  const own = Object.entries(client.failures ?? {}).map(([name, act]): [string, Failure] => [
    name,
    { warm: true, act },
  ]);
  const failures = [...Object.entries(FAILURES), ...own].map(
    ([name, failure], nth): [string, Failure & { readonly sinks: ReturnType<typeof sinksOf> }] => [
      name,
      { ...failure, sinks: sinksOf(nth) },
    ],
  );
  const searches = failures.reduce((sum, [, { sinks }]) => sum + sinks.length, 0);

  describe(`${client.name}: ${failures.length} ways to fail show no secret in ${searches} searches`, () => {
    let searched = 0;
    let sandbox: Sandbox;
    const written: string[] = [];
    beforeEach(async () => {
      written.length = 0;
      sandbox = await startSandbox({ clients: [{ clientId: CLIENT_ID, clientSecret: SECRET }] });
      for (const stream of [process.stdout, process.stderr]) {
        jest.spyOn(stream, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
      }
    });
    afterEach(async () => {
      jest.restoreAllMocks();
      await sandbox.close();
    });

    test.each(failures)('%s', async (_, { config, warm, arrange, act, sinks }) => {
      const issued = new Set([CANARY]);
      const events: AuthEvent[] = [];
      const overrides = config?.(sandbox) ?? {};
      const below = overrides.fetch ?? fetch;
      const tokens = createTokenSource(
        {
          ...sandbox.config,
          onEvent: (event) => void events.push(event),
          ...overrides,
          fetch: async (url, init) => {
            const response = await below(url, init);
            const collect = (text: string) => {
              for (const { 1: value = '' } of text.matchAll(/"access_token":"([^"]+)"/g)) issued.add(value);
            };
            void response
              .clone()
              .text()
              .then(collect, () => {});
            return response;
          },
        },
        { clock: QUICK_CLOCK },
      );
      const send = client.over(tokens);
      const banks = `${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`;
      let first: AccessToken | undefined;
      if (warm) first = await tokens.get();
      arrange?.(sandbox);
      const stage = { sandbox, tokens, banks, send };
      const outcome = await caught(act ? act(stage) : send(banks));
      expect(outcome).toBeDefined();

      if (warm) expect(issued.size).toBeGreaterThan(1);
      const left = [outcome, tokens, overrides.store, first, send, events, ...(Array.isArray(outcome) ? outcome : [])];
      const shown = sinks.map(([sink, show]) => {
        searched++;
        return [sink, left.map(show).join('\n')] as const;
      });
      shown.push(['what the library has printed itself', written.join('')]);
      expectNothingDisclosed(shown, [...issued, SECRET]);
    });

    test(`which makes ${searches} searches`, () => {
      expect(searched).toBe(searches);
      expect(searches).toBeGreaterThanOrEqual(200);
    });
  });
}
