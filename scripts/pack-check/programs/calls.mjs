import assert from 'node:assert/strict';
import { openBankingAuth as axiosAuth } from '@open-banking-auth/axios';
import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { openBankingAuth as kyAuth } from '@open-banking-auth/ky';
import { startSandbox } from '@open-banking-auth/sandbox';
import axios from 'axios';
import ky from 'ky';

const sandbox = await startSandbox();
const banks = `${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`;
const tokens = createTokenSource(sandbox.config);
const fetch = openBankingFetch(tokens);
axios.interceptors.request.use(axiosAuth(tokens));
const api = ky.extend(kyAuth(tokens));

for (const expected of [1, 2]) {
  assert.equal((await axios.get(banks)).data.aspsps.length, 2);
  assert.equal((await api(banks).json()).aspsps.length, 2);
  assert.equal((await fetch(banks)).status, 200);
  assert.equal(sandbox.stats().tokensIssued, expected);
  sandbox.revokeTokens();
}
await sandbox.close();
