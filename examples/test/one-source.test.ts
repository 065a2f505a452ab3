import { openBankingAuth as axiosAuth } from '@open-banking-auth/axios';
import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { openBankingAuth as kyAuth } from '@open-banking-auth/ky';
import { startSandbox } from '@open-banking-auth/sandbox';
import axios from 'axios';
import ky from 'ky';

test('one source serves axios, ky and fetch with one token and one flight', async () => {
  const sandbox = await startSandbox();
  const banks = `${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`;
  const tokens = createTokenSource(sandbox.config);
  const instance = axios.create();
  instance.interceptors.request.use(axiosAuth(tokens));
  const fetch = openBankingFetch(tokens);
  const api = ky.extend(kyAuth(tokens));
  const call = () => [instance.get(banks), fetch(banks), api(banks)];

  const answers = await Promise.all([...call(), ...call(), ...call()]);
  expect(answers.map(({ status }) => status)).toEqual(Array(9).fill(200));
  expect(sandbox.stats().tokenRequests).toBe(1);

  sandbox.revokeTokens();
  const healed = await Promise.all([...call(), ...call()]);
  expect(healed.map(({ status }) => status)).toEqual(Array(6).fill(200));
  expect(sandbox.stats().tokenRequests).toBe(2);
  await sandbox.close();
});
