import { openBankingFetch } from '@open-banking-auth/core';
import { BANKS, config, describeDoubles, play } from '@open-banking-auth/test-kit/doubles-suite';
import { MockAgent, fetch as undiciFetch } from 'undici';

// Each has patched the global fetch by the time the wrapper is made, or does so later: both must do.
describeDoubles('fetch, made before the double is set up', async (setUp) => {
  const fetch = openBankingFetch(config);
  setUp();
  return (await fetch(BANKS)).json();
});
describeDoubles('fetch, made after the double is set up', async (setUp) => {
  setUp();
  return (await openBankingFetch(config)(BANKS)).json();
});

test("undici's own fetch with a MockAgent serves for requests and tokens, by the two fetch options", async () => {
  const agent = new MockAgent();
  agent.disableNetConnect();
  play(agent);
  // Its types and those of the global fetch describe the same by different classes.
  const mocked = ((url: string, init: object) =>
    undiciFetch(url, { ...init, dispatcher: agent })) as typeof globalThis.fetch;
  const fetch = openBankingFetch({ ...config, fetch: mocked }, { fetch: mocked });
  expect(await (await fetch(BANKS)).json()).toEqual({ aspsps: [] });
  agent.assertNoPendingInterceptors();
  await agent.close();
});
