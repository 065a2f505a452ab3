// ky: hooks that work together with a prefix, retries and hooks of your own.
import { openBankingAuth } from '@open-banking-auth/ky';
import { startSandbox } from '@open-banking-auth/sandbox';
import ky, { HTTPError } from 'ky';

const sandbox = await startSandbox(); // stands in for the platform

const api = ky
  .create({ prefix: `${sandbox.apiUrl}/psd2`, timeout: 10_000, retry: { limit: 2, delay: () => 100 } })
  .extend(openBankingAuth(sandbox.config));

interface Banks {
  readonly aspsps: readonly { readonly bicFi: string; readonly name: string }[];
}

sandbox.fault({ at: 'api', kind: 'status', status: 503, times: 1 }); // ky retries, with a token
const { aspsps } = await api('aspspinformation/v1/aspsps').json<Banks>();
for (const { bicFi, name } of aspsps) console.log(bicFi, name);

sandbox.fault({ at: 'api', kind: 'unauthorized', code: 'CONSENT_EXPIRED' }); // a new token would not help here
try {
  await api('accountinformation/v1/accounts', { headers: { 'Consent-ID': 'a-consent' } });
} catch (error) {
  if (!(error instanceof HTTPError)) throw error;
  console.log(`The bank says ${error.response.status}. Tokens in total: ${sandbox.stats().tokensIssued}`);
}

await sandbox.close();
