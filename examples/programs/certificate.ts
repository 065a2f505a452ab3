// The client certificate that production requires in addition to the token, with every client.
import { openBankingAuth as axiosAuth } from '@open-banking-auth/axios';
import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { clientCertificate } from '@open-banking-auth/core/node';
import { openBankingAuth as kyAuth } from '@open-banking-auth/ky';
import { startSandbox } from '@open-banking-auth/sandbox';
import axios from 'axios';
import ky from 'ky';

const sandbox = await startSandbox({ clientCertificate: true }); // stands in for the platform
const banks = `${sandbox.apiUrl}/psd2/aspspinformation/v1/aspsps`;

// In production: { pfx: readFileSync('client.pfx'), passphrase: process.env.OPEN_BANKING_PFX_PASSPHRASE }.
const { pfx, passphrase, ca } = sandbox.clientCertificate;
const certificate = clientCertificate({ pfx, passphrase, ca });
console.log(`The certificate is valid until ${certificate.expiresAt.getUTCFullYear()}`);

const tokens = createTokenSource(sandbox.config);
const api = axios.create({ httpsAgent: certificate.agent });
api.interceptors.request.use(axiosAuth(tokens));
const kyApi = ky.create({ fetch: certificate.fetch }).extend(kyAuth(tokens));
const fetch = openBankingFetch(tokens, { fetch: certificate.fetch });

console.log('axios', (await api.get(banks)).status);
console.log('ky', (await kyApi(banks)).status);
console.log('fetch', (await fetch(banks)).status);
console.log('without it:', await openBankingFetch(tokens)(banks).catch(({ name }: Error) => name));

certificate.agent.destroy();
await sandbox.close();
