const assert = require('node:assert/strict');
const { openBankingAuth: axiosAuth } = require('@open-banking-auth/axios');
const { createTokenSource, openBankingFetch } = require('@open-banking-auth/core');
const { openBankingAuth: kyAuth } = require('@open-banking-auth/ky');
const { startSandbox } = require('@open-banking-auth/sandbox');
const axios = require('axios');

async function main() {
  const { default: ky } = await import('ky');
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
}

void main();
