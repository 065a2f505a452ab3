// axios: one line attaches the token, renews it, and recovers from a 401 that a new token can fix.
import { openBankingAuth } from '@open-banking-auth/axios';
import { startSandbox } from '@open-banking-auth/sandbox';
import axios from 'axios';

const sandbox = await startSandbox(); // stands in for the platform

const api = axios.create({ baseURL: sandbox.apiUrl, timeout: 10_000 });
api.interceptors.request.use(openBankingAuth(sandbox.config));

interface Banks {
  readonly aspsps: readonly { readonly bicFi: string; readonly name: string }[];
}

const { data } = await api.get<Banks>('/psd2/aspspinformation/v1/aspsps');
for (const { bicFi, name } of data.aspsps) console.log(bicFi, name);

sandbox.revokeTokens(); // the platform drops all tokens, and callers do not notice
const { status } = await api.get('/psd2/aspspinformation/v1/aspsps');
console.log(`After a revocation: ${status}. Tokens in total: ${sandbox.stats().tokensIssued}`);

await sandbox.close();
