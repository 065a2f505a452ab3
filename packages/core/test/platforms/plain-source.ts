import { createTokenSource, type OpenBankingAuthConfig } from '@open-banking-auth/core';
import { FakeClock } from '@open-banking-auth/test-kit/fake-clock';
import { recordEvents } from '@open-banking-auth/test-kit/recorded-events';
import { granted, recordCalls, type TokenCall } from '@open-banking-auth/test-kit/token-endpoint';

export const HOSTS = { tokenUrl: 'https://auth.bank.invalid/token', apiOrigins: ['https://api.bank.invalid'] };
export const CLIENT = { clientId: 'an application', clientSecret: 'invented for tests' };
export const STORE_SECRET = 'only for tests: 32 characters, or more';

/** A source with the rules of no platform in particular, over a stubbed `fetch` and a fake clock. */
export function plainSource(
  configure: (fetch: typeof globalThis.fetch) => OpenBankingAuthConfig,
  answer: (n: number, call: TokenCall) => Response | Promise<Response> = granted,
) {
  const clock = new FakeClock();
  const { calls, fetch } = recordCalls(answer);
  const { all, events, onEvent } = recordEvents();
  const tokens = createTokenSource({ ...configure(fetch), onEvent }, { clock, random: () => 1 });
  return { tokens, clock, calls, all, events };
}

/** The message of the error for a configuration, whatever its types say. */
export function refusal(config: unknown): string {
  try {
    createTokenSource(config as OpenBankingAuthConfig);
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_config' });
    return (error as Error).message;
  }
  throw new Error('It was accepted');
}
