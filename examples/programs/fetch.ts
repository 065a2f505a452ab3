// fetch: the wrapper has the same signature as fetch, so it fits wherever a fetch is expected.
import { isOpenBankingAuthError, openBankingFetch } from '@open-banking-auth/core';
import { startSandbox } from '@open-banking-auth/sandbox';

const sandbox = await startSandbox(); // stands in for the platform
const banks = `${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`;

const fetch = openBankingFetch(sandbox.config);
const responses = await Promise.all(Array.from({ length: 100 }, () => fetch(banks)));
console.log(`${responses.filter(({ ok }) => ok).length} responses with ${sandbox.stats().tokensIssued} token`);

const misconfigured = openBankingFetch({ ...sandbox.config, clientSecret: 'not-the-secret' });
try {
  await misconfigured(banks);
} catch (error) {
  if (!isOpenBankingAuthError(error)) throw error;
  console.log(`${error.code}: ${error.hint}`);
}

await sandbox.close();
