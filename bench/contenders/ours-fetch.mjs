import { openBankingFetch } from '@open-banking-auth/core';
import { fetchCalls, fetchFor } from './fetch-bare.mjs';
import { configOf, ours } from './ours.mjs';

export const openFetch =
  (openBankingFetch) =>
  async ({ address, stub }) =>
    fetchCalls(openBankingFetch(configOf(address), { fetch: fetchFor(stub) }), stub);

export const oursFetch = {
  ...ours,
  name: '@open-banking-auth/core, fetch',
  client: 'fetch',
  open: openFetch(openBankingFetch),
};
