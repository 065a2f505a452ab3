import { openBankingFetch } from '@open-banking-auth/core';
import {
  fetchPlans,
  isFinal,
  type FetchPlan,
  prepareFetch,
} from '@open-banking-auth/test-kit/transparency/fetch-requests';
import { describeTransparency } from '@open-banking-auth/test-kit/transparency/suite';
import * as undici from 'undici';

const transports = { global: globalThis.fetch, undici: undici.fetch as unknown as typeof fetch };

describeTransparency<FetchPlan>({
  name: 'fetch',
  plans: fetchPlans,
  found: {},
  isFinal,
  prepare(plan, bench) {
    const fetch = transports[plan.transport];
    return prepareFetch(plan, bench, bench.tokens ? openBankingFetch(bench.tokens, { fetch }) : fetch);
  },
});
