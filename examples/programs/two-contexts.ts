// Private persons and companies: one token each, selected by each request.
import { createTokenSource, openBankingFetch } from '@open-banking-auth/core';
import { startSandbox } from '@open-banking-auth/sandbox';

const sandbox = await startSandbox(); // stands in for the platform
const accounts = `${sandbox.apiUrl}/psd2/accountinformation/v1/accounts`;

const tokens = createTokenSource({ ...sandbox.config, scope: 'accountinformation private' });
const fetch = openBankingFetch(tokens);

/** The customer, and with it the context, is only known when the request is made. */
async function read(customer: { readonly consent: string; readonly company: boolean }): Promise<number> {
  const response = await fetch(accounts, {
    headers: { 'Consent-ID': customer.consent },
    openBanking: { context: customer.company ? 'corporate' : 'private' },
  });
  return response.status;
}

const customers = Array.from({ length: 10 }, (_, n) => ({ consent: `consent-${n}`, company: n % 2 === 1 }));
const statuses = await Promise.all(customers.map(read));
console.log(`${statuses.filter((status) => status === 200).length} customers served with these tokens:`);
console.log(sandbox.stats().tokensIssuedByScope);

await sandbox.close();
