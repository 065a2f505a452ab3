import { openBankingAuth } from '@open-banking-auth/ky';
import { kyCalls, kyInstance } from './ky-bare.mjs';
import { configOf, ours } from './ours.mjs';

export const oursKy = {
  ...ours,
  name: '@open-banking-auth/ky',
  client: 'ky',
  open: async ({ address, stub }) => kyCalls(kyInstance(stub).extend(openBankingAuth(configOf(address)))),
};
