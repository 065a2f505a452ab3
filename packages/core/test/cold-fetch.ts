import { openBankingFetch } from '@open-banking-auth/core';
import { CONFIG, deferred, granted, json } from '@open-banking-auth/test-kit/token-endpoint';

/** A wrapper whose token comes when the test says so, and the requests that its transport got. */
export function coldFetch() {
  const token = deferred<void>();
  const arrived: Request[] = [];
  const config = {
    ...CONFIG,
    async fetch() {
      await token.promise;
      return granted(1);
    },
  };
  const below: typeof fetch = async (input, init) => {
    arrived.push(new Request(input, init));
    return json({});
  };
  return { api: openBankingFetch(config, { fetch: below }), arrived, giveToken: () => token.give() };
}
