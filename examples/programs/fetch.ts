// fetch: the wrapper takes and gives what fetch does, so it fits wherever a fetch is asked for.
import { isOpenBankingAuthError, openBankingFetch } from '@open-banking-auth/core';
import { startSandbox } from '@open-banking-auth/sandbox';

const sandbox = await startSandbox(); // in place of the platform
const banks = `${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`;

const fetch = openBankingFetch(sandbox.config);
const answers = await Promise.all(Array.from({ length: 100 }, () => fetch(banks)));
console.log(`${answers.filter(({ ok }) => ok).length} answers with ${sandbox.stats().tokensIssued} token`);

const mistaken = openBankingFetch({ ...sandbox.config, clientSecret: 'not-the-secret' });
try {
  await mistaken(banks);
} catch (error) {
  if (!isOpenBankingAuthError(error)) throw error;
  console.log(`${error.code}: ${error.hint}`);
}

await sandbox.close();
