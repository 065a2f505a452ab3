// An application whose own code is ES modules, over a library that is CommonJS: two copies of the core in one process.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as esm from '@open-banking-auth/core';
import { openBankingAuth as kyAuth } from '@open-banking-auth/ky';
import { startSandbox } from '@open-banking-auth/sandbox';
import ky from 'ky';

const require = createRequire(import.meta.url);
const cjs = require('@open-banking-auth/core');
const { openBankingAuth: axiosAuth } = require('@open-banking-auth/axios');
const axios = require('axios');
assert.notEqual(esm.createTokenSource, cjs.createTokenSource, 'there is one copy, so this program shows nothing');

const sandbox = await startSandbox();
const banks = `${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`;
for (const { createTokenSource } of [esm, cjs]) {
  const tokens = createTokenSource(sandbox.config);
  const instance = axios.create();
  instance.interceptors.request.use(axiosAuth(tokens));
  await Promise.all([
    instance.get(banks),
    ky.extend(kyAuth(tokens))(banks),
    esm.openBankingFetch(tokens)(banks),
    cjs.openBankingFetch(tokens)(banks),
  ]);
}
assert.equal(sandbox.stats().tokensIssued, 2, 'one token for each source');

for (const [maker, other] of [
  [esm, cjs],
  [cjs, esm],
]) {
  const wrong = maker.createTokenSource({ ...sandbox.config, clientSecret: 'not-its-secret' });
  const error = await wrong.get().catch((reason) => reason);
  assert.equal(error instanceof other.OpenBankingAuthError, false);
  assert.equal(other.isOpenBankingAuthError(error), true);
  assert.equal(error.code, 'invalid_client');
  // From one copy's source through the other copy's client.
  const thrown = await other
    .openBankingFetch(wrong)(banks)
    .catch((reason) => reason);
  assert.equal(esm.isOpenBankingAuthError(thrown) && cjs.isOpenBankingAuthError(thrown), true);
}
await sandbox.close();
