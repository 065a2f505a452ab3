import { openBankingFetch } from '@open-banking-auth/core';
import { fetchCalls, fetchFor } from './fetch-bare.mjs';
import { configOf, ours } from './ours.mjs';

export const oursFetch = {
  ...ours,
  name: '@open-banking-auth/core, fetch',
  client: 'fetch',
  open: async ({ address, stub }) => fetchCalls(openBankingFetch(configOf(address), { fetch: fetchFor(stub) }), stub),
};
