import { openBankingAuth } from '@open-banking-auth/ky';
import { kyCalls, kyInstance } from './ky-bare.mjs';
import { configOf, ours } from './ours.mjs';

export const openKy =
  (openBankingAuth) =>
  async ({ address, stub }) =>
    kyCalls(kyInstance(stub).extend(openBankingAuth(configOf(address))));

export const oursKy = {
  ...ours,
  name: '@open-banking-auth/ky',
  client: 'ky',
  open: openKy(openBankingAuth),
};
