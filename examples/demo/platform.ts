import { createTokenSource, isOpenBankingAuthError } from '@open-banking-auth/core';
import { bankReaders } from './banks.ts';
import { createClients } from './clients.ts';
import { Narrator } from './narrator.ts';
import { heading, paragraph } from './screen.ts';

const API_URLS = {
  production: 'https://api.openbankingplatform.com',
  sandbox: 'https://api.sandbox.openbankingplatform.com',
};

/** Slightly longer than a token request may take in total (15 s), because its own error says more than an abort. */
const PATIENCE_MS = 16_000;

/** Fetches the real platform's bank list with the credentials from the environment. `true` if each client got it. */
export async function callPlatform(): Promise<boolean> {
  const environment = process.env.OPEN_BANKING_ENVIRONMENT || 'sandbox';
  if (environment !== 'production' && environment !== 'sandbox') {
    paragraph(`OPEN_BANKING_ENVIRONMENT is "${environment}"; it must be "production" or "sandbox".`);
    return false;
  }
  const apiUrl = API_URLS[environment];
  heading(`The bank list of the platform's ${environment} (${apiUrl})`);
  const narrator = new Narrator(console.log);
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    const tokens = createTokenSource({
      environment,
      clientId: process.env.OPEN_BANKING_CLIENT_ID,
      clientSecret: process.env.OPEN_BANKING_CLIENT_SECRET,
      tokenUrl: process.env.OPEN_BANKING_TOKEN_URL || undefined,
      scope: process.env.OPEN_BANKING_SCOPE || 'accountinformation private',
      onEvent: narrator.onEvent,
    });
    const readers = bankReaders(createClients(tokens, apiUrl), apiUrl);
    for (const [client, read] of Object.entries(readers)) {
      narrator.say(client, 'asks for the bank list');
      const names = await read(patience);
      narrator.say(client, `got it: ${names.length} banks`);
    }
    heading(`All three got it; tokens requested: ${narrator.count('token.requested')}.`);
    return true;
  } catch (error) {
    heading('That did not work');
    if (patience.aborted) paragraph(`The platform did not respond within ${PATIENCE_MS / 1_000} seconds.`);
    else paragraph(error instanceof Error ? error.message : String(error));
    if (isOpenBankingAuthError(error)) paragraph(`(${error.name}, code ${error.code})`);
    return false;
  }
}
