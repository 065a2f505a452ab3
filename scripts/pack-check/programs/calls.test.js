const { openBankingAuth } = require('@open-banking-auth/axios');
const { isOpenBankingAuthError, openBankingFetch } = require('@open-banking-auth/core');
const { startSandbox } = require('@open-banking-auth/sandbox');
const axios = require('axios');

test.each(JSON.parse(process.env.ENTRIES))('%s loads', (specifier) => {
  expect(Object.keys(require(specifier))).not.toEqual([]);
});

test('calls', async () => {
  const sandbox = await startSandbox();
  const banks = `${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`;
  axios.interceptors.request.use(openBankingAuth(sandbox.config));
  expect((await axios.get(banks)).data.aspsps).toHaveLength(2);
  const refused = openBankingFetch({ ...sandbox.config, clientSecret: 'not-its-secret' });
  expect(isOpenBankingAuthError(await refused(banks).catch((error) => error))).toBe(true);
  await sandbox.close();
});
